import pytest

from nonlin.study import vanishing
from nonlin.study.results import Number


def number(value, half=0.01):
    return Number("x", value, value - half, value + half)


@pytest.mark.parametrize(
    ("xavier", "default", "verdict"),
    [(0.2, 0.1, "holds"), (0.3, 0.1, "depends"), (0.245, 0.5, "fails")],
)
def test_severe(xavier, default, verdict):
    # 0.245 + 0.01 reaches beyond 0.25.
    found = {"factor_xavier": number(xavier), "factor_default": number(default)}
    assert vanishing.RULES["S6"](found) == verdict


@pytest.mark.parametrize(
    ("tanh", "verdict"), [((0.9, 0.6), "holds"), ((0.995, 0.6), "depends"), ((1.1, 0.1), "fails")]
)
def test_milder_but_there(tanh, verdict):
    found = {"factor_xavier": number(tanh[0]), "factor_default": number(tanh[1])}
    found |= {f"factor_sigmoid_{init}": number(0.2) for init in ("xavier", "default")}
    assert vanishing.RULES["T5"](found) == verdict


@pytest.mark.parametrize(
    ("he", "default", "verdict"),
    [(1.0, 0.95, "holds"), (1.0, 0.4, "depends"), (0.8, 1.2, "fails")],
)
def test_nearly_none(he, default, verdict):
    found = {"factor_he": number(he), "factor_default": number(default)}
    assert vanishing.RULES["R4"](found) == verdict


@pytest.mark.parametrize(
    ("factor", "layers", "depths", "verdict"),
    [
        (0.2, 0.999, 0.999, "holds"),
        (0.2, 0.999, 0.9, "depends"),
        (0.2, 0.9, 0.9, "fails"),
        (1.0, 0.999, 0.999, "fails"),
    ],
)
def test_geometric(factor, layers, depths, verdict):
    found = {
        "factor_layers": number(factor, 0.001),
        "factor_depths": number(0.2),
        "r_squared_layers": number(layers, 0.001),
        "r_squared_depths": number(depths, 0.001),
    }
    assert vanishing.RULES["V1"](found) == verdict


@pytest.mark.parametrize(
    ("sgd", "adam", "verdict"), [(0.01, 0.01, "holds"), (0.01, 1, "depends"), (1, 1, "fails")]
)
def test_early_layers_idle(sgd, adam, verdict):
    found = {"change_ratio_sgd": number(sgd), "change_ratio_adam": number(adam)}
    assert vanishing.RULES["V2"](found) == verdict


@pytest.mark.parametrize(
    ("sgd", "adam", "verdict"), [(2.3, 1.8, "holds"), (2.3, 0.1, "depends"), (0.1, 0.1, "fails")]
)
def test_slow(sgd, adam, verdict):
    found = {"loss_sigmoid_sgd": number(sgd), "loss_sigmoid_adam": number(adam)}
    found |= {"loss_relu_sgd": number(0.1), "loss_relu_adam": number(0.1)}
    assert vanishing.RULES["V3"](found) == verdict


@pytest.mark.parametrize(
    ("stuck", "left", "verdict"), [(0.9, 0.1, "holds"), (0.9, 0.9, "depends"), (0.3, 0.1, "fails")]
)
def test_stuck(stuck, left, verdict):
    found = {"stuck": number(stuck), "left_with_adam": number(left)}
    assert vanishing.RULES["V4"](found) == verdict


@pytest.mark.parametrize(
    ("elu", "default", "sigmoid", "verdict"),
    [
        (0.95, 0.95, 0.1, "holds"),
        (0.95, 0.1, 0.1, "depends"),
        (0.3, 0.95, 0.1, "depends"),
        (0.95, 0.95, 0.97, "fails"),
    ],
)
def test_remedy(elu, default, sigmoid, verdict):
    found = {f"accuracy_{name}": number(0.95) for name in ("relu", "leaky_relu")}
    found |= {f"accuracy_{name}_default": number(default) for name in ("relu", "leaky_relu", "elu")}
    found |= {"accuracy_elu": number(elu), "accuracy_sigmoid": number(sigmoid)}
    assert vanishing.RULES["V5"](found) == verdict


def test_what_is_not_wanted_is_not_measured():
    context = vanishing.Context(5, quick=True, ids=frozenset({"R4"}))
    (outcome,) = vanishing.measure(context)
    # He keeps the gradient, torch's default start multiplies it by sqrt(1/6) a layer.
    assert (outcome.id, outcome.verdict) == ("R4", "depends")
    assert outcome.fields["factor_default"].value == pytest.approx(6**-0.5, rel=0.05)
    assert len(outcome.series["init"]["he"]["mean"]) == 30
