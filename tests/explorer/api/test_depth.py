"""Theory, drawn networks and phase diagrams over the API."""

import math

import numpy as np
import pytest

import nonlin as nl

TANH = {"f": "tanh", "init": "custom", "weight_variance": 1.3, "bias_variance": 0.05}


def test_propagation_is_the_theory_with_sizes_for_squares(ask):
    found = ask("propagation", **TANH, depth=20, width=256)
    theory = nl.propagate(
        nl.tanh,
        weight_variance=1.3,
        bias_variance=0.05,
        depth=20,
        width=256,
        input_correlation=0.5,
    )
    assert found["phase"] == "ordered"
    # The reference values for tanh at (1.3, 0.05): q* 0.315316, chi1 0.880164.
    assert found["fixed_length"] == pytest.approx(0.315316, abs=5e-7)
    assert found["chi1"] == pytest.approx(0.880164, abs=5e-7)
    assert found["layers"]["length"] == theory.lengths.tolist()
    assert found["layers"]["gradient"] == np.sqrt(theory.gradients).tolist()
    assert found["band"]["low"] == np.sqrt(theory.gradient_intervals[:, 0]).tolist()


@pytest.mark.parametrize(
    ("init", "weight", "bias"),
    [
        ("torch", 1 / 3, 1 / (3 * 64)),  # U(-1/sqrt(n), 1/sqrt(n)) has the variance 1/(3 n)
        ("xavier", 1.0, 0.0),
        ("he", 2.0, 0.0),
        ("critical", 2.0, 0.0),
    ],
)
def test_a_named_initialisation_has_its_variances(ask, init, weight, bias):
    found = ask("propagation", f="relu", init=init, width=64, depth=2)
    assert (found["weight_variance"], found["bias_variance"]) == pytest.approx((weight, bias))


def test_without_a_critical_point_the_gain_is_taken(ask):
    found = ask("propagation", f="gelu", init="critical", depth=2)
    assert found["weight_variance"] == pytest.approx(nl.gain(nl.gelu) ** 2)


def test_a_newcomer_is_told_why_ten_sigmoid_layers_do_not_learn(ask):
    found = ask("propagation", f="sigmoid", init="torch", depth=10, width=256, lang="en")
    reach, limit, advice = found["summary"]
    assert "the first layers learn next to nothing" in reach
    # chi1 of the sigmoid at PyTorch's variances is 0.02 a layer, 0.02^(l - 1) >= 1e-4 up to l = 3.
    assert limit.startswith("Up to a depth of 3,")
    assert advice.startswith("First weights to take for Sigmoid: variance 103 / fan-in")


@pytest.mark.parametrize("name", ["tanh", "relu", "gelu"])
def test_the_first_weights_to_take_are_those_of_the_name_critical(ask, name):
    critical = ask("propagation", f=name, init="critical", depth=20)
    assert critical["bias_variance"] == 0
    for init in ("torch", "xavier"):
        advice = ask("propagation", f=name, init=init, depth=20, lang="en")["summary"][2]
        if critical["weight_variance"] == 1 and init == "xavier":
            assert advice.startswith("These are the critical first weights")
        else:
            assert f"variance {critical['weight_variance']:.3g} / fan-in, biases 0" in advice


def test_infinite_numbers_are_words(ask):
    found = ask("propagation", f="relu", init="he", depth=3)
    assert found["max_depth"] == "inf"


def test_a_drawn_network_lies_in_the_band_of_the_theory(ask):
    # Of 20 networks 19 lie in a 95 % interval; 15 or fewer would be one chance in 400.
    query = {"f": "relu", "init": "he", "depth": 20, "width": 128}
    band = ask("propagation", **query)["band"]
    drawn = [ask("network", **query, seed=seed)["layers"]["gradient"][0] for seed in range(20)]
    assert sum(band["low"][0] <= each <= band["high"][0] for each in drawn) >= 16


def test_a_wide_drawn_network_is_the_theory(ask):
    query = {**TANH, "depth": 8, "width": 1024}
    theory, drawn = (ask(each, **query)["layers"] for each in ("propagation", "network"))
    # In a layer of 1024 units lengths scatter by sqrt(2 / 1024), 4 %, correlations by up to
    # 1 / sqrt(1024), 0.03; what one layer is off the next one inherits.
    assert drawn["length"] == pytest.approx(theory["length"], rel=0.2)
    assert drawn["correlation"] == pytest.approx(theory["correlation"], abs=0.12)


def test_a_network_is_the_same_for_the_same_seed_and_another_for_another(ask):
    query = {"f": "elu", "depth": 3, "width": 16}
    first, again, other = (ask("network", **query, seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert first["layers"] != other["layers"]


def test_gradients_below_the_smallest_number_of_the_weights_dtype_are_measured(ask):
    # 0.14 a layer over 100 layers: 1e-85, far below float32's 1e-45.
    gradient = ask("network", f="sigmoid", init="torch", depth=100, width=32)["layers"]["gradient"]
    assert -120 < math.log10(gradient[0]) < -60


def test_the_phase_diagram_changes_phase_on_its_critical_line(ask):
    found = ask("phase", f="tanh", size=20)
    line = found["critical_line"]
    for weight, bias in zip(line["weight_variance"], line["bias_variance"], strict=True):
        column = found["bias_variance"].index(pytest.approx(bias))
        for i, chosen in enumerate(found["weight_variance"]):
            expected = "ordered" if chosen < weight else "chaotic"
            if abs(chosen - weight) > 1e-9:
                assert found["phase"][i][column] == expected
    assert found["summary"][0].startswith("Tanh is critical on a line from weight variance 1 ")


def test_relu_is_critical_at_one_point(ask):
    found = ask("phase", f="relu", size=5, lang="en")
    assert found["critical_line"] == {"weight_variance": [2.0], "bias_variance": [0.0]}
    assert found["summary"][0].startswith("ReLU is critical at one point: weight variance 2 ")


def test_what_the_theory_cannot_answer_is_said(refused):
    sentence = refused(422, "propagation", f="formula:0*x", init="critical", lang="en")
    assert sentence.startswith("the theory has no answer for 0*x")


@pytest.mark.parametrize(
    ("address", "query"),
    [
        ("propagation", {"f": ["relu", "elu"]}),
        ("propagation", {"f": "relu", "depth": 1001}),
        ("propagation", {"f": "relu", "correlation": 1.1}),
        ("network", {"f": "relu", "width": 1025}),
        ("network", {"f": "relu", "depth": 201}),
        ("phase", {"f": "relu", "size": 201}),
    ],
)
def test_networks_are_bounded(refused, address, query):
    assert refused(400, address, **query)
