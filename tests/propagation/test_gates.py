"""Gates under Gaussian inputs, against closed forms, large samples and random networks."""

import math

import numpy as np
import pytest

import nonlin as nl
from nonlin.propagation import GatedPropagation, GatedWeights, NotConvergedError, gate_moments
from nonlin.propagation.gated_layers import propagate_gated

UNITS, DRAWS = 512, 10


def test_closed_forms():
    # E[relu(g)^2] = a / 2, and for a correlation c: E[g^2 v^2] = a b (1 + 2 c^2).
    found = gate_moments("reglu", 2.0, 3.0)
    assert found.square == pytest.approx(3.0, rel=1e-12)
    assert found.by_gate == pytest.approx(1.5, rel=1e-12)
    assert found.by_value == pytest.approx(1.0, rel=1e-12)
    for c in (-1.0, -0.95, 0.3, 0.9, 1.0):
        found = gate_moments(nl.bilinear, 2.0, 3.0, c)
        assert found.square == pytest.approx(6.0 * (1 + 2 * c * c), rel=1e-9)
        assert found.value == pytest.approx(math.sqrt(6.0) * c, rel=1e-9)
        assert found.by_gate == pytest.approx(3.0, rel=1e-9)


@pytest.mark.parametrize("name", nl.gates())
@pytest.mark.parametrize("correlation", [0.0, 0.6, 1.0])
def test_expectations_are_those_of_a_large_sample(name, correlation):
    generator = np.random.default_rng(5)
    a, b = generator.normal(size=(2, 2_000_000))
    g, v = (
        math.sqrt(1.5) * a,
        math.sqrt(0.7) * (correlation * a + math.sqrt(1 - correlation**2) * b),
    )
    gate = nl.get(name)
    by_gate, by_value = gate.derivative(g, v)
    found = gate_moments(gate, 1.5, 0.7, correlation)
    for exact, sample in (
        (found.value, gate(g, v)),
        (found.square, gate(g, v) ** 2),
        (found.by_gate, by_gate**2),
        (found.by_value, by_value**2),
    ):
        # Five standard errors of the sample's mean.
        assert abs(sample.mean() - exact) <= 5 * sample.std() / math.sqrt(len(g)) + 1e-12


def test_gain_is_the_inverse_root_of_the_mean_square():
    assert nl.gain(nl.bilinear) == pytest.approx(1.0, rel=1e-12)
    assert nl.gain("reglu") == pytest.approx(math.sqrt(2.0), rel=1e-12)
    for name in nl.gates():
        found = gate_moments(name)
        assert nl.gain(name) == pytest.approx(found.square**-0.5, rel=1e-12)
    # clamped SwiGLU adds 1 to its value, so its output has a mean.
    centred = nl.gain(nl.clamped_swiglu, mean_zero=True)
    found = gate_moments(nl.clamped_swiglu)
    assert centred == pytest.approx((found.square - found.value**2) ** -0.5, rel=1e-12)
    assert centred > nl.gain(nl.clamped_swiglu)


def layer(gate, so2, generator, x):
    """Send x through one random gated layer; returns its output and the way back."""
    wg, wv, wo = generator.normal(size=(3, UNITS, UNITS)) / math.sqrt(UNITS)
    wo *= math.sqrt(so2)
    g, v = wg @ x, wv @ x

    def back(delta):
        by_gate, by_value = gate.backward(wo.T @ delta, g, v)
        return wg.T @ by_gate + wv.T @ by_value

    return wo @ gate(g, v), back


@pytest.mark.parametrize("name", nl.gates())
@pytest.mark.parametrize("length", [0.3, 2.0])
def test_a_random_layer_does_what_theory_says(name, length):
    gate = nl.get(name)
    theory = nl.propagate(gate, depth=2, input_length=length)
    generator = np.random.default_rng(17)
    seen = []
    for _ in range(2 * DRAWS):
        x, delta = generator.normal(size=(2, UNITS))
        x *= math.sqrt(length / np.mean(x**2))
        y, back = layer(gate, theory.output_variance, generator, x)
        seen.append([np.mean(y**2), np.mean(back(delta) ** 2) / np.mean(delta**2)])
    mean, error = np.mean(seen, axis=0), np.std(seen, axis=0) / math.sqrt(len(seen) - 1)
    expected = np.array([theory.lengths[1], theory.gradient_factors[0]])
    # A product has heavy tails: the error of the mean is measured, and small enough to tell.
    assert (error < 0.1 * expected).all()
    assert (np.abs(mean - expected) < 4 * error).all(), (mean, expected, error)


