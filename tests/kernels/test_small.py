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


@pytest.mark.parametrize("derivative", [False, True], ids=["value", "derivative"])
@pytest.mark.parametrize("dtype", FORMATS, ids=str)
@pytest.mark.parametrize("name", nl.names())
def test_every_input_is_correctly_rounded(name, dtype, derivative):
    x = np.arange(1 << 16, dtype=np.uint16).view(dtype)
    x = x[np.isfinite(x.astype(np.float32))]
    activation = nl.get(name)
    computed = activation.derivative(x) if derivative else activation(x)
    assert computed.dtype == dtype
    exactly = expected(in_dtype(activation, dtype), x, derivative)
    np.testing.assert_array_equal(computed.view(np.uint16), exactly.view(np.uint16))


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
