"""Propagation against printed values, closed forms, other iterations and real networks."""

import dataclasses
import math

import numpy as np
import pytest
from mean_field_functions import activation, users

import nonlin as nl
from nonlin.propagation import critical_initialization, gain, propagate


@pytest.mark.parametrize(
    ("weight", "expected"),
    # Reference values computed independently of this package, tanh at sb2 = 0.05:
    # q*, chi1, c*, xi_q, xi_c.
    [(1.3, (0.315316, 0.880164, 1.0, 1.785, 7.834)),
     (2.5, (1.063958, 1.133516, 0.446804, 1.180, 11.796))],
)  # fmt: skip
def test_printed_points_of_tanh(weight, expected):
    found = propagate(nl.tanh, weight_variance=weight, bias_variance=0.05, depth=2)
    values = found.q_star, found.chi1, found.c_star, found.xi_q, found.xi_c
    assert [round(x, d) for x, d in zip(values, (6, 6, 6, 3, 3), strict=True)] == list(expected)
    assert found.phase == ("ordered" if weight < 2 else "chaotic")


def test_layers_approach_the_fixed_points_as_fast_as_told():
    found = propagate(nl.tanh, weight_variance=2.5, bias_variance=0.05, depth=60)
    assert found.lengths[-1] == pytest.approx(found.q_star, rel=1e-12)
    q, c = np.abs(found.lengths - found.q_star), np.abs(found.correlations - found.c_star)
    assert math.log(q[10] / q[14]) / 4 == pytest.approx(1 / found.xi_q, rel=1e-3)
    assert math.log(c[40] / c[50]) / 10 == pytest.approx(1 / found.xi_c, rel=1e-2)
    assert found.gradient_factors[-1] == pytest.approx(found.chi1, rel=1e-12)
    products = [float(np.prod(found.gradient_factors[i:-1])) for i in range(60)]
    np.testing.assert_allclose(found.gradients, products, rtol=1e-12)


def test_relu_at_three_weight_variances():
    for weight, q_star, phase in (
        (1.0, 0.0, "ordered"),
        (2.0, 2.0, "critical"),
        (3.0, math.inf, "chaotic"),
    ):
        found = propagate(nl.relu, weight_variance=weight, depth=30)
        assert found.q_star == pytest.approx(q_star, rel=1e-14)
        assert found.phase == phase
        np.testing.assert_allclose(found.lengths, 2 * (weight / 2) ** np.arange(1, 31), rtol=1e-13)
        assert found.chi1 == pytest.approx(weight / 2, rel=1e-14)
        assert math.isnan(found.c_star) == (weight != 2.0)
    # PyTorch's default: weight variance 1/3, chi1 = 1/6.
    assert propagate(nl.relu, weight_variance=1 / 3, depth=1).chi1 == pytest.approx(
        1 / 6, rel=1e-14
    )


def test_correlations_of_relu_are_the_arc_cosine_map():
    c = [0.0]
    for _ in range(19):  # Cho and Saul 2009
        t = math.acos(c[-1])
        c.append((math.sin(t) + (math.pi - t) * c[-1]) / math.pi)
    found = propagate(nl.relu, weight_variance=2.0, depth=20)
    np.testing.assert_allclose(found.correlations, c, atol=1e-12)
    same = propagate(nl.relu, weight_variance=2.0, depth=20, input_correlation=1.0)
    np.testing.assert_allclose(same.correlations, 1.0, atol=1e-14)


def test_max_depth_is_where_gradients_leave_the_limits():
    def depth(act, weight, low=1e-3, high=1e3, bias=0.0):
        return propagate(
            act, weight_variance=weight, bias_variance=bias, depth=1, gradient_limits=(low, high)
        ).max_depth

    assert depth(nl.relu, 1.0) == 10  # 2^-9 > 1e-3 > 2^-10
    assert depth(nl.relu, 4.0) == 10
    assert depth(nl.relu, 2.0) == math.inf
    assert depth(nl.relu, 1.998) == 1 + math.floor(math.log(1e-3) / math.log(0.999))
    assert depth(nl.relu, 1.9998) == 1 + math.floor(math.log(1e-3) / math.log(0.9999))
    # tanh at (1, 0): q falls as 1 / 2l and the product as 1 / l, a power that no exponential shows.
    assert depth(nl.tanh, 1.0, 1e-4) == pytest.approx(10 * depth(nl.tanh, 1.0, 1e-3), rel=0.05)
    weight = critical_initialization(nl.tanh, 0.05).weight_variance
    assert depth(nl.tanh, weight, bias=0.05) == math.inf
    long = propagate(nl.tanh, weight_variance=1.3, bias_variance=0.05, depth=80)
    assert long.gradients[80 - int(long.max_depth)] >= 0.0
    exact = propagate(nl.tanh, weight_variance=1.3, bias_variance=0.05, depth=int(long.max_depth))
    deeper = propagate(nl.tanh, weight_variance=1.3, bias_variance=0.05, depth=exact.depth + 1)
    assert deeper.gradients[0] < 1e-4 <= exact.gradients[0]


