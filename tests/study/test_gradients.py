import numpy as np
import pytest
import torch

from nonlin.study.data import load
from nonlin.study.gradients import (
    INITS,
    SAMPLES,
    Untrained,
    fits,
    layer_gradients,
    predicted_growth,
    tanh_factors,
)
from nonlin.study.networks import ACTIVATIONS, Ensemble


def test_the_gradient_of_a_linear_net_is_the_product_of_its_weights():
    data = load("digits", 1)
    found = layer_gradients(data, "identity", depth=3, init="xavier")[0]
    # Without a function dLoss/dz_l = dLoss/dz_L W_L^T ... W_{l+1}^T, and at the logits it is p - y.
    ensemble = Ensemble([64, 64, 64, 64, 10], "identity", [0])
    x, y = data.train.x[:, :SAMPLES], data.train.y[0, :SAMPLES]
    with torch.no_grad():
        gradient = torch.softmax(ensemble(x)[0], 1) - torch.nn.functional.one_hot(y, 10)
        expected = []
        for weight in reversed(list(ensemble.weights)[1:]):
            gradient = gradient @ weight[0].T
            expected.insert(0, gradient.double().square().mean().sqrt().item())
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_a_scaled_identity_multiplies_by_its_scale(monkeypatch):
    # phi(z) = z / 2 has the derivative 1/2 everywhere: beside the identity, which keeps the RMS on
    # average, every layer halves the gradient.
    monkeypatch.setitem(ACTIVATIONS, "half", lambda z: z / 2)
    untrained = Untrained(load("digits", 2), (12,))
    plain, _ = untrained.by_layer("identity", "xavier", "plain")
    half, r_squared = untrained.by_layer("half", "xavier", "half")
    assert half.value / plain.value == pytest.approx(0.5, rel=0.01)
    assert r_squared.value > 0.99


def test_the_fit_of_an_exact_shrinking():
    factor, r_squared = fits("x", [3, 2, 1], np.array([[0.125, 0.25, 0.5], [0.25, 0.5, 1.0]]))
    assert (factor.name, r_squared.name) == ("factor_x", "r_squared_x")
    assert factor.value == pytest.approx(0.5)
    assert r_squared.value == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("activation", "init", "factor"),
    # Mean-field: sqrt(weight variance * E[phi'^2]); ReLU has E[phi'^2] = 1/2, so 1 with He and
    # sqrt(1/6) with torch's default.
    [("relu", "he", 1.0), ("relu", "default", np.sqrt(1 / 6))],
)
def test_relus_factor_is_the_one_of_mean_field_theory(activation, init, factor):
    untrained = Untrained(load("digits", 5), (30,))
    found, _ = untrained.by_layer(activation, init, "x")
    assert found.value == pytest.approx(factor, rel=0.05)


def test_the_prediction_of_relu_is_known():
    # Half of all slopes are 1: a layer multiplies the RMS by sqrt(sw2 / 2), whatever its length.
    # torch's default has sw2 = 1/3.
    untrained = Untrained(load("digits", 1), (2, 12))
    assert untrained.prediction("relu", "he", "he").value == pytest.approx(1.0, rel=1e-9)
    default = untrained.prediction("relu", "default", "default")
    assert (default.name, default.low) == ("predicted_default", None)
    assert default.value == pytest.approx(6**-0.5, rel=1e-9)


@pytest.mark.parametrize(
    ("activation", "init"),
    [("sigmoid", "xavier"), ("sigmoid", "default"), ("tanh", "default"), ("relu", "he")],
)
def test_the_prediction_is_what_is_measured(activation, init):
    untrained = Untrained(load("digits", 3), (20,))
    measured, _ = untrained.by_layer(activation, init, init)
    predicted = untrained.prediction(activation, init, init)
    # 64 units and not infinitely many: 3 seeds stray by two or three per cent.
    assert measured.value == pytest.approx(predicted.value, rel=0.05)


def test_over_the_depths_the_prediction_is_the_growth_to_the_last_layer():
    untrained = Untrained(load("digits", 1), (2, 3))
    found = untrained.prediction("tanh", "default", "depths", untrained.depths)
    length = float(untrained.data.train.x[:, :SAMPLES].double().square().mean())
    growth = predicted_growth("tanh", "default", 3, 64, length)
    assert found.value == pytest.approx(growth[2] / growth[1], rel=1e-9)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
def test_at_the_critical_point_a_layer_keeps_the_gradient(activation):
    untrained = Untrained(load("digits", 12), (20,))
    measured, _ = untrained.by_layer(activation, "critical", "critical")
    assert measured.value == pytest.approx(1.0, abs=0.04)


def test_the_ratio_of_the_factors_is_taken_under_each_seed():
    numbers, _ = tanh_factors(Untrained(load("digits", 3), (8,)))
    found = {number.name: number for number in numbers}
    for init in INITS["tanh"]:
        ours, theirs = found[f"factor_{init}"].value, found[f"factor_sigmoid_{init}"].value
        assert found[f"factor_ratio_{init}"].value == pytest.approx(ours / theirs)
