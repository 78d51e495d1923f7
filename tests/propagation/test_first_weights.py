"""First weights by theory: what they claim follows from the maps, at every depth."""

import math

import numpy as np
import pytest

import nonlin as nl
from nonlin.propagation import NoCriticalPointError, NotConvergedError, expectation, first_weights

# Those of the catalogue that are linear on both sides of 0.
EVERY_LENGTH = {"relu", "leaky_relu", "threshold", "identity"}


def followed(found):
    """Follow lengths, and the mean squared gradient from the last layer to the first, by the maps.

    q' = sw2 E[phi^2] + sb2, and the gradient's factor is sw2 E[phi'^2].
    """
    act, weight, bias = found.activation, found.weight_variance, found.bias_variance
    q = [1.0 if math.isnan(found.length) else found.length]
    for _ in range(found.depth - 1):
        q.append(weight * float(expectation(act, "square", q[-1])) + bias)
    factors = weight * expectation(act, "slope_square", q[:-1])
    return np.array(q), float(np.prod(factors))


@pytest.mark.parametrize("depth", [2, 4, 12, 30])
@pytest.mark.parametrize("name", nl.names())
def test_what_is_claimed_follows_from_the_maps(name, depth):
    found = nl.first_weights(nl.get(name), depth=depth)
    lengths, gradient = followed(found)
    # A length that repels is left by rounding alone, which grows by a factor 1.5 in all at most.
    spread = lengths / lengths[0]
    assert spread[-1] == pytest.approx(found.length_change, rel=1e-6)
    assert gradient == pytest.approx(found.gradient_change, rel=1e-6)
    assert found.gradient_factor ** (depth - 1) == pytest.approx(found.gradient_change, rel=1e-9)
    if found.holds:
        assert 0.5 <= spread.min() <= spread.max() <= 2.0
        assert 0.1 <= found.gradient_change <= 2.0
        assert max(found.length_slope, 0.0) ** (depth - 1) <= 1.5
    assert math.isnan(found.length) == (name in EVERY_LENGTH)


def test_values_that_are_known():
    # He et al. 2015; Klambauer et al. 2017; the sigmoid's critical point without biases.
    assert nl.first_weights(nl.relu, depth=50).weight_variance == 2.0
    assert nl.first_weights(nl.selu, depth=10).weight_variance == pytest.approx(1.0, rel=1e-9)
    sigmoid = nl.first_weights(nl.sigmoid, depth=50)
    point = nl.critical_initialization(nl.sigmoid)
    assert (sigmoid.weight_variance, sigmoid.length) == (point.weight_variance, point.q_star)
    assert sigmoid.weight_variance == pytest.approx(103.0, rel=1e-3)


@pytest.mark.parametrize(
    ("act", "weight", "bias"),
    [(nl.gelu, 1.98305826, 0.17292239), (nl.silu, 1.98800468, 0.55514317)],
)
def test_very_deep_gelu_and_silu_take_the_half_stable_point(act, weight, bias):
    # D. A. Roberts, S. Yaida, B. Hanin, The principles of deep learning theory, 2022, section 5.3.
    # The length is one of a grid whose steps are 10 %, and so is about the bias.
    found = nl.first_weights(act, depth=3000)
    assert found.holds
    assert found.weight_variance == pytest.approx(weight, rel=0.01)
    assert found.bias_variance == pytest.approx(bias, rel=0.15)


def test_the_deeper_the_nearer_to_the_critical_weights_at_zero():
    variances = [
        nl.first_weights(nl.tanh, depth=depth).weight_variance for depth in (4, 12, 30, 300)
    ]
    assert variances == sorted(variances, reverse=True)
    assert 1.0 < variances[-1] < 1.1


@pytest.mark.parametrize(
    "name", ["sigmoid", "gelu", "softplus", "hard_sigmoid", "thresholded_relu"]
)
def test_of_a_single_layer_the_length_1_is_asked(name):
    act = nl.get(name)
    found = nl.first_weights(act)
    assert (found.choice, found.depth, found.length) == ("unit length", 1, 1.0)
    assert found.weight_variance == pytest.approx(nl.gain(act) ** 2, rel=1e-12)


def test_where_nothing_holds_the_numbers_are_told():
    found = nl.first_weights(nl.exponential, depth=30)
    assert (found.choice, found.holds) == ("nearest", False)
    # E[exp(z)^2] = exp(2 q), so that a length q is kept by sw2 = q exp(-2 q), with chi = q.
    assert found.weight_variance == pytest.approx(
        found.length * math.exp(-2 * found.length), rel=1e-9
    )
    assert found.gradient_factor == pytest.approx(found.length, rel=1e-9)
    assert found.gradient_change == pytest.approx(found.length**29, rel=1e-6)
    # From the other fixed point, q > 1/2, lengths explode.
    assert found.length < 0.5


def test_without_biases_none_are_asked_for():
    with_them = nl.first_weights(nl.soft_shrink, depth=30)
    assert (with_them.holds, with_them.bias_variance > 0.0) == (True, True)
    assert with_them.gradient_factor == pytest.approx(1.0, rel=1e-9)
    without = first_weights(nl.soft_shrink, 30, biases=False)
    assert without.bias_variance == 0.0


def test_the_first_layer_takes_its_inputs_into_account():
    found = nl.first_weights(nl.soft_shrink, depth=30)
    for mean_square in (1.0, 1e4, 1e-3):
        made = found.input_variance(mean_square) * mean_square + found.bias_variance
        assert made == pytest.approx(found.length, rel=1e-12)
    assert nl.first_weights(nl.relu, depth=30).input_variance(1e4) == 2.0


def test_functions_of_the_users_own():
    mine = nl.Activation.from_function(lambda x: 0.9 * nl.mish(x), name="mine")
    found, known = (nl.first_weights(act, depth=12) for act in (mine, nl.mish))
    assert found.holds
    assert found.length == known.length
    assert found.weight_variance == pytest.approx(known.weight_variance / 0.81, rel=1e-8)


def test_the_error_of_critical_initialization_says_what_to_take():
    with pytest.raises(NoCriticalPointError) as caught:
        nl.critical_initialization(nl.gelu)
    taken = nl.first_weights(nl.gelu, depth=10)
    assert f"weight_variance={taken.weight_variance:.4g}" in str(caught.value)
    assert "nonlin.first_weights" in str(caught.value)
    factor = taken.weight_variance * float(expectation(nl.gelu, "slope_square", taken.length))
    assert f"{factor:.4g} a layer" in str(caught.value)


@pytest.mark.parametrize("depth", [0, -1, 2.5, True])
def test_a_depth_is_a_positive_integer(depth):
    with pytest.raises(ValueError, match="depth must be a positive integer"):
        nl.first_weights(nl.tanh, depth=depth)


def test_what_passes_nothing_on_has_no_first_weights():
    flat = nl.Activation.from_function(lambda x: 0.0 * x, name="flat")
    with pytest.raises(NotConvergedError, match="has no first weights"):
        nl.first_weights(flat, depth=4)


@pytest.mark.parametrize("depth", [1, 3])
def test_a_function_that_is_0_on_all_that_usual_lengths_meet(depth):
    """The chance that a standard normal z passes 100 is 1e-2174: of length 1 there is nothing."""
    late = nl.Activation.from_function(
        lambda x: np.maximum(x - 100, 0), lambda x: np.where(x > 100, 1.0, 0.0), name="late"
    )
    found = nl.first_weights(late, depth=depth)
    assert found.length > 1
    # What they are for: the output's length times the variance is the length again.
    made = found.weight_variance * found.output_length
    assert made == pytest.approx(found.length, rel=1e-6)
