"""Dead networks and silent units against closed forms, mpmath and simulations."""

import math

import mpmath as mp
import numpy as np
import pytest

import nonlin as nl
from nonlin.propagation import born_dead_probability, propagate, silent_probability


@pytest.mark.parametrize("samples", [1, 2, 9, 128, 10**4, 10**6])
def test_half_correlated_samples(samples):
    # With c = 1/2 the samples and -z are exchangeable, so that each of B + 1 is the largest as
    # often.
    assert silent_probability(0.5, samples) == pytest.approx(1 / (samples + 1), rel=1e-12)


def test_two_samples_are_an_orthant():
    for c in (0.0, 1e-9, 0.2, 0.9, 1 - 1e-9):
        expected = 0.25 + math.asin(c) / (2 * math.pi)  # Sheppard 1899
        assert silent_probability(c, 2) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize(
    ("c", "samples"),
    [(0.01, 128), (0.1, 1000), (0.3, 10**6), (0.9, 128), (0.99, 10**6), (0.999999, 100)],
)
def test_silent_probability_is_mpmaths(c, samples):
    with mp.workdps(30):
        a = mp.sqrt(mp.mpf(c) / (1 - mp.mpf(c)))
        ends = [-60, -30, *range(-16, 3), 4, 8]
        expected = mp.quad(lambda z: mp.npdf(z) * mp.ncdf(-a * z) ** samples, ends)
    assert silent_probability(c, samples) == pytest.approx(float(expected), rel=1e-9)


def test_silent_probability_at_the_ends():
    assert silent_probability(0.0, 100) == pytest.approx(2.0**-100, rel=1e-12)
    assert silent_probability(1.0, 10**6) == 0.5
    assert silent_probability(0.0, 10**6) == 0.0  # 2^-10^6
    for c, samples in ((-0.1, 3), (1.1, 3), (0.5, 0), (0.5, 2.5)):
        with pytest.raises(ValueError, match="must be"):
            silent_probability(c, samples)


@pytest.mark.parametrize(
    ("layer", "expected"),
    # Reference values in per cent for He initialisation and B = 128 unrelated inputs.
    [(3, 0.7), (5, 4.3), (10, 14.6), (30, 32.6)],
)
def test_silent_units_of_a_healthy_network(layer, expected):
    found = propagate(nl.relu, weight_variance=2.0, depth=layer)
    # The unit's pre-activations have the correlation that the layer's inputs have as vectors.
    assert round(100 * silent_probability(found.correlations[-1], 128), 1) == expected


def test_born_dead_bounds_the_simulations():
    # Independent Monte Carlo, 1-D input, L = 10; the bound is on them.
    for width, simulated in ((2, 0.881), (3, 0.579), (5, 0.129), (10, 0.0014)):
        assert born_dead_probability(width, 10) > simulated
    # 1 - (1 - 2^-N)^(L-1) by exact arithmetic.
    assert born_dead_probability(2, 10) == pytest.approx(1 - 0.75**9, rel=1e-15)
    assert born_dead_probability(60, 11) == pytest.approx(10 * 2.0**-60, rel=1e-12)
    assert born_dead_probability(7, 1) == 0.0
    with pytest.raises(ValueError, match="width"):
        born_dead_probability(0, 3)


def test_born_dead_against_a_simulation():
    rng = np.random.default_rng(0)
    draws, width, depth = 4000, 4, 5
    x = np.broadcast_to(rng.standard_normal((1, 1)), (draws, 1))
    for fan_in in (1, *[width] * (depth - 2)):
        weights = rng.standard_normal((draws, width, fan_in))
        x = np.maximum(np.einsum("doi,di->do", weights, x), 0.0)
    dead = float((x == 0).all(axis=1).mean())
    # For one input the bound is exact: each of the L - 1 hidden layers is 0 with probability 2^-N.
    expected = born_dead_probability(width, depth)
    assert dead == pytest.approx(expected, abs=4 * math.sqrt(expected * (1 - expected) / draws))
