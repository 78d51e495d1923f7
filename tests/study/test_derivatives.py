"""Verdicts on derivatives, and the claims measured in small."""

import math

import pytest

from nonlin.study import derivatives
from nonlin.study.context import Context
from nonlin.study.results import Number


def form(left, right, agreement=1.0, float32=0.6, float64=0.6):
    values = {
        "slope_left_of_zero": left,
        "slope_right_of_zero": right,
        "form_agreement": agreement,
        "kernel_error_float32": float32,
        "kernel_error_float64": float64,
    }
    return {name: Number(name, value) for name, value in values.items()}


@pytest.mark.parametrize("claim", ["S2", "T2"])
def test_differentiable_needs_form_kernel_and_equal_slopes(claim):
    rule = derivatives.RULES[claim]
    assert rule(form(0.25, 0.25)) == "holds"
    assert rule(form(0.0, 1.0)) == "fails"
    assert rule(form(0.25, 0.25, agreement=0.5)) == "fails"
    assert rule(form(0.25, 0.25, float32=2.5)) == "fails"


@pytest.mark.parametrize("claim", ["R2", "E2"])
def test_a_form_may_have_a_kink(claim):
    rule = derivatives.RULES[claim]
    assert rule(form(0.0, 1.0)) == "holds"
    assert rule(form(0.0, 1.0, agreement=2 / 3)) == "fails"
    assert rule(form(0.0, 1.0, float64=2.5)) == "fails"


def test_the_leak_must_be_a_hundredth():
    assert derivatives.RULES["K1"](form(0.01, 1.0)) == "holds"
    assert derivatives.RULES["K1"](form(0.05, 1.0)) == "fails"


def test_the_rule_of_s3():
    def numbers(largest, share):
        values = {"largest_slope": largest, "share_of_range_tiny": share}
        return {name: Number(name, value) for name, value in values.items()}

    assert derivatives.RULES["S3"](numbers(0.25, 0.71)) == "holds"
    assert derivatives.RULES["S3"](numbers(0.25, 0.4)) == "depends"
    assert derivatives.RULES["S3"](numbers(1.0, 0.71)) == "fails"


def test_the_rule_of_s5():
    def numbers(second, slope, jump):
        values = {"largest_second_derivative": second, "largest_slope": slope, "slope_jump": jump}
        return {name: Number(name, value) for name, value in values.items()}

    assert derivatives.RULES["S5"](numbers(0.096, 0.25, 0)) == "holds"
    assert derivatives.RULES["S5"](numbers(0.3, 0.25, 0)) == "fails"
    assert derivatives.RULES["S5"](numbers(0.0, 1.0, 1)) == "fails"


def test_every_claim_about_a_derivative_holds():
    outcomes = {outcome.id: outcome for outcome in derivatives.measure(Context(quick=True))}
    assert {claim: outcome.verdict for claim, outcome in outcomes.items()} == dict.fromkeys(
        ("S2", "T2", "R2", "K1", "E2", "S3", "S5"), "holds"
    )
    assert {outcome.evidence for outcome in outcomes.values()} == {"proved"}
    # E2's third identity is f'' = f' left of 0.
    assert outcomes["E2"].fields["form_agreement"].n == 3
    assert outcomes["S2"].fields["slope_left_of_zero"].value == 0.25
    # The figure's derivative at x = 0, the middle of 201 points.
    assert outcomes["T2"].series["derivative"][100] == 1
    second = outcomes["S5"].series["second"]["sigmoid"]
    assert max(second) == pytest.approx(math.sqrt(3) / 18, abs=1e-4)


def test_only_what_is_wanted_is_measured():
    outcomes = derivatives.measure(Context(quick=True, ids=frozenset({"S3"})))
    assert [outcome.id for outcome in outcomes] == ["S3"]
