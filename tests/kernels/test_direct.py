"""Arrays side by side in memory bypass NumPy's iterator; the ufunc says what must come out."""

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nonlin as nl
from nonlin import ufuncs
from nonlin.accuracy import stratified

DTYPES = (np.float16, np.float32, np.float64)
# In elements: a vector's boundary is found for arrays from 4,096 on, the interpreter's lock let go
# from there, several threads asked from 8,193 on if it is worth it, from 32,769 on anyway.
LENGTHS = st.integers(0, 70) | st.integers(4_090, 4_200) | st.integers(32_760, 32_900)


def bits(array):
    return array.view(f"u{array.dtype.itemsize}")


def one_by_one(ufunc, *operands):
    """NumPy's iterator, with strides that no shortcut takes."""
    spread = [np.repeat(operand, 2)[::2] for operand in operands]
    return np.ascontiguousarray(ufunc(*spread))


@settings(max_examples=120, deadline=None)
@given(
    st.sampled_from(["sigmoid", "leaky_relu", "elu", "gelu", "softplus"]),
    st.sampled_from(DTYPES),
    LENGTHS,
    st.integers(0, 17),
    st.integers(0, 17),
)
def test_no_offset_changes_a_bit(name, dtype, length, x_offset, y_offset):
    activation = nl.get(name)
    x = stratified(dtype, length + x_offset, seed=7)[x_offset:]
    grad = np.arange(length + 1, dtype=np.float32).astype(dtype)[1:]
    out = np.full(length + y_offset + 1, 9, dtype)
    y = out[y_offset:-1]
    value, slope, backward = activation._functions
    for function, operands, expected in (
        (activation, (x,), one_by_one(value, x)),
        (activation.derivative, (x,), one_by_one(slope, x)),
        (activation.backward, (grad, x), one_by_one(backward, grad, x)),
    ):
        with np.errstate(all="raise"):
            assert function(*operands, out=y) is y
            np.testing.assert_array_equal(bits(y), bits(expected))
            np.testing.assert_array_equal(bits(function(*operands)), bits(expected))
        assert out[-1] == 9
        assert (out[:y_offset] == 9).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", ["tanh", "relu"])
def test_past_the_caches_no_bit_changes(name, dtype):
    size = (1 << 24) // np.dtype(dtype).itemsize + 5
    activation, x = nl.get(name), np.resize(stratified(dtype, 1 << 16, seed=2), size)
    short = activation(x[: 1 << 16])
    expected = np.resize(short, size)
    np.testing.assert_array_equal(bits(activation(x)), bits(expected))
    memory = np.full(size + 9, 9, dtype)
    activation(x, out=memory[3:-6])
    np.testing.assert_array_equal(bits(memory[3:-6]), bits(expected))
    assert set(memory[:3]) | set(memory[-6:]) == {9}
    backward = activation.backward(x, x)
    slopes = np.resize(activation.backward(x[: 1 << 16], x[: 1 << 16]), size)
    np.testing.assert_array_equal(bits(backward), bits(slopes))
    activation(x, out=x)
    np.testing.assert_array_equal(bits(x), bits(expected))


def layouts():
    rows = np.arange(24, dtype=np.float32).reshape(4, 6) - 12
    yield "C order", rows
    yield "Fortran order", np.asfortranarray(rows)
    yield "transposed", rows.T
    yield "every other", rows[:, ::2]
    yield "reversed", rows[::-1]
    yield "read only", np.frombuffer(rows.tobytes(), np.float32)
    yield "swapped bytes", rows.astype(">f4")
    yield "unaligned", np.frombuffer(b"\0" + rows.tobytes(), np.uint8)[1:].view(np.float32)
    yield "empty", rows[:0]
    yield "no axes", np.array(-3.0, np.float32)
    yield "five axes", rows.reshape(2, 2, 1, 3, 2)
    yield "bfloat16", rows.astype(ml_dtypes.bfloat16)
    yield "long double", rows.astype(np.longdouble)
    yield "integers", rows.astype(np.int64)
    yield "subclass", rows.view(np.matrix)
    yield "masked", np.ma.masked_less(rows, 0)


@pytest.mark.parametrize(("layout", "x"), [pytest.param(*case, id=case[0]) for case in layouts()])
def test_each_layout_gives_what_the_ufunc_gives(layout, x):
    for function, ufunc in zip((nl.elu, nl.elu.derivative), nl.elu._functions[:2], strict=True):
        if layout == "long double":
            with pytest.raises(TypeError):
                function(x)
            continue
        found, expected = function(x), ufunc(x)
        assert type(found) is type(expected)
        assert found.dtype == expected.dtype
        assert found.strides == expected.strides
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("x", [-1.5, np.float64(-1.5), float("nan"), np.float32(-1.5), True, 2])
def test_a_number_gives_a_number(x):
    value, slope, backward = nl.elu._functions
    for found, expected in (
        (nl.elu(x), value(x)),
        (nl.elu.derivative(x), slope(x)),
        (nl.elu.backward(x, x), backward(x, x)),
        (nl.elu.backward(x, 2.0), backward(x, 2.0)),
        (nl.elu(x, alpha=1.0), value(x)),
    ):
        assert type(found) is type(expected)
        np.testing.assert_equal(found, expected)


def test_operands_that_differ_are_left_to_numpy():
    x, grad = np.linspace(-1, 1, 6, dtype=np.float32).reshape(2, 3), np.float32(2)
    slopes = nl.tanh.derivative(x)
    assert nl.tanh.backward(grad, x).tolist() == (2 * slopes).tolist()
    assert nl.tanh.backward(x[:1], x).tolist() == (x[:1] * slopes).tolist()
    assert nl.tanh.backward(np.asfortranarray(x), x).tolist() == (x * slopes).tolist()
    assert nl.tanh.backward(x.astype(np.float64), x).dtype == np.float64
    wide = np.zeros((2, 3))
    assert nl.tanh(x, out=wide) is wide
    assert wide.tolist() == nl.tanh(x).astype(np.float64).tolist()


def test_an_output_that_cannot_be_written():
    x = np.ones(4, np.float32)
    fixed = np.zeros(4, np.float32)
    fixed.flags.writeable = False
    for call in (nl.relu, nl.relu.derivative):
        with pytest.raises(ValueError, match="read-only"):
            call(x, out=fixed)
        with pytest.raises(ValueError, match=r"shape|broadcast"):
            call(x, out=np.zeros(5, np.float32))
    assert fixed.tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("shift", [-3, -1, 1, 3])
def test_an_output_within_the_input(shift):
    memory = np.linspace(-3, 3, 40_000)
    middle = slice(10, -10)
    expected = nl.elu(memory[middle].copy())
    target = memory[10 + shift : memory.size - 10 + shift]
    assert nl.elu(memory[middle], out=target) is target
    np.testing.assert_array_equal(target, expected)


def test_parameters_go_the_same_way():
    x = stratified(np.float32, 40_000, seed=3)
    bound = nl.elu.bind(alpha=0.5)
    np.testing.assert_array_equal(nl.elu(x, alpha=0.5), bound(x))
    out = np.empty_like(x)
    assert nl.elu.derivative(x, alpha=0.5, out=out) is out
    np.testing.assert_array_equal(out, bound.derivative(x))


def test_the_shortcut_refuses_what_is_no_call():
    x = np.ones(3)
    assert ufuncs._call(np.negative, (x,), {}).tolist() == [-1, -1, -1]
    with pytest.raises(TypeError):
        ufuncs._call(np.negative, [x], {})
    with pytest.raises(TypeError, match="0 were given"):
        ufuncs._call(nl.relu._functions[0], (), {})
