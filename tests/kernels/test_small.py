"""float16 and bfloat16: every one of the 65,536 inputs of each is correctly rounded."""

import ml_dtypes
import numpy as np
import pytest
from reference import exact, in_dtype

import nonlin as nl

# Bits behind the point and the exponent of the smallest normal number.
FORMATS = {np.dtype(np.float16): (10, -14), np.dtype(ml_dtypes.bfloat16): (7, -126)}


def rounded(y, dtype):
    """Round doubles to nearest, ties to even, by counting units in the last place."""
    significand, smallest = FORMATS[dtype]
    exponent = np.maximum(np.frexp(y)[1] - 1, smallest)
    unit = np.ldexp(1.0, exponent - significand)
    with np.errstate(over="ignore"):
        whole = np.where(np.isfinite(y), np.rint(y / unit) * unit, y)
        return whole.astype(np.float32).astype(dtype)


def expected(activation, x, derivative):
    """Round the float64 result, or the exact one where 2 ULP would change the rounding."""
    function = activation.derivative if derivative else activation
    y = function(x.astype(np.float64))
    below, above = (y - 2 * np.spacing(y), y + 2 * np.spacing(y))
    result = rounded(y, x.dtype)
    close = np.flatnonzero(rounded(below, x.dtype) != rounded(above, x.dtype))
    for index in close:
        exactly = exact(activation, [x[index]], derivative)[0]
        result[index] = rounded_exactly(exactly, x.dtype)
    return result


def rounded_exactly(y, dtype):
    """Round one long double as `rounded` does doubles."""
    significand, smallest = FORMATS[dtype]
    if np.isinf(y):
        return dtype.type(y)
    exponent = max(int(np.frexp(y)[1]) - 1, smallest)
    unit = np.ldexp(np.longdouble(1), exponent - significand)
    with np.errstate(over="ignore"):
        return dtype.type(np.float32(np.rint(y / unit) * unit))


def inputs(dtype):
    return np.arange(1 << 16, dtype=np.uint16).view(dtype)


def finite(dtype):
    x = inputs(dtype)
    return x[np.isfinite(x.astype(np.float32))]


def of_other_parameters(activation):
    """Give the parameters values with more bits than either format has."""
    numbers = {k: v for k, v in activation.parameters.items() if not isinstance(v, str)}
    return activation.bind(**{name: 1.2345678 * value for name, value in numbers.items()})


ALL = [nl.get(name) for name in nl.names()]
BOUND = [other for each in ALL if (other := of_other_parameters(each)) != each]


@pytest.mark.parametrize("derivative", [False, True], ids=["value", "derivative"])
@pytest.mark.parametrize("dtype", FORMATS, ids=str)
@pytest.mark.parametrize("activation", [*ALL, *BOUND], ids=str)
def test_every_input_is_correctly_rounded(activation, dtype, derivative):
    x = finite(dtype)
    computed = activation.derivative(x) if derivative else activation(x)
    assert computed.dtype == dtype
    exactly = expected(in_dtype(activation, dtype), x, derivative)
    np.testing.assert_array_equal(computed.view(np.uint16), exactly.view(np.uint16))


@pytest.mark.parametrize("dtype", FORMATS, ids=str)
@pytest.mark.parametrize("activation", [*ALL, *BOUND], ids=str)
def test_the_backward_pass_is_rounded_once(activation, dtype):
    x = finite(dtype)
    grad = np.random.default_rng(0).permutation(x)
    with np.errstate(invalid="ignore", over="ignore"):
        slope = in_dtype(activation, dtype).derivative(x.astype(np.float64))
        product = grad.astype(np.float64) * slope
    # The derivative is off by 1 ULP and the product rounds once more.
    room = np.where(np.isfinite(product), 3 * np.spacing(np.abs(product)), 0)
    surely = rounded(product - room, x.dtype) == rounded(product + room, x.dtype)
    assert surely.mean() > 0.95  # ties of half a gradient are not
    computed = activation.backward(grad, x)
    np.testing.assert_array_equal(
        computed[surely].view(np.uint16), rounded(product, x.dtype)[surely].view(np.uint16)
    )


@pytest.mark.parametrize("dtype", FORMATS, ids=str)
@pytest.mark.parametrize("name", nl.names())
def test_no_bit_depends_on_the_neighbours(name, dtype):
    """Where one element is computed with more bits, others that share its register are not."""
    x, random = inputs(dtype), np.random.default_rng(0)
    order, grad = random.permutation(len(x)), random.permutation(x)
    activation = nl.get(name)
    for function, operands in (
        (activation, (x,)),
        (activation.derivative, (x,)),
        (activation.backward, (grad, x)),
    ):
        shuffled = function(*(operand[order] for operand in operands))
        in_order = function(*operands)[order]
        np.testing.assert_array_equal(shuffled.view(np.uint16), in_order.view(np.uint16))


@pytest.mark.parametrize("name", nl.names())
def test_bfloat16_not_finite(name):
    x = np.array([np.inf, -np.inf, np.nan], ml_dtypes.bfloat16)
    wide = nl.get(name)(x.astype(np.float32))
    computed = nl.get(name)(x)
    assert computed.dtype == x.dtype
    np.testing.assert_array_equal(
        computed.astype(np.float32), wide.astype(x.dtype).astype(np.float32)
    )


def test_bfloat16_in_every_kind_of_call():
    x = np.linspace(-3, 3, 1001).astype(ml_dtypes.bfloat16)
    assert nl.elu(x[::-3]).dtype == x.dtype
    assert nl.elu(x, alpha=0.5).dtype == x.dtype
    assert nl.leaky_relu(x, negative_slope=x).dtype == x.dtype
    assert nl.elu.backward(x, x).dtype == x.dtype
    np.testing.assert_array_equal(nl.elu(x[::-3]), nl.elu(x)[::-3])


@pytest.mark.parametrize("dtype", FORMATS, ids=str)
@pytest.mark.parametrize("name", ["silu", "softplus", "gelu", "tanh", "hard_sigmoid"])
def test_nothing_is_written_beyond_the_last_element(name, dtype):
    """What floats leave undecided is decided of the elements, and not of what fills a register."""
    act = nl.get(name)
    bound = act.bind(**{key: 0.37 for key in ("beta",) if key in act.parameters})
    x = np.random.default_rng(0).normal(0.0, 3.0, 1200).astype(dtype)
    whole = bound(x)
    for count in [*range(1, 80), 511, 513, 1023, 1025]:
        room = np.full(count + 64, 7.0, dtype)
        bound(x[:count], out=room[:count])
        assert (room[:count].view(np.uint16) == whole[:count].view(np.uint16)).all()
        assert (room[count:] == np.array(7.0, dtype)).all()
