import pytest
import torch

from nonlin.study import dying
from nonlin.study.data import load
from nonlin.study.results import Number


def deaths(tuned, worst):
    return {
        f"dead_{which}_{optimiser}": Number("x", value, value - 0.001, value + 0.001)
        for which, value in (("tuned", tuned), ("worst", worst))
        for optimiser in dying.RATES
    }


@pytest.mark.parametrize(
    ("tuned", "worst", "verdict"),
    [(0.05, 0.5, "holds"), (0.002, 0.5, "depends"), (0.002, 0.005, "fails")],
)
def test_the_rule_of_dying(tuned, worst, verdict):
    assert dying.RULES["R6"](deaths(tuned, worst)) == verdict


def cure(worst, shallow, deep, relu=0.0):
    numbers = deaths(0.0, worst)
    for optimiser in dying.RATES:
        for depth, value in (("shallow", shallow), ("deep", deep)):
            numbers[f"back_{optimiser}_{depth}"] = Number("x", value)
            numbers[f"back_relu_{optimiser}_{depth}"] = Number("x", relu)
    return numbers


@pytest.mark.parametrize(
    ("numbers", "verdict"),
    [
        (cure(0.0, 0.9, 0.8), "holds"),
        (cure(0.0, 0.9, 0.1), "depends"),
        (cure(0.3, 0.4, 0.1), "fails"),
        (cure(0.3, 0.9, 0.9, relu=0.95), "fails"),
    ],
)
def test_the_rule_of_the_cures(numbers, verdict):
    assert dying.RULES["K2"](numbers) == verdict
    assert dying.RULES["E4"](numbers) == verdict


def test_a_huge_rate_kills_relus_and_no_leaky_unit(monkeypatch):
    monkeypatch.setattr(dying, "RATES", {"adam": (0.001, 1.0)})
    monkeypatch.setattr(dying, "HIDDEN", (16, 16))
    data = load("digits", 2)
    relu = dying.train_and_shock(data, "relu", "adam", 40)
    leaky = dying.train_and_shock(data, "leaky_relu", "adam", 40)
    assert relu.worst == 1
    assert relu.dead[-1, 1].min() > 0.2
    # 0.01 is never zero.
    assert leaky.dead.eq(0).all()
    assert relu.dead.shape == (dying.CHECKS + 1, 2, 2)
    assert not torch.isnan(relu.dead).any()
