"""Where operands share memory with the output a result is that of a fresh output.

NumPy copies only where computing one element after the other would not do, so what it leaves to the
loops is an input that runs ahead of the output and, in reduce and accumulate, one that lies behind.
"""

import ml_dtypes
import numpy as np
import pytest

import nonlin as nl
from nonlin.accuracy import stratified

DTYPES = (np.float16, np.float32, np.float64, ml_dtypes.bfloat16)
SIZE = 1203
SHIFTS = (-601, -64, -17, -16, -9, -8, -7, -3, -1, 1, 3, 8, 16, 64)
CALLS = [*map(nl.get, nl.names()), nl.gelu.bind(approximate="tanh"), nl.silu.bind(beta=1.7)]
# Functions along an axis have a core dimension, and with it none of these methods.
TWO_OPERANDS = [
    name
    for name, ufunc in vars(nl.ufuncs).items()
    if isinstance(ufunc, np.ufunc) and ufunc.nin == 2 and ufunc.signature is None
]


def bits(array):
    return np.ascontiguousarray(array).view(f"u{array.dtype.itemsize}")


def numbers(dtype, seed, size=4 * SIZE):
    spread = np.random.default_rng(seed).normal(0, 3, size)
    x = np.where(np.arange(size) % 5 == 0, stratified(np.float32, size, seed), spread)
    with np.errstate(over="ignore"):
        return x.astype(dtype)


def placed(memory, start, step):
    """SIZE elements of `memory`, `step` apart, in either direction."""
    first = memory.size // 2 + start - (SIZE // 2) * step
    return memory[first:][::step][:SIZE] if step > 0 else memory[first::step][:SIZE]


# The elements of one lie on those of the other, ahead of them, behind them, or in turns.
PLACES = [
    *((0, 1, shift, 1) for shift in SHIFTS),
    *((0, -1, shift, -1) for shift in (-9, -8, -1, 1, 8, 9)),
    *((0, 2, shift, 2) for shift in (-16, -3, -2, -1, 1, 2)),
    *((0, -2, shift, -2) for shift in (-2, -1, 1, 2)),
    (0, 1, 0, -1), (0, 2, -600, 1), (0, 1, 600, 2), (0, 2, 0, 1), (0, -2, 0, 1), (0, -2, 3, -1),
]  # fmt: skip


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("activation", CALLS, ids=repr)
def test_no_overlap_changes_a_bit(activation, dtype):
    gradient = numbers(dtype, 2)
    with np.errstate(all="ignore"):
        for start, step, out_start, out_step in PLACES:
            for kind in ("value", "derivative", "by grad", "by x"):
                memory = numbers(dtype, 1)
                x, out = placed(memory, start, step), placed(memory, out_start, out_step)
                grad = placed(gradient, start, step)
                function, operands = {
                    "value": (activation, (x,)),
                    "derivative": (activation.derivative, (x,)),
                    "by x": (activation.backward, (grad, x)),
                    "by grad": (activation.backward, (x, grad)),
                }[kind]
                expected = function(*(np.array(operand) for operand in operands))
                assert function(*operands, out=out) is out
                same = bits(out) == bits(expected)
                assert (same | np.isnan(expected)).all(), (kind, start, step, out_start, out_step)


@pytest.mark.parametrize("dtype", DTYPES[:3])
@pytest.mark.parametrize("name", ["leaky_relu", "elu", "celu", "silu", "softplus", "hard_sigmoid"])
def test_a_parameter_that_overlaps_the_output(name, dtype):
    ufunc = getattr(nl.ufuncs, name)
    x, others = numbers(dtype, 1, SIZE), [dtype(1.5)] * (ufunc.nin - 2)
    with np.errstate(all="ignore"):
        for shift in SHIFTS:
            memory = np.abs(numbers(dtype, 3)) + dtype(0.5)
            parameter, out = placed(memory, 0, 1), placed(memory, shift, 1)
            expected = ufunc(x, parameter.copy(), *others)
            ufunc(x, parameter, *others, out=out)
            np.testing.assert_array_equal(bits(out), bits(expected))


@pytest.mark.parametrize("offset", [1, 2, 3])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_views_that_are_not_aligned(dtype, offset):
    for name in ("gelu", "relu", "softplus"):
        memory = bytearray(numbers(dtype, 1).tobytes())
        whole = np.frombuffer(memory, dtype, 999)
        shifted = np.frombuffer(memory, dtype, 999, offset)
        for x, out in ((whole, shifted), (shifted, whole)):
            # What lies a part of a number further is any number.
            np.nan_to_num(whole, copy=False)
            expected = nl.get(name)(x.copy())
            nl.get(name)(x, out=out)
            np.testing.assert_array_equal(bits(out), bits(expected))


def one_after_another(ufunc, x):
    """What accumulate is by its definition."""
    found = [x[0]]
    for value in x[1:]:
        found.append(ufunc(found[-1], value))
    return np.array(found, x.dtype)


def same(found, expected):
    found, expected = np.asarray(found), np.asarray(expected)
    both_nan = np.isnan(found) & np.isnan(expected)
    return ((bits(found.ravel()) == bits(expected.ravel())) | both_nan.ravel()).all()


@pytest.mark.parametrize("dtype", DTYPES[:3])
@pytest.mark.parametrize("name", TWO_OPERANDS)
def test_accumulate_and_reduce_take_one_element_after_another(name, dtype):
    ufunc, x = getattr(nl.ufuncs, name), numbers(dtype, 4, 70)
    with np.errstate(all="ignore"):
        expected = one_after_another(ufunc, x)
        assert same(ufunc.accumulate(x), expected)
        assert same(ufunc.accumulate(x[::-2]), one_after_another(ufunc, x[::-2]))
        assert same(ufunc.reduce(x), expected[-1])
        rows = x.reshape(10, 7)
        columns = [one_after_another(ufunc, column) for column in rows.T]
        assert same(ufunc.reduce(rows, axis=0), np.array([column[-1] for column in columns]))
        assert same(ufunc.accumulate(rows, axis=0), np.array(columns, dtype).T)
        parts = [one_after_another(ufunc, part)[-1] for part in (x[3:40], x[40:])]
        assert same(ufunc.reduceat(x, [3, 40]), np.array(parts, dtype))
        assert same(ufunc.outer(x[:9], x[:5]), ufunc(x[:9, None], x[None, :5]))


def test_accumulate_by_hand():
    x = [-1.0, 2.0, 3.0, 0.5, -2.0, 7.0]
    assert nl.ufuncs.leaky_relu.accumulate(x).tolist() == [-1, -2, -6, -3, 6, 6]
    assert nl.ufuncs.leaky_relu.reduce(x) == 6


def test_a_long_output_that_the_input_runs_ahead_of():
    for dtype in DTYPES[:3]:
        memory = numbers(dtype, 5, 1 << 18)
        expected = nl.gelu(memory[1:].copy())
        nl.gelu(memory[1:], out=memory[:-1])
        np.testing.assert_array_equal(bits(memory[:-1]), bits(expected))
