"""Phase diagrams against single networks, printed values and brute iteration."""

import numpy as np
import pytest
from mean_field_functions import activation, users

import nonlin as nl
from nonlin.propagation import critical_initialization, phase_diagram
from nonlin.propagation.moments import moments


def test_printed_points_of_tanh():
    # Reference values computed independently of this package.
    found = phase_diagram(nl.tanh, [1.3, 2.5], [0.05])
    assert found.q_star[:, 0].round(6).tolist() == [0.315316, 1.063958]
    assert found.chi1[:, 0].round(6).tolist() == [0.880164, 1.133516]
    assert found.xi_q[:, 0].round(3).tolist() == [1.785, 1.180]
    assert found.phase[:, 0].tolist() == ["ordered", "chaotic"]


@pytest.mark.parametrize("name", ["tanh", "elu", "sigmoid", "gelu", "steep", "relu6", "softplus"])
def test_lengths_settle_where_iteration_leads(name):
    act = activation(name)
    weights, biases = [0.3, 1.1, 1.7], [0.02, 0.4]
    found = phase_diagram(act, weights, biases)
    for i, weight in enumerate(weights):
        for j, bias in enumerate(biases):
            q = weight + bias
            for _ in range(400):
                q = weight * float(moments(act, q).square) + bias
            assert found.q_star[i, j] == pytest.approx(q, rel=1e-8)
            chi = weight * float(moments(act, q).slope_square)
            assert found.chi1[i, j] == pytest.approx(chi, rel=1e-8)


def test_relu_has_no_length_of_its_own():
    found = phase_diagram(nl.relu, [1.0, 2.0, 3.0], [0.0, 0.5])
    expected = [[0.0, 1.0], [2.0, np.inf], [np.inf, np.inf]]
    np.testing.assert_allclose(found.q_star, expected, rtol=1e-14)
    np.testing.assert_allclose(found.chi1[:, 0], [0.5, 1.0, 1.5], rtol=1e-14)
    assert found.phase[:, 0].tolist() == ["ordered", "critical", "chaotic"]


def test_the_border_is_the_critical_line():
    for bias in (0.05, 0.5):
        weight = critical_initialization(nl.tanh, bias).weight_variance
        found = phase_diagram(nl.tanh, [weight - 1e-4, weight, weight + 1e-4], [bias])
        assert found.phase[:, 0].tolist() == ["ordered", "critical", "chaotic"]
        assert found.gradient_depth[1, 0] == np.inf


def test_a_length_map_falls_by_half_at_most():
    # sqrt(q) E[phi^2] increases with q, so that d ln E[phi^2] / d ln q >= -1/2.
    bump = users("bump")
    q = np.geomspace(1e-3, 1e6, 50)
    found = moments(bump, q)
    np.testing.assert_allclose(found.square, (1 + 4 * q) ** -0.5, rtol=1e-12)
    assert (found.growth / found.square).min() >= -0.5
    settled = phase_diagram(bump, [1e4], [0.0])
    # q = 1e4 (1 + 4 q)^-1/2
    assert settled.q_star[0, 0] == pytest.approx(
        1e4 / (1 + 4 * settled.q_star[0, 0]) ** 0.5, rel=1e-9
    )


def test_where_moments_overflow_lengths_are_infinite():
    found = phase_diagram(users("exponential"), [0.1, 1.0], [0.0])
    assert found.phase[:, 0].tolist() == ["ordered", "chaotic"]
    # q = 0.1 exp(2 q) by Newton's method: -W(-0.2) / 2 = 0.1295855509.
    assert found.q_star[0, 0] == pytest.approx(0.1295855509, abs=1e-10)
    assert found.q_star[1, 0] == np.inf


@pytest.mark.parametrize("name", ["tanh", "relu", "hardswish", "gelu"])
def test_a_diagram_has_10_000_points(name):
    found = phase_diagram(activation(name))
    assert found.q_star.shape == found.phase.shape == (100, 100)


def test_variances_are_finite_numbers():
    for weights, biases in (([-1.0], [0.0]), ([1.0], [np.nan]), ([[1.0]], [0.0])):
        with pytest.raises(ValueError, match="variances"):
            phase_diagram(nl.tanh, weights, biases)
