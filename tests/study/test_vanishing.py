import pytest
from judged import verdict_of

from nonlin.study import vanishing
from nonlin.study.gradients import INITS
from nonlin.study.results import Number


def number(value, half=0.01):
    return Number("x", value, value - half, value + half)


def everywhere(inits, prefix, value):
    return {f"{prefix}_{init}": number(value) for init in inits}


@pytest.mark.parametrize(
    ("most", "one", "verdict"),
    # 0.845 + 0.01 reaches beyond 0.853, which is 0.01 ** (1 / 29).
    [
        (0.2, 0.3, "holds"),
        (0.3, 1.0, "depends"),
        (0.9, 1.0, "fails"),
        (0.2, 0.845, "undecided"),
    ],
)
def test_severe(most, one, verdict):
    found = everywhere(INITS["sigmoid"], "factor", most) | {"factor_critical": number(one)}
    assert verdict_of(vanishing.RULES["S6"](found)) == verdict


@pytest.mark.parametrize(
    ("tanh", "ratio", "verdict"),
    [
        (0.9, 4.0, "holds"),
        (1.0, 4.0, "depends"),
        (0.9, 1.0, "depends"),
        (1.0, 0.9, "fails"),
        (0.975, 4.0, "undecided"),
    ],
)
def test_milder_but_there(tanh, ratio, verdict):
    found = everywhere(INITS["tanh"], "factor", tanh)
    found |= everywhere(INITS["tanh"], "factor_ratio", ratio)
    assert verdict_of(vanishing.RULES["T5"](found)) == verdict


@pytest.mark.parametrize(
    ("he", "default", "verdict"),
    [(1.0, 1.05, "holds"), (1.0, 0.4, "depends"), (0.8, 0.4, "fails"), (0.985, 1.0, "undecided")],
)
def test_nearly_none(he, default, verdict):
    found = {"factor_he": number(he), "factor_xavier": number(default)}
    found["factor_default"] = number(default)
    assert verdict_of(vanishing.RULES["R4"](found)) == verdict


def test_s6_and_r4_are_judged_by_one_measure():
    # What keeps its gradient is not severe, and what is severe has not almost none.
    for factor in (0.2, 1.0):
        found = everywhere({*INITS["sigmoid"], *INITS["relu"]}, "factor", factor)
        verdicts = {verdict_of(vanishing.RULES[claim](found)) for claim in ("S6", "R4")}
        assert verdicts == {"holds", "fails"}


@pytest.mark.parametrize(
    ("factor", "layers", "depths", "verdict"),
    [
        (0.2, 0.999, 0.999, "holds"),
        (0.2, 0.999, 0.9, "depends"),
        (0.2, 0.9, 0.9, "fails"),
        (1.0, 0.999, 0.999, "fails"),
        (0.2, 0.9799, 0.999, "undecided"),
    ],
)
def test_geometric(factor, layers, depths, verdict):
    found = {
        "factor_layers": number(factor, 0.001),
        "factor_depths": number(0.2),
        "r_squared_layers": number(layers, 0.001),
        "r_squared_depths": number(depths, 0.001),
    }
    assert verdict_of(vanishing.RULES["V1"](found)) == verdict


@pytest.mark.parametrize(
    ("sgd", "adam", "verdict"),
    [
        (0.0, 0.001, "holds"),
        (0.0, 0.1, "depends"),
        (0.1, 0.1, "fails"),
        (0.0, 0.006, "undecided"),
    ],
)
def test_early_layers_idle(sgd, adam, verdict):
    found = {"early_gain_sgd": number(sgd, 0.002), "early_gain_adam": number(adam, 0.002)}
    assert verdict_of(vanishing.RULES["V2"](found)) == verdict


@pytest.mark.parametrize(
    ("sgd", "adam", "verdict"),
    [(16, 2, "holds"), (16, 1.0, "depends"), (1.0, 1.0, "fails"), (16, 1.095, "undecided")],
)
def test_slow(sgd, adam, verdict):
    found = {"slowdown_sgd": number(sgd), "slowdown_adam": number(adam)}
    assert verdict_of(vanishing.RULES["V3"](found)) == verdict


@pytest.mark.parametrize(
    ("stuck", "ratio", "verdict"),
    [
        (0.9, 0.01, "holds"),
        (0.9, -0.05, "fails"),
        (0.3, 0.01, "fails"),
        (0.9, -0.012, "undecided"),
    ],
)
def test_stuck_in_a_minimum(stuck, ratio, verdict):
    found = {"stuck": number(stuck), "curvature_ratio": number(ratio)}
    assert verdict_of(vanishing.RULES["V4"](found)) == verdict


@pytest.mark.parametrize(
    ("he", "default", "verdict"),
    [
        (0.8, 0.8, "holds"),
        (0.8, 0.0, "depends"),
        (0.0, 0.0, "fails"),
        (0.8, 0.006, "undecided"),
    ],
)
def test_remedy(he, default, verdict):
    family = ("relu", "leaky_relu", "elu")
    found = {f"gain_{name}": number(he, 0.003) for name in family}
    found |= {f"gain_{name}_default": number(default, 0.003) for name in family}
    assert verdict_of(vanishing.RULES["V5"](found)) == verdict


def test_what_is_not_wanted_is_not_measured():
    context = vanishing.Context(5, quick=True, ids=frozenset({"R4"}))
    (outcome,) = vanishing.measure(context)
    # He keeps the gradient, torch's default start multiplies it by sqrt(1/6) a layer.
    assert (outcome.id, outcome.verdict) == ("R4", "depends")
    assert outcome.fields["factor_default"].value == pytest.approx(6**-0.5, rel=0.05)
    assert len(outcome.series["init"]["he"]["mean"]) == 30
