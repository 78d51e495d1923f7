"""Arguments of the theory: the right value, or one sentence, wherever it takes one."""

import math
from functools import partial

import numpy as np
import pytest

import nonlin as nl
from nonlin.propagation import expectation

FUNCTIONS = {
    "gain": nl.gain,
    "propagate": partial(nl.propagate, weight_variance=1.0, depth=2),
    "critical_initialization": nl.critical_initialization,
    "critical_line": nl.critical_line,
    "phase_diagram": nl.phase_diagram,
    "expectation": lambda act: expectation(act, "square", 1.0),
}


@pytest.mark.parametrize("given", [np.sin, 3, None], ids=str)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_activation(name, given):
    with pytest.raises(TypeError, match=f"^{name} expects an activation, such as"):
        FUNCTIONS[name](given)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_name_is_taken_for_the_activation(name):
    found, expected = FUNCTIONS[name]("torch:Tanh"), FUNCTIONS[name](nl.tanh)
    assert repr(found) == repr(expected)
    with pytest.raises(nl.UnknownActivationError, match="did you mean 'tanh'"):
        FUNCTIONS[name]("tahn")


def test_a_wrapped_function_will_do():
    wrapped = nl.Activation.from_function(np.tanh, name="tanh")
    assert nl.gain(wrapped) == pytest.approx(nl.gain(nl.tanh), rel=1e-9)


def network(**changed):
    return nl.propagate(nl.tanh, **({"weight_variance": 1.3, "depth": 3} | changed))


NO_LENGTH = (math.nan, math.inf, -1.0, -1e-300, True, "1", None, [1.0], 1j)
NO_COUNT = (0, -1, 2.5, math.nan, math.inf, True, "3", None, [2])
NO_CORRELATION = (math.nan, 1.1, -1.1, math.inf, True, "0", [0.5])
CALLS = {
    "weight_variance": (lambda v: network(weight_variance=v), NO_LENGTH),
    "bias_variance": (lambda v: network(bias_variance=v), NO_LENGTH),
    "input_length": (lambda v: network(input_length=v), NO_LENGTH),
    "depth": (lambda v: network(depth=v), NO_COUNT),
    "width": (lambda v: network(width=v), NO_COUNT),
    "input_correlation": (lambda v: network(input_correlation=v), NO_CORRELATION),
    "residual": (lambda v: network(residual=v), (math.nan, math.inf, -math.inf, True, "1", [1.0])),
    "gradient_limits": (
        lambda v: network(gradient_limits=v),
        (None, 3, (1.0,), (2.0, 3.0), (math.nan, 2.0), (0.0, 2.0), ("a", "b")),
    ),
    "critical bias_variance": (partial(nl.critical_initialization, nl.tanh), NO_LENGTH),
    "critical_line bias_variances": (
        partial(nl.critical_line, nl.tanh),
        ([-1.0], [math.nan], [math.inf], ["a"], [[1.0]], [True]),
    ),
    "phase_diagram weight_variances": (
        lambda v: nl.phase_diagram(nl.tanh, v, [0.1]),
        ([-1.0], [math.nan], [math.inf], ["a"], [[1.0]], [True]),
    ),
    "phase_diagram input_length": (
        lambda v: nl.phase_diagram(nl.tanh, [1.0], [0.1], input_length=v), NO_LENGTH,
    ),
    "born_dead width": (lambda v: nl.born_dead_probability(v, 3), NO_COUNT),
    "born_dead depth": (lambda v: nl.born_dead_probability(3, v), NO_COUNT),
    "silent correlation": (lambda v: nl.silent_probability(v, 3), (*NO_CORRELATION, -0.1, None)),
    "silent samples": (lambda v: nl.silent_probability(0.5, v), NO_COUNT),
    "expectation q": (
        lambda v: expectation(nl.tanh, "square", v), (-1.0, math.nan, "1", None, True, [-1.0, 1.0]),
    ),
    "expectation moment": (lambda v: expectation(nl.tanh, v, 1.0), ("mean", None, 3, "")),
}  # fmt: skip
MISTAKES = [
    pytest.param(call, value, id=f"{name}={value!r}")
    for name, (call, values) in CALLS.items()
    for value in values
    if not (name in ("width", "weight_variance") and value is None)
]


@pytest.mark.parametrize(("call", "value"), MISTAKES)
def test_a_number_that_no_network_has_gets_one_sentence(call, value):
    with pytest.raises((TypeError, ValueError), match=r" must |expected ") as caught:
        call(value)
    assert "\n" not in str(caught.value)
    assert repr(value) in str(caught.value)