@pytest.mark.parametrize("name", ["glu", "swiglu", "geglu", "situ_glu"])
def test_random_residual_networks_do_what_theory_says(name):
    gate, layers, scale = nl.get(name), 6, 0.5
    theory = nl.propagate(gate, depth=layers, residual=scale)
    assert isinstance(theory, GatedPropagation)
    generator = np.random.default_rng(19)
    lengths, gradients = [], []
    for _ in range(DRAWS):
        x, delta = generator.normal(size=(2, UNITS))
        x /= np.sqrt(np.mean(x**2))
        ways, seen = [], []
        for _ in range(layers):
            rms = np.sqrt(np.mean(x**2))
            seen.append(rms**2)
            y, back = layer(gate, theory.output_variance, generator, x / rms)
            ways.append((back, rms, x / rms))
            x = x + scale * y
        lengths.append(seen)
        first, sizes = np.mean(delta**2), []
        for back, rms, direction in reversed(ways):
            inner = back(delta)
            # The normalisation lets nothing through along its input.
            inner = (inner - direction * np.mean(direction * inner)) / rms
            delta = delta + scale * inner
            sizes.append(np.mean(delta**2) / first)
        gradients.append(sizes[::-1])
    np.testing.assert_allclose(np.mean(lengths, axis=0), theory.lengths, rtol=0.05)
    np.testing.assert_allclose(np.mean(gradients, axis=0), theory.gradients, rtol=0.1)


def test_a_residual_stream_grows_by_a_constant():
    found = nl.propagate(nl.swiglu, depth=5, residual=0.5)
    np.testing.assert_allclose(found.lengths, 1 + 0.25 * np.arange(5), rtol=1e-12)
    moments = gate_moments(nl.swiglu)
    slope = 0.25 * (moments.by_gate + moments.by_value) / moments.square
    np.testing.assert_allclose(found.gradient_factors, 1 + slope / found.lengths, rtol=1e-12)
    assert found.fixed_lengths == ()


def test_a_product_repels_the_length_it_keeps():
    (kept,) = propagate_gated(nl.bilinear, 0.25, depth=1).fixed_lengths
    assert kept.length == pytest.approx(4.0, rel=1e-9)
    assert kept.slope == pytest.approx(2.0, rel=1e-6)
    assert not kept.stable
    below = nl.propagate(nl.bilinear, weight_variance=0.25, depth=12, input_length=3.9).lengths
    above = nl.propagate(nl.bilinear, weight_variance=0.25, depth=12, input_length=4.1).lengths
    assert below[-1] < 1e-9
    assert above[-1] > 1e9


def test_a_gate_that_saturates_has_a_length_that_attracts():
    low, high = nl.propagate(nl.situ_glu, depth=60, input_length=2.0).fixed_lengths
    assert (low.stable, high.stable) == (False, True)
    found = nl.propagate(nl.situ_glu, depth=60, input_length=2.0)
    assert found.lengths[-1] == pytest.approx(high.length, rel=1e-6)


def test_lengths_vanish_and_explode_without_a_warning():
    for length, end in ((1e-30, 0.0), (1e30, math.inf)):
        with np.errstate(over="raise", invalid="raise", divide="raise"):
            found = nl.propagate(nl.bilinear, weight_variance=1.0, depth=12, input_length=length)
        assert found.lengths[-1] == end


@pytest.mark.parametrize("name", nl.gates())
def test_first_weights_keep_the_length_behind_a_normalisation(name):
    found = nl.first_weights(nl.get(name))
    assert isinstance(found, GatedWeights)
    assert found.output_variance == pytest.approx(nl.gain(name) ** 2, rel=1e-12)
    moments = gate_moments(name)
    chi = found.output_variance * (moments.by_gate + moments.by_value)
    assert found.gradient_factor == pytest.approx(chi, rel=1e-12)
    assert found.length_slope > 1.0


def test_wrong_arguments_get_a_sentence():
    with pytest.raises(TypeError, match="takes no bias_variance for a gate"):
        nl.propagate(nl.swiglu, depth=3, bias_variance=0.1)
    with pytest.raises(TypeError, match="for a gate alone"):
        nl.propagate(nl.relu, depth=3, weight_variance=2.0, gate_variance=1.0)
    with pytest.raises(ValueError, match="input_length must be above 0"):
        nl.propagate(nl.swiglu, depth=3, input_length=0.0)
    with pytest.raises(ValueError, match="depth must be a positive integer"):
        nl.propagate(nl.swiglu, depth=0)
    with pytest.raises(ValueError, match="correlation must be in"):
        gate_moments(nl.swiglu, correlation=1.5)
    with pytest.raises(NotConvergedError, match="correlations up to"):
        gate_moments(nl.swiglu, correlation=0.9999)
    with pytest.raises(TypeError, match="gate_moments expects a gate"):
        gate_moments(nl.relu)
