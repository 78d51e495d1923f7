import pytest
import torch
from judged import verdict_of

from nonlin.study import dying
from nonlin.study.context import Context
from nonlin.study.data import load
from nonlin.study.results import Number


@pytest.mark.parametrize(("share", "verdict"), [(0.1, "holds"), (0.0, "fails")])
def test_one_network_with_a_dead_unit_shows_that_units_can_die(share, verdict):
    found = {"networks_with_deaths": Number("x", share, 0.0, 0.4, 10)}
    assert verdict_of(dying.RULES["R6"](found)) == verdict


def back(sgd, adam, own=0.0, name="back"):
    found = {"dead_own": Number("x", own, own - 0.001, own + 0.001)}
    for optimiser, value in (("sgd", sgd), ("adam", adam)):
        found[f"{name}_{optimiser}"] = Number("x", value, value - 0.1, value + 0.1)
    return found


@pytest.mark.parametrize(
    ("sgd", "adam", "verdict"),
    [(0.9, 0.8, "holds"), (0.9, 0.1, "depends"), (0.2, 0.3, "fails"), (0.9, 0.55, "undecided")],
)
def test_to_solve_is_to_bring_most_of_the_dead_back(sgd, adam, verdict):
    assert verdict_of(dying.RULES["K2"](back(sgd, adam))) == verdict
    assert verdict_of(dying.RULES["E4"](back(sgd, adam))) == verdict


def test_a_cure_whose_own_units_die_is_none():
    assert verdict_of(dying.RULES["E4"](back(0.9, 0.9, own=0.2))) == "fails"


@pytest.mark.parametrize(
    ("sgd", "adam", "verdict"), [(0.2, 0.3, "holds"), (0.2, -0.2, "depends"), (0, 0, "undecided")]
)
def test_to_mitigate_is_to_bring_more_back_than_relu(sgd, adam, verdict):
    assert verdict_of(dying.RULES["K5"](back(sgd, adam, name="more_back"))) == verdict


def test_a_huge_rate_kills_relus_and_no_leaky_unit(monkeypatch):
    monkeypatch.setattr(dying, "RATES", {"adam": (0.001, 1.0)})
    monkeypatch.setattr(dying, "HIDDEN", (16, 16))
    data = load("digits", 2)
    relu = dying.observed(data, "relu", "adam", 40)
    leaky = dying.observed(data, "leaky_relu", "adam", 40)
    assert relu.dead[-1, 1].min() > 0.2
    # 0.01 is never zero.
    assert leaky.dead.eq(0).all()
    assert relu.dead.shape == (dying.CHECKS + 1, 2, 2)
    assert not torch.isnan(relu.dead).any()


def test_the_phenomenon_in_small():
    outcomes = {outcome.id: outcome for outcome in dying.measure(Context(quick=True))}
    assert list(outcomes) == ["R6", "K2", "K5", "E4"]
    k2, k5 = outcomes["K2"].fields, outcomes["K5"].fields
    assert k2["back_adam"] == k5["back_adam"]
    # Only networks with a dead unit count, and all of them at both optimisers.
    assert k2["back_adam"].n == k2["back_sgd"].n == k2["dead_before"].n
    assert outcomes["E4"].fields["dead_own"].n == 5
    # What the exchange lifts is where each course begins, under either optimiser.
    for claim, name in dying.CURES.items():
        lifted = outcomes[claim].fields["lifted"].value
        for optimiser in dying.CONTINUED:
            course = outcomes[claim].series[optimiser]["back"]
            assert course[name]["mean"][0] == pytest.approx(lifted)
            assert course["relu"]["mean"][0] == 0
