"""Gates that compute in floats: at the ends of where they may, and beside what they may not."""

import ml_dtypes
import numpy as np
import pytest

import nonlin as nl
from nonlin.accuracy import ulp_error

GATES = [
    nl.glu,
    nl.swiglu,
    nl.geglu,
    nl.geglu.bind(approximate="tanh"),
    nl.reglu,
    nl.bilinear,
]
# The zeros of the slopes, where the pieces of a tail end that fewer entries hold, and their ends.
PLACES = (
    [-1.2784645, -0.7517916, -0.7524614]
    + [sign * x for x in (2.5, 2.69, 3.86, 4.18, 5.2, 10.7, 0.375, 0.3478261) for sign in (1, -1)]
    + [sign * x for x in (5.78, 6.27, 21.9) for sign in (1, -1)]
)
DTYPES = (np.float16, ml_dtypes.bfloat16, np.float32)


def neighbours(x, count):
    """The floats next to x, on both sides."""
    bits = np.float32(x).view(np.int32) + np.arange(-count, count + 1, dtype=np.int32)
    return bits.view(np.float32)


def rounded(x, dtype):
    """Round float64 to a dtype of 16 bits, once."""
    info = ml_dtypes.finfo(dtype)
    exponent = np.maximum(np.frexp(x)[1] - 1, int(info.minexp)) - int(info.nmant)
    return np.ldexp(np.rint(np.ldexp(x, -exponent)), exponent)


def results(gate, grad, g, v):
    return gate(g, v), *gate.backward(grad, g, v)


@pytest.mark.parametrize("gate", GATES, ids=repr)
def test_every_float_around_the_places_where_pieces_end(gate):
    g = np.concatenate([neighbours(x, 200) for x in PLACES])
    generator = np.random.default_rng(3)
    for scale in (1.0, 2.0**-60, 2.0**60, 2.0**-110):
        v, grad = (generator.normal(size=len(g)).astype(np.float32) for _ in range(2))
        v *= np.float32(scale)
        exact = results(gate, *(x.astype(np.float64) for x in (grad, g, v)))
        for found, expected in zip(results(gate, grad, g, v), exact, strict=True):
            assert ulp_error(found, expected).max() <= 0.85


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("gate", GATES, ids=repr)
def test_what_doubles_decide_leaves_its_neighbours_alone(gate, dtype):
    generator = np.random.default_rng(5)
    grad, g, v = (generator.normal(size=4096).astype(dtype) for _ in range(3))
    expected = results(gate, grad, g, v)
    disturbed = generator.random(4096) < 0.02
    strange = [-30.0, 40.0, np.inf, np.nan, -1.2784645, -0.7517916, -0.7524614, 0.0, -200.0]
    for array in (grad, g, v):
        array[disturbed] = generator.choice(strange, disturbed.sum()).astype(dtype)
    for found, before in zip(results(gate, grad, g, v), expected, strict=True):
        np.testing.assert_array_equal(
            found[~disturbed].astype(float), before[~disturbed].astype(float)
        )


@pytest.mark.parametrize("gate", GATES, ids=repr)
def test_zeros_have_the_sign_that_their_factors_give_them(gate):
    zeros = np.array([0.0, -0.0, 0.0, -0.0], np.float32)
    g, v = np.float32([1.5, 1.5, -1.5, -1.5]), np.tile(np.float32([1e-30]), 4)
    for grad, x, y in ((zeros, g, v), (v, g, zeros), (v * v, g, v * v)):
        wide = [each.astype(np.float64) for each in (grad, x, y)]
        for found, exact in zip(results(gate, grad, x, y), results(gate, *wide), strict=True):
            np.testing.assert_array_equal(np.signbit(found), np.signbit(exact))


@pytest.mark.parametrize("dtype", [np.float16, ml_dtypes.bfloat16])
@pytest.mark.parametrize("gate", GATES, ids=repr)
def test_small_numbers_of_16_bits_round_once(gate, dtype):
    """Gradients as small as they get when losses are not scaled, and smaller."""
    generator = np.random.default_rng(7)
    size = 1 << 14
    least = float(ml_dtypes.finfo(dtype).smallest_normal)
    g, v = (generator.normal(size=size).astype(dtype) for _ in range(2))
    grad = (generator.normal(size=size) * least * 2.0 ** generator.integers(-6, 4, size)).astype(
        dtype
    )
    exact = results(gate, *(x.astype(np.float64) for x in (grad, g, v)))
    for found, expected in zip(results(gate, grad, g, v), exact, strict=True):
        # A float64 is so near that it is rounded as the exact number: none of these is a tie.
        np.testing.assert_array_equal(found.astype(np.float64), rounded(expected, dtype))
