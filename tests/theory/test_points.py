import numpy as np
import pytest
from theory.points import BIASES, SLOPE, points

import nonlin as nl
from nonlin.propagation import expectation, propagate


def at(act, point):
    return propagate(
        act,
        weight_variance=point.weight_variance,
        bias_variance=point.bias_variance,
        input_length=point.input_length,
        depth=3,
    )


@pytest.mark.parametrize("name", nl.names()[:5])
def test_each_phase_is_what_it_is_called_and_starts_where_it_stays(name):
    act = nl.get(name)
    found = points(act)
    assert [point.phase for point in found] == ["ordered", "critical", "chaotic"]
    for point in found:
        theory = at(act, point)
        assert theory.phase == point.phase
        if 0.0 < theory.q_star < np.inf:
            np.testing.assert_allclose(theory.lengths, theory.q_star, rtol=1e-6)


def test_tanh_has_the_reference_critical_point():
    # On tanh's critical line at sb2 = 0.05: sw2 = 1.76095464, q* = 0.57004788.
    (critical,) = (point for point in points(nl.tanh) if point.phase == "critical")
    assert critical.bias_variance == BIASES[0]
    assert critical.weight_variance == pytest.approx(1.76095464, abs=1e-8)
    assert critical.input_length == pytest.approx((0.57004788 - 0.05) / 1.76095464, rel=1e-7)


def test_relu_is_critical_at_zero_bias_alone():
    (critical,) = (point for point in points(nl.relu) if point.phase == "critical")
    assert (critical.weight_variance, critical.bias_variance, critical.input_length) == (2, 0, 1)


def test_the_exponential_function_is_ordered_alone_where_its_gradient_is_the_faster_to_vanish():
    act = nl.Activation.from_function(np.exp, np.exp, name="exponential")
    (point,) = points(act)
    theory = at(act, point)
    # With q = sw2 exp(2 q) + sb2 the map's slope is twice chi1 = sw2 exp(2 q).
    assert theory.chi1 == pytest.approx(theory.q_star - point.bias_variance, rel=1e-6)
    assert (2 * theory.chi1) ** 2 < theory.chi1
    assert 2 * theory.chi1 < SLOPE


def test_a_function_that_is_zero_at_its_kinks_has_a_marginal_critical_point():
    def shrink(x):
        return np.sign(x) * np.maximum(np.abs(x) - 0.5, 0.0)

    act = nl.Activation.from_function(shrink, lambda x: np.abs(x) > 0.5, name="shrink")
    (critical,) = (point for point in points(act) if point.phase == "critical")
    assert critical.bias_variance == BIASES[-1]
    # phi'' is a delta at each kink, where phi = 0: the slope of the length map is chi1 = 1.
    q = critical.weight_variance * critical.input_length + critical.bias_variance
    assert abs(float(expectation(act, "curvature", q))) < 1e-9