def test_whole_numbers_may_be_floats_and_numbers_of_numpy():
    plain = network(depth=20, width=8)
    for twenty in (20.0, np.float32(20), np.int8(20), np.array(20)):
        found = network(depth=twenty, width=np.float64(8.0))
        np.testing.assert_array_equal(found.gradients, plain.gradients)
        assert (found.depth, found.width) == (20, 8)
    assert nl.born_dead_probability(5.0, 10.0) == nl.born_dead_probability(5, 10)
    assert nl.silent_probability(1, 9.0) == 0.5


def test_without_a_weight_variance_it_is_the_critical_one():
    found = nl.propagate(nl.tanh, depth=20, bias_variance=0.05)
    point = nl.critical_initialization(nl.tanh, 0.05)
    assert found.weight_variance == point.weight_variance
    assert found.chi1 == pytest.approx(1.0, abs=1e-9)
    with pytest.raises(nl.propagation.NoCriticalPointError):
        nl.propagate(nl.gelu, depth=20)


@pytest.mark.parametrize("name", ["tanh", "relu", "gelu", "selu", "hard_shrink"])
def test_inputs_of_length_0_stay_0_without_biases_where_phi_of_0_is_0(name):
    found = nl.propagate(name, weight_variance=1.3, depth=4, input_length=0, width=20)
    assert found.lengths.tolist() == [0.0] * 4
    # Both inputs are the same.
    assert found.correlations.tolist() == [1.0] * 4
    factor = 1.3 * float(expectation(name, "slope_square", 0.0))
    np.testing.assert_allclose(found.gradients, factor ** np.arange(3.0, -1.0, -1.0), rtol=1e-12)
    assert found.q_star == 0.0
    assert found.chi1 == pytest.approx(factor, rel=1e-12)


def test_inputs_of_length_0_elsewhere():
    # Sigmoid is 1/2 at 0: from the second layer on the length is that of sw2 / 4.
    found = nl.propagate(nl.sigmoid, weight_variance=1.3, depth=4, input_length=0.0)
    again = nl.propagate(nl.sigmoid, weight_variance=1.3, depth=3, input_length=0.25)
    assert found.lengths[0] == 0.0
    np.testing.assert_allclose(found.lengths[1:], again.lengths, rtol=1e-13)
    assert found.correlations.tolist() == [1.0] * 4
    # With biases the first layer has their length.
    found = nl.propagate(nl.tanh, weight_variance=1.3, bias_variance=0.1, depth=4, input_length=0)
    assert found.lengths[0] == 0.1
    assert np.isfinite(found.gradients).all()
    with pytest.raises(ValueError, match="a residual block divides by the length of its input"):
        nl.propagate(nl.tanh, weight_variance=1.0, depth=3, input_length=0, residual=0.5)


@pytest.mark.parametrize(
    ("name", "moment", "limit"),
    [
        # Half of a Gaussian of infinite variance lies at each infinity.
        ("relu", "value", math.inf), ("relu", "square", math.inf), ("relu", "slope_square", 0.5),
        ("relu", "slope_fourth", 0.5), ("relu", "curvature", 0.0),
        ("tanh", "value", 0.0), ("tanh", "square", 1.0), ("tanh", "slope_square", 0.0),
        ("sigmoid", "value", 0.5), ("sigmoid", "square", 0.5), ("sigmoid", "slope_fourth", 0.0),
        ("leaky_relu", "slope_square", (1 + 0.01**2) / 2), ("tanh_shrink", "value", 0.0),
        ("identity", "square", math.inf), ("exponential", "square", math.inf),
    ],
)  # fmt: skip
def test_the_moments_at_an_infinite_variance_are_limits(name, moment, limit):
    assert float(expectation(name, moment, math.inf)) == pytest.approx(limit, abs=1e-9)
    both = expectation(name, moment, [1.0, math.inf])
    assert both[0] == expectation(name, moment, 1.0)
    assert both[1] == expectation(name, moment, math.inf)
    assert expectation(name, moment, []).shape == (0,)


def test_what_vanishes_with_the_variance_is_0_at_0():
    for moment in ("value", "square"):
        assert expectation(nl.relu, moment, 0) == 0.0
        assert expectation(nl.sigmoid, moment, [0.0])[0] > 0.0
    assert expectation(nl.relu, "slope_square", 0) == pytest.approx(0.5)


@pytest.mark.parametrize("name", ["relu_squared", "star_relu", "exponential"])
def test_lengths_that_overflow_are_infinite_and_refuse_nothing(name):
    found = nl.propagate(name, weight_variance=2.0, depth=40)
    assert np.isinf(found.lengths[-1])
    assert np.isfinite(found.lengths[1])
    assert np.isinf(found.gradient_factors[-1])
