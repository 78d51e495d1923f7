"""Expectations under two correlated pre-activations against closed forms."""

import math

import numpy as np
import pytest
from mean_field_functions import activation, users
from scipy.stats import multivariate_normal

import nonlin as nl
from nonlin.propagation.correlation import pair

CORRELATIONS = [-0.9, 0.0, 0.3, 0.9, 0.999, 1 - 1e-8, 1 - 1e-12, 1.0]


@pytest.mark.parametrize("q", [1e-8, 1.0, 1e6])
@pytest.mark.parametrize("c", CORRELATIONS)
def test_relu_is_the_arc_cosine_kernel(q, c):
    # Cho and Saul 2009: q (sin t + (pi - t) cos t) / 2 pi and (pi - t) / 2 pi, c = cos t.
    t = math.acos(c)
    found = pair(nl.relu, q, c)
    kernel = q * (math.sin(t) + (math.pi - t) * c) / (2 * math.pi)
    assert found.product == pytest.approx(kernel, rel=1e-12)
    assert found.slopes == pytest.approx((math.pi - t) / (2 * math.pi), abs=1e-10)


def test_opposite_inputs():
    assert pair(nl.relu, 1.0, -1.0).product == pytest.approx(0.0, abs=1e-15)
    assert pair(nl.tanh, 1.0, -1.0).product == pytest.approx(-0.39429449, abs=1e-8)  # -E[tanh^2]


@pytest.mark.parametrize("q", [1e-4, 1.0, 100.0, 1e6])
@pytest.mark.parametrize("c", CORRELATIONS)
def test_the_error_function_has_williams_kernel(q, c):
    # Williams 1997: 2/pi asin(2 q c / (1 + 2 q)); its derivative by c, over q, is E[phi' phi'].
    found = pair(users("error"), q, c)
    share = 2 * q / (1 + 2 * q)
    assert found.product == pytest.approx(2 / math.pi * math.asin(share * c), abs=1e-12)
    slopes = 2 / math.pi * share / q / math.sqrt((1 - share * c) * (1 + share * c))
    assert found.slopes == pytest.approx(slopes, rel=1e-8)


@pytest.mark.parametrize("c", [0.0, 0.5, 0.99, 0.99999])
def test_a_jump_away_from_zero(c):
    # P(u > 0.3, u' > 0.3), from SciPy's bivariate normal distribution.
    expected = multivariate_normal([0, 0], [[1, c], [c, 1]]).cdf([-0.3, -0.3])
    assert pair(users("jump"), 1.0, c).product == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize("name", ["relu6", "hardswish", "tanh", "elu", "gelu"])
@pytest.mark.parametrize(("q", "c"), [(0.5, 0.7), (30.0, 0.2), (3.0, 0.9999)])
def test_series_of_mehler(name, q, c):
    # E = sum a_k^2 c^k, a_k = E[phi(sqrt(q) z) He_k(z)] / sqrt(k!), by a trapezoidal rule so fine
    # that at a kink it errs by 3e-9; the rest of the series is below a_K^2 c^K / (1 - c) < 1e-11.
    if c > 0.99:
        low, high = (pair(activation(name), q, c + s * 1e-7).product for s in (-1, 1))
        slopes = pair(activation(name), q, c).slopes
        assert (high - low) / 2e-7 / q == pytest.approx(slopes, rel=1e-6)  # Price's theorem
        return
    z = np.linspace(-14.0, 14.0, 280_001)
    weighted = np.exp(-0.5 * z * z) / math.sqrt(2 * math.pi) * (z[1] - z[0])
    weighted = weighted * activation(name)(math.sqrt(q) * z)
    before, hermite, total = np.zeros_like(z), np.ones_like(z), 0.0
    for k in range(80):
        total += float(weighted @ hermite) ** 2 * c**k
        before, hermite = hermite, (z * hermite - math.sqrt(k) * before) / math.sqrt(k + 1)
    assert pair(activation(name), q, c).product == pytest.approx(total, rel=1e-8)