def network(act, weight, bias, width, depth, rng):
    """Lengths and the squared gradient of one real network with residual blocks."""
    x = rng.standard_normal(width)
    stream = math.sqrt(weight) * x / math.sqrt(x @ x / width) @ rng.standard_normal((width, width))
    stream = stream / math.sqrt(width)
    saved, sizes = [], [stream @ stream / width]
    for _ in range(depth - 1):
        size = math.sqrt(stream @ stream / width)
        matrix = rng.standard_normal((width, width)) * math.sqrt(weight / width)
        saved.append((stream / size, size, matrix))
        shift = math.sqrt(bias) * rng.standard_normal(width)
        stream = stream + 0.5 * (matrix @ act(stream / size) + shift)
        sizes.append(stream @ stream / width)
    delta = rng.standard_normal(width)
    last = delta @ delta
    for unit, size, matrix in reversed(saved):
        inner = act.derivative(unit) * (matrix.T @ delta)
        delta = delta + 0.5 * (inner - unit * (unit @ inner) / width) / size
    return np.array(sizes), delta @ delta / last


@pytest.mark.parametrize("act", [nl.relu, nl.tanh, nl.elu], ids=lambda act: act.name)
def test_residual_blocks_do_what_real_ones_do(act):
    rng = np.random.default_rng(0)
    depth, weight, bias = 12, 1.5, 0.1
    runs = [network(act, weight, bias, 256, depth, rng) for _ in range(60)]
    first = weight
    found = propagate(
        act, weight_variance=weight, bias_variance=bias, depth=depth, residual=0.5,
        input_length=(first - bias) / weight,
    )  # fmt: skip
    sizes, gradients = np.array([s for s, _ in runs]), np.array([g for _, g in runs])
    error = 4 * sizes.std(axis=0) / math.sqrt(60)
    assert (np.abs(sizes.mean(axis=0) - found.lengths) < error).all()
    assert gradients.mean() == pytest.approx(
        found.gradients[0], abs=4 * gradients.std() / math.sqrt(60)
    )


def test_residual_networks_grow_like_a_power():
    found = propagate(nl.relu, weight_variance=2.0, depth=100, residual=0.5)
    # 0.25 * 2 * 1/2 a block.
    np.testing.assert_allclose(found.lengths, 2.0 + 0.25 * np.arange(100), rtol=1e-14)
    assert (found.q_star, found.chi1, found.phase) == (math.inf, 1.0, "critical")
    # chi_l = 1 + 0.25 / q_l, whose product telescopes: q_L / q_1.
    assert found.gradients[0] == pytest.approx(found.lengths[-1] / found.lengths[0], rel=1e-12)
    assert found.max_depth == pytest.approx(1 + (1e4 - 1) * 2.0 / 0.25, rel=1e-2)


def test_gain_keeps_the_length():
    for name in ("relu", "tanh", "gelu", "selu"):
        act = activation(name)
        found = propagate(
            act, weight_variance=gain(act) ** 2, depth=2, input_length=gain(act) ** -2
        )
        np.testing.assert_allclose(found.lengths, 1.0, rtol=1e-13)


def test_what_overflows_is_infinite():
    found = propagate(users("exponential"), weight_variance=1.0, depth=10)
    assert found.q_star == math.inf
    assert found.lengths[-1] == math.inf
    assert found.phase == "chaotic"
    step = propagate(users("jump"), weight_variance=1.0, bias_variance=0.1, depth=5)
    assert step.chi1 == 0.0
    assert step.c_star < 1.0  # the jump separates inputs however close


@pytest.mark.parametrize(
    ("name", "value"),
    [("weight_variance", -1.0), ("bias_variance", math.nan), ("depth", 0), ("width", 0),
     ("input_length", math.inf), ("input_correlation", 1.5), ("gradient_limits", (2.0, 3.0))],
)  # fmt: skip
def test_arguments_are_checked_by_name(name, value):
    with pytest.raises(ValueError, match=name):
        propagate(nl.tanh, **({"weight_variance": 1.0, "depth": 3} | {name: value}))


def test_the_record_is_frozen():
    found = propagate(nl.tanh, weight_variance=1.0, depth=2)
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.depth = 3
