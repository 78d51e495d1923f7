"""The spread of gradients over finite networks against networks."""

import math

import numpy as np
import pytest

import nonlin as nl
from nonlin.propagation import propagate


def test_relu_is_hanin_and_nicas():
    # beta = 5 / n a layer, ln |delta|^2 ~ N(-beta/2, beta) at the critical weight variance.
    found = propagate(nl.relu, weight_variance=2.0, depth=21, width=100)
    beta = 5 * np.arange(20, -1, -1) / 100
    middle = np.log(found.gradient_intervals).mean(axis=1)
    np.testing.assert_allclose(middle, -beta / 2, atol=1e-12)
    half = 0.5 * np.diff(np.log(found.gradient_intervals))[:, 0]
    np.testing.assert_allclose(half, 1.959963984540054 * np.sqrt(beta), atol=1e-12)


def logarithms(act, weight, bias, width, depth, draws):
    """ln |delta^1|^2 / |delta^L|^2 of real networks."""
    rng = np.random.default_rng(0)
    result = []
    for _ in range(draws):
        x = rng.standard_normal(width)
        x /= math.sqrt(x @ x / width)
        saved = []
        for _ in range(depth):
            matrix = rng.standard_normal((width, width)) * math.sqrt(weight / width)
            u = matrix @ x + math.sqrt(bias) * rng.standard_normal(width)
            x = act(u)
            saved.append((u, matrix))
        delta = rng.standard_normal(width)
        last = delta @ delta
        for (u, _), (_, matrix) in zip(saved[-2::-1], saved[:0:-1], strict=True):
            delta = act.derivative(u) * (matrix.T @ delta)
        result.append(math.log(delta @ delta / last))
    return np.array(result)


@pytest.mark.parametrize(
    ("act", "weight", "bias"),
    [(nl.relu, 2.0, 0.0), (nl.tanh, 1.3, 0.05), (nl.tanh, 2.5, 0.05), (nl.elu, 1.53, 0.05)],
    ids=["relu", "tanh-ordered", "tanh-chaotic", "elu"],
)
def test_real_networks_spread_as_told(act, weight, bias):
    draws = 300
    logs = logarithms(act, weight, bias, width=80, depth=12, draws=draws)
    found = propagate(act, weight_variance=weight, bias_variance=bias, depth=12, width=80)
    low, high = np.log(found.gradient_intervals[0])
    deviation = (high - low) / 2 / 1.959963984540054
    # The standard error of a standard deviation is 1/sqrt(2 draws) of it, 4 %.
    assert logs.std() == pytest.approx(deviation, rel=0.12)
    assert logs.mean() == pytest.approx((low + high) / 2, abs=4 * deviation / math.sqrt(draws))
    assert np.mean((logs > low) & (logs < high)) == pytest.approx(0.95, abs=0.04)


def test_no_spread_is_told_for_residual_blocks():
    with pytest.raises(ValueError, match="residual"):
        propagate(nl.relu, weight_variance=2.0, depth=3, width=10, residual=1.0)
