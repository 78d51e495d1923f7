"""Critical points against printed values, closed forms and the definition."""

import math

import numpy as np
import pytest
from mean_field_functions import activation, users

import nonlin as nl
from nonlin.propagation import (
    NoCriticalPointError,
    critical_initialization,
    critical_line,
    expectation,
)

# Reference values computed independently of this package: (sb2, sw2, q*), all digits as printed.
TANH = [(0.01, 1.42420529, 0.27330091), (0.05, 1.76095464, 0.57004788), (1, 3.44321091, 3.03639639)]


@pytest.mark.parametrize(("bias", "weight", "length"), TANH)
def test_the_critical_line_of_tanh(bias, weight, length):
    point = critical_initialization(nl.tanh, bias)
    assert round(point.weight_variance, 8) == weight
    assert round(point.q_star, 8) == length
    assert not point.every_length


def test_the_line_is_its_points():
    line = critical_line(nl.tanh, [bias for bias, _, _ in TANH])
    assert line.weight_variances.round(8).tolist() == [weight for _, weight, _ in TANH]
    assert line.q_star.round(8).tolist() == [length for _, _, length in TANH]
    assert line.found.all()
    assert critical_line(nl.tanh).bias_variances.tolist() == np.linspace(0, 1, 21).tolist()


def test_functions_that_are_linear_on_each_side_keep_every_length():
    relu = critical_initialization(nl.relu)
    assert (relu.weight_variance, relu.every_length) == (2.0, True)
    assert math.isnan(relu.q_star)
    leaky = critical_initialization(nl.leaky_relu.bind(negative_slope=0.2))
    assert leaky.weight_variance == pytest.approx(2 / (1 + 0.2**2), rel=1e-13)  # He et al. 2015
    with pytest.raises(NoCriticalPointError, match="bias_variance=0 only"):
        critical_initialization(nl.relu, 0.1)


@pytest.mark.parametrize(
    ("act", "weight"),
    # phi(0) = 0 and lengths that shrink at sw2 E[phi'^2] = 1: the two slopes at 0 alone count.
    [(nl.tanh, 1.0), (nl.elu, 1.0), (nl.elu.bind(alpha=0.5), 2 / (1 + 0.25)), (users("sine"), 1.0)],
)
def test_lengths_that_shrink_to_zero(act, weight):
    point = critical_initialization(act)
    assert point.weight_variance == pytest.approx(weight, rel=1e-11)
    assert point.q_star == 0.0


@pytest.mark.parametrize(
    ("name", "bias", "weight", "length"),
    # Roberts, Yaida and Hanin, The Principles of Deep Learning Theory, 2022, section 5.3.4: there
    # the slope of the length map is 1 as well, so that it is the end of the line of stable critical
    # points.
    [("gelu", 0.17292239, 1.98305826, (3 + math.sqrt(17)) / 2),
     ("silu", 0.55514317, 1.98800468, 14.32017362)],
)  # fmt: skip
def test_half_stable_points_are_where_the_line_begins(name, bias, weight, length):
    act = activation(name)
    with pytest.raises(NoCriticalPointError, match="bias variances from about"):
        critical_initialization(act, bias - 1e-3)
    point = critical_initialization(act, bias + 1e-5)
    assert point.weight_variance == pytest.approx(weight, abs=1e-3)
    assert point.q_star == pytest.approx(length, rel=3e-2)
    # At the very point both susceptibilities are 1.
    assert weight * expectation(act, "slope_square", length) == pytest.approx(1.0, abs=1e-7)
    assert weight * expectation(act, "curvature", length) == pytest.approx(0.0, abs=1e-7)


@pytest.mark.parametrize("bias", [0.0, 0.3, 2.0])
@pytest.mark.parametrize("name", ["sigmoid", "steep", "sine", "elu", "relu6", "gelu"])
def test_a_critical_point_is_a_fixed_point_with_chi_1(name, bias):
    if bias == 0.0 and name != "sigmoid":
        return
    point = critical_initialization(activation(name), bias)
    square, slope = (
        expectation(activation(name), m, point.q_star) for m in ("square", "slope_square")
    )
    assert point.weight_variance * slope == pytest.approx(1.0, rel=1e-10)
    assert point.weight_variance * square + bias == pytest.approx(point.q_star, rel=1e-10)


@pytest.mark.parametrize("name", ["jump", "exponential", "softplus"])
def test_no_critical_point(name):
    with pytest.raises(NoCriticalPointError, match="has no critical weight variance"):
        critical_initialization(activation(name), 0.0)
    line = critical_line(activation(name), [0.0])
    assert not line.found.any()
    assert np.isnan(line.weight_variances).all()


@pytest.mark.parametrize("bias", [-1.0, math.nan, math.inf])
def test_a_bias_variance_is_a_finite_number(bias):
    with pytest.raises(ValueError, match="bias_variance"):
        critical_initialization(nl.tanh, bias)


def test_a_slope_that_vanishes_at_0_holds_no_length():
    # x - tanh x is x^3 / 3 near 0: gradients go with q^2, so at zero bias none is kept.
    with pytest.raises(NoCriticalPointError, match="has no critical weight variance"):
        critical_initialization(nl.tanh_shrink)
