"""Verdicts on derivatives, and the claims measured in small."""

import math

import pytest
from judged import verdict_of

import nonlin as nl
from nonlin.study import derivatives
from nonlin.study.context import Context
from nonlin.study.results import Number


def form(left, right, agreement=1.0):
    values = {
        "slope_left_of_zero": left,
        "slope_right_of_zero": right,
        "form_agreement": agreement,
    }
    return {name: Number(name, value) for name, value in values.items()}


def verdict(claim, numbers):
    return verdict_of(derivatives.RULES[claim](numbers))


@pytest.mark.parametrize("claim", ["S2", "T2"])
def test_differentiable_needs_form_and_equal_slopes(claim):
    assert verdict(claim, form(0.25, 0.25)) == "holds"
    assert verdict(claim, form(0.0, 1.0)) == "fails"
    assert verdict(claim, form(0.25, 0.25, agreement=0.5)) == "fails"


@pytest.mark.parametrize("claim", ["R2", "E2"])
def test_a_form_may_have_a_kink(claim):
    assert verdict(claim, form(0.0, 1.0)) == "holds"
    assert verdict(claim, form(0.0, 1.0, agreement=2 / 3)) == "fails"


def test_the_leak_must_be_a_hundredth():
    assert verdict("K1", form(0.01, 1.0)) == "holds"
    assert verdict("K1", form(0.05, 1.0)) == "fails"


def test_no_kernel_can_make_a_theorem_fail(monkeypatch):
    wrong = type(nl.sigmoid).derivative
    monkeypatch.setattr(nl.Activation, "derivative", lambda self, x: 0 * wrong(self, x))
    (outcome,) = derivatives.measure(Context(ids=frozenset({"S2"})))
    assert outcome.verdict == "holds"


@pytest.mark.parametrize(
    ("largest", "axis", "normal", "expected"),
    [
        (0.25, 0.71, 0.6, "holds"),
        (0.25, 0.71, 0.004, "depends"),
        (0.25, 0.4, 0.004, "fails"),
        (1.0, 0.71, 0.6, "fails"),
    ],
)
def test_the_rule_of_s3(largest, axis, normal, expected):
    values = {
        "largest_slope": largest,
        "share_of_range_tiny": axis,
        "share_of_normal_tiny": normal,
    }
    assert verdict("S3", {name: Number(name, value) for name, value in values.items()}) == expected


@pytest.mark.parametrize(
    ("jump", "start", "underway", "expected"),
    [
        (0, 0.8, 0.5, "holds"),
        (0, 1.3, 0.5, "depends"),
        (0, 1.3, 1.3, "fails"),
        (1, 0.8, 0.5, "fails"),
        (0, 0.97, 0.5, "undecided"),
    ],
)
def test_the_rule_of_s5(jump, start, underway, expected):
    found = {"slope_jump": Number("slope_jump", jump)}
    for when, ratio in (("untrained", start), ("underway", underway)):
        found[f"turning_ratio_{when}"] = Number("x", ratio, ratio - 0.05, ratio + 0.05)
    assert verdict("S5", found) == expected


def test_every_theorem_about_a_derivative_holds():
    proved = frozenset({"S2", "T2", "T7", "R2", "K1", "E2", "S3"})
    found = derivatives.measure(Context(quick=True, ids=proved))
    outcomes = {outcome.id: outcome for outcome in found}
    expected = {**dict.fromkeys(proved, "holds"), "S3": "depends"}
    assert {claim: outcome.verdict for claim, outcome in outcomes.items()} == expected
    assert {outcome.evidence for outcome in outcomes.values()} == {"proved"}
    # E2's third identity is f'' = f' left of 0.
    assert outcomes["E2"].fields["form_agreement"].n == 3
    assert outcomes["S2"].fields["slope_left_of_zero"].value == 0.25
    # The figure's derivative at x = 0, the middle of 201 points.
    assert outcomes["T2"].series["derivative"][100] == 1


def test_the_curve_is_proved_and_its_gradients_are_measured():
    (outcome,) = derivatives.measure(Context(quick=True, ids=frozenset({"S5"})))
    assert outcome.evidence == "measured"
    assert outcome.fields["slope_jump"].value == 0
    assert outcome.fields["turning_ratio_underway"].n == 5
    second = outcome.series["second"]["sigmoid"]
    assert max(second) == pytest.approx(math.sqrt(3) / 18, abs=1e-4)


def test_only_what_is_wanted_is_measured():
    outcomes = derivatives.measure(Context(quick=True, ids=frozenset({"S3"})))
    assert [outcome.id for outcome in outcomes] == ["S3"]
