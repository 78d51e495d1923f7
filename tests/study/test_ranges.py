"""Ranges proved, and the inputs at which a dtype rounds to a bound, against closed forms."""

import math

import numpy as np
import pytest
from judged import verdict_of

import nonlin as nl
from nonlin.facts import Interval, rounding
from nonlin.study import ranges
from nonlin.study.context import Context
from nonlin.study.results import Number


def test_float16_rounds_to_the_bounds_where_half_an_ulp_is_left():
    # float16 is correctly rounded; below 1 its spacing is 2^-11. 1 - sigmoid(x) <= 2^-12 from
    # x = ln(2^12 - 1) = 8.3175 on, and the next multiple of 2^-7 is 8.3203125.
    assert ranges.threshold(nl.sigmoid, 1.0, 1, np.float16).x == 8.3203125
    # 1 - tanh(x) <= 2^-12 from x = ln(2^13 - 1) / 2 = 4.5054 on; next multiple of 2^-8.
    assert ranges.threshold(nl.tanh, 1.0, 1, np.float16).x == 4.5078125
    assert ranges.threshold(nl.tanh, -1.0, -1, np.float16).x == -4.5078125


@pytest.mark.parametrize(("dtype", "smallest"), [(np.float32, 149), (np.float64, 1074)])
def test_sigmoid_is_0_below_half_the_smallest_number(dtype, smallest):
    found = ranges.threshold(nl.sigmoid, 0.0, -1, dtype)
    # sigmoid(x) ~ exp(x) falls to half the smallest subnormal at -(smallest + 1) ln 2; an error of
    # one ULP there moves the place by at most ln 2.
    assert found.x == pytest.approx(-(smallest + 1) * math.log(2), abs=math.log(2))


@pytest.mark.parametrize(("dtype", "bits"), [(np.float32, 24), (np.float64, 53)])
def test_elu_is_minus_1_where_half_an_ulp_is_left(dtype, bits):
    found = ranges.threshold(nl.elu, -1.0, -1, dtype)
    # exp(x) is how far the exact value is from -1. A kernel that errs by at most 3/4 of the spacing
    # next to -1 gives -1 only up to 3/4 of it, and the next number only down to 1/4.
    ends = (math.log(0.75 * 2.0**-bits), math.log(0.25 * 2.0**-bits))
    assert ends[1] <= found.x <= ends[0]


def test_a_threshold_is_the_first_such_input():
    found = ranges.threshold(nl.sigmoid, 1.0, 1, np.float32)
    at = np.float32(found.x)
    assert nl.sigmoid(at) == 1
    assert nl.sigmoid(np.nextafter(at, np.float32(0))) < 1
    assert found.n >= 4 * rounding.SECTION / 2


def test_a_bound_that_is_never_reached_has_no_threshold():
    assert ranges.threshold(nl.leaky_relu, 0.5, -1, np.float32) is None


def test_a_bound_reached_at_once_has_threshold_0():
    assert ranges.threshold(nl.relu, 0.0, -1, np.float32).x == 0


def test_a_function_that_leaves_its_bound_again_is_found_out():
    bump = nl.Activation.from_function(lambda x: np.where((x > 1e-3) & (x < 1), 0.0, 1.0))
    with pytest.raises(ArithmeticError, match="leaves its bound"):
        ranges.threshold(bump, 1.0, 1, np.float32)


def test_agreement_counts_ends_and_their_attainment():
    right = Interval(0.0, math.inf, True, False)
    wrong = Interval(0.0, math.inf, False, False)
    assert ranges.range_agreement([(nl.relu, right)]).value == 1
    sigmoids = Interval(0.0, 1.0, False, False)
    found = ranges.range_agreement([(nl.relu, wrong), (nl.sigmoid, sigmoids)])
    assert (found.value, found.n) == (7 / 8, 8)


def test_the_rule():
    for agreement, verdict in ((1.0, "holds"), (0.75, "fails")):
        found = {"range_agreement": Number("range_agreement", agreement)}
        assert verdict_of(ranges.is_the_range(found)) == verdict


def test_all_four_ranges_are_the_documents():
    outcomes = ranges.measure(Context(quick=True))
    assert {outcome.id: outcome.verdict for outcome in outcomes} == dict.fromkeys(
        ("S1", "T1", "R1", "E1"), "holds"
    )
    assert {outcome.evidence for outcome in outcomes} == {"proved"}
    by_id = {outcome.id: outcome for outcome in outcomes}
    assert by_id["E1"].fields["range_agreement"].n == 12
    assert by_id["R1"].fields["zero_left_of_zero"].value == 1
    # 1 - sigmoid(1) = 1 / (1 + e).
    gap = by_id["S1"].series["gap"]["upper"]
    assert gap["exact"][2] == pytest.approx(1 / (1 + math.e), rel=1e-15)
    assert gap["float16"][-1] is None
    assert gap["exact"][-1] == pytest.approx(math.exp(-40), rel=1e-12)
