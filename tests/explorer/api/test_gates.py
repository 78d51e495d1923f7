"""Gates, softmax and recurrent networks over the API."""

import numpy as np
import pytest

import nonlin as nl
from nonlin.explorer.api.time import _drawn


@pytest.mark.parametrize("name", nl.gates())
def test_a_gate_is_the_kernel_s(ask, name):
    found = ask("gate", gate=name, reach=3, points=5)
    inputs = np.linspace(-3, 3, 5, dtype=np.float32)
    gate, value = np.meshgrid(inputs, inputs)
    chosen = nl.get(name)
    assert np.array_equal(np.float32(found["output"]), chosen(gate, value))
    by_gate, by_value = chosen.derivative(gate, value)
    assert np.array_equal(np.float32(found["by_gate"]), by_gate)
    assert np.array_equal(np.float32(found["by_value"]), by_value)


def test_a_gate_whose_closed_side_is_dead_is_named(ask):
    assert "dead" in ask("gate", gate="reglu", lang="en")["summary"][1]
    assert "dead" not in ask("gate", gate="swiglu", lang="en")["summary"][1]


def test_softmax_at_a_temperature(ask):
    found = ask("softmax", n=8, variance=4, temperature=0.5, seed=3)
    scores = 2.0 * np.random.default_rng(3).standard_normal(8)
    weights = np.exp(scores / 0.5) / np.exp(scores / 0.5).sum()
    assert found["weights"] == pytest.approx(sorted(weights, reverse=True), rel=1e-9)
    assert found["largest"] == pytest.approx(weights.max())
    entropy = -(weights * np.log(weights)).sum() / np.log(8)
    assert found["entropy"] == pytest.approx(entropy)
    jacobian = np.diag(weights) - np.outer(weights, weights)
    even = np.eye(8) / 8 - np.ones((8, 8)) / 64
    size = np.linalg.norm(jacobian) / np.linalg.norm(even)
    assert found["gradient"] == pytest.approx(size)


def test_what_is_expected_of_softmax_is_what_is_drawn_on_average(ask):
    found = ask("softmax", n=8, variance=1, temperature=1)["expected"]
    place = int(np.argmin(np.abs(np.log(found["temperature"]))))
    temperature = found["temperature"][place]
    drawn = np.random.default_rng(0).standard_normal((20_000, 8)) / temperature
    weights = np.exp(drawn) / np.exp(drawn).sum(axis=1, keepdims=True)
    # The mean of 20,000 draws is known to about 0.1 % here.
    assert found["largest"][place] == pytest.approx(weights.max(axis=1).mean(), rel=5e-3)
    entropy = -(weights * np.log(weights)).sum(axis=1).mean() / np.log(8)
    assert found["entropy"][place] == pytest.approx(entropy, rel=5e-3)
    assert found["temperature"] == sorted(found["temperature"])


def test_the_first_step_gets_what_a_deep_network_s_first_layer_gets(ask):
    found = ask("time", f="tanh", recurrent_variance=1.5, input_variance=0.1, steps=30)
    known = nl.propagate(
        nl.tanh, weight_variance=1.5, bias_variance=0.1, depth=30, input_length=0.0
    )
    assert found["predicted"]["gradient"] == pytest.approx(np.sqrt(known.gradients).tolist())
    measured = np.log(found["measured"]["gradient"][0])
    # 256 units: the logarithm of a gradient spreads by about sqrt(steps / units) = 0.34.
    assert measured == pytest.approx(np.log(found["predicted"]["gradient"][0]), abs=1.0)


def test_a_linear_recurrent_network_s_gradient_is_a_product_of_matrices():
    _, gradients = _drawn(nl.identity, 1.0, 0.1, 4, 6, 0)
    random = np.random.default_rng(0)
    weight = np.sqrt(1.0 / 6) * random.standard_normal((6, 6))
    random.standard_normal((4, 6))
    delta = random.standard_normal(6)
    sizes = [np.linalg.norm(np.linalg.matrix_power(weight.T, k) @ delta) for k in (3, 2, 1, 0)]
    assert gradients == pytest.approx(np.array(sizes) / sizes[-1])


@pytest.mark.parametrize(
    ("address", "query"),
    [
        ("gate", {"gate": "relu"}),
        ("gate", {"reach": 0}),
        ("softmax", {"n": 1}),
        ("softmax", {"temperature": 0}),
        ("time", {"f": ["tanh", "relu"]}),
        ("time", {"f": "tanh", "steps": 1}),
    ],
)
def test_what_is_out_of_bounds_is_refused(refused, address, query):
    assert refused(400, address, **query)
