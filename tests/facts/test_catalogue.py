"""Facts of the catalogue's functions, proved, against the literature and closed forms."""

import math

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nonlin as nl
from nonlin.facts import FACTS, Interval, properties

INF = math.inf
OPEN, CLOSED = (False, False), (True, True)

# Ranges as the papers state them; GELU's, SiLU's and Mish's minima are where the derivative is 0,
# to the digits that Wolfram-style tables print (SiLU: -W(1/e), W the Lambert function).
RANGES = {
    "sigmoid": Interval(0.0, 1.0, *OPEN),
    "tanh": Interval(-1.0, 1.0, *OPEN),
    "relu": Interval(0.0, INF, True, False),
    "leaky_relu": Interval(-INF, INF, *OPEN),
    "elu": Interval(-1.0, INF, *OPEN),
    "relu6": Interval(0.0, 6.0, *CLOSED),
    "hard_swish": Interval(-0.375, INF, True, False),
    "softplus": Interval(0.0, INF, *OPEN),
    "softsign": Interval(-1.0, 1.0, *OPEN),
    "hard_tanh": Interval(-1.0, 1.0, *CLOSED),
    "identity": Interval(-INF, INF, *OPEN),
    "exponential": Interval(0.0, INF, *OPEN),
    "log_sigmoid": Interval(-INF, 0.0, *OPEN),
}
# Bounds on the derivative: sigmoid 1/4, tanh 1, and SELU's lambda alpha.
LIPSCHITZ = {"sigmoid": 0.25, "tanh": 1.0, "relu": 1.0, "leaky_relu": 1.0, "elu": 1.0,
             "selu": 1.7580993408473766, "softplus": 1.0, "hard_swish": 1.5}  # fmt: skip
SMOOTH = {"sigmoid": INF, "tanh": INF, "relu": 0, "leaky_relu": 0, "elu": 1, "selu": 0, "celu": 1,
          "softsign": 1, "sparse_plus": 1, "hard_shrink": -1, "gelu": INF}  # fmt: skip


def known(table):
    return [(name, value) for name, value in table.items() if name in nl.names()]


@pytest.mark.parametrize(("name", "expected"), known(RANGES))
def test_ranges(name, expected):
    found = properties(nl.get(name)).range
    assert (found.value, found.evidence) == (expected, "proved")


@pytest.mark.parametrize(("name", "expected"), known(LIPSCHITZ))
def test_lipschitz_constants(name, expected):
    found = properties(nl.get(name)).lipschitz
    assert found.value == pytest.approx(expected, rel=1e-15)
    assert found.evidence == "proved"


@pytest.mark.parametrize(("name", "expected"), known(SMOOTH))
def test_orders_of_continuity(name, expected):
    assert properties(nl.get(name)).continuity.value == expected


@pytest.mark.parametrize("name", nl.names())
def test_every_fact_is_found_and_most_are_proved(name):
    facts = properties(nl.get(name)).facts()
    assert tuple(facts) == FACTS
    proved = [fact for fact, found in facts.items() if found.evidence == "proved"]
    # Integrals over the normal distribution and the dtypes' rounding are measured by their nature.
    assert len(proved) >= len(FACTS) - 6


@pytest.mark.parametrize("name", nl.names())
@settings(deadline=None)
@given(x=st.floats(-50, 50))
def test_no_value_contradicts_the_facts(name, x):
    act = nl.get(name)
    facts = properties(act)
    low, high = facts.range.value.lower, facts.range.value.upper
    assert low <= act(x) <= high or act(x) == pytest.approx(low, rel=1e-12)
    slope = float(act.derivative(x))
    assert abs(slope) <= facts.lipschitz.value * (1 + 1e-12)
    if any(x in region for region in facts.dead.value):
        assert slope == 0.0
    if facts.parity.value == "odd":
        assert float(act(-x)) == -float(act(x))


def test_sigmoids_points():
    facts = properties(nl.sigmoid)
    assert facts.limits.value == (0.0, 1.0)
    assert facts.at_zero.value == (0.5, 0.25)
    # sigmoid'(x) = 1/4 sech^2(x/2) is 1 % of 1/4 at x = 2 arcosh(10).
    (left, right) = facts.saturated.value
    assert right.lower == pytest.approx(2.0 * math.acosh(10.0), rel=1e-14)
    assert left.upper == -right.lower
    # The fixed point solves x = sigmoid(x).
    (fixed,) = facts.fixed_points.value
    assert float(nl.sigmoid(fixed.lower)) == pytest.approx(fixed.lower, rel=1e-15)
    assert facts.inverse.value(0.75) == pytest.approx(math.log(3.0), rel=1e-14)


def test_relus_regions():
    facts = properties(nl.relu)
    half = Interval(-INF, 0.0, False, True)
    assert facts.dead.value == facts.saturated.value == facts.zeros.value == (half,)
    assert facts.fixed_points.value == (Interval(0.0, INF, True, False),)
    assert (facts.monotone.value, facts.convex.value) == ("non-decreasing", "convex")
    assert facts.not_differentiable.value == (0.0,)
    assert facts.inverse.value is None
    assert facts["sparsity"].value == facts["zero_slope"].value == 0.5
    assert facts.gaussian(3.0).mean_square.value == pytest.approx(4.5, rel=1e-12)


def test_elus_line_and_parameters():
    assert properties(nl.elu).asymptotes.value == ((0.0, -1.0), (1.0, 0.0))
    steep = properties(nl.elu.bind(alpha=2.0))
    assert steep.range.value == Interval(-2.0, INF, *OPEN)
    assert steep.continuity.value == 0
    assert (steep.lipschitz.value, steep.convex.value) == (2.0, "neither")


def test_tanh_is_near_the_identity_and_odd():
    facts = properties(nl.tanh)
    assert (facts.near_identity.value, facts.parity.value) == (True, "odd")
    assert facts.parity.evidence == "proved"
    assert facts.zeros.value == facts.fixed_points.value == (Interval(0.0, 0.0),)
    # atanh(1/2) = ln(3)/2.
    assert facts.inverse.value(0.5) == pytest.approx(0.5 * math.log(3.0), rel=1e-14)
    with pytest.raises(ValueError, match="its range is"):
        facts.inverse.value(1.0)


def test_gains_are_the_reference_values():
    for name, gain in (("relu", math.sqrt(2.0)), ("tanh", 1.5925374197), ("elu", 1.2451983007)):
        assert properties(nl.get(name)).gain.value == pytest.approx(gain, abs=5e-11)


def test_dtypes_round_where_half_an_ulp_is_left():
    found = properties(nl.sigmoid).rounding.value
    # ln(2^12 - 1) = 8.3175, next multiple of 2^-7; ln(2^25) and ln(2^54) likewise.
    assert found["float16"].settles_right == 8.3203125
    assert found["float32"].settles_right == pytest.approx(24.5 * math.log(2), rel=0.03)
    assert found["float64"].overflows_right is None
    assert properties(nl.relu).rounding.value["float32"].slope_vanishes_left is None


@pytest.mark.parametrize("name", nl.names())
def test_bfloat16_is_rounded_as_the_kernels_round_it(name):
    act, found = nl.get(name), properties(nl.get(name)).rounding.value["bfloat16"]
    step = 2.0**-7  # between a bfloat16 and the next, as a share
    for side, end in ((-1, "left"), (1, "right")):
        limit = float(act(np.array(side * 1e38, ml_dtypes.bfloat16)))
        for what, there, f in (
            ("settles", lambda y, limit=limit: y == limit, act),
            ("overflows", np.isinf, act),
            ("slope_vanishes", lambda y: y == 0, act.derivative),
        ):
            x = getattr(found, f"{what}_{end}")
            if x is None:
                continue
            at, before = (f(np.array([y], ml_dtypes.bfloat16)) for y in (x, x * (1 - step)))
            assert there(at.astype(float)).all()
            assert not there(before.astype(float)).any()


def test_bfloat16_of_sigmoid():
    # 1 - 2^-9 is the middle between 1 and the bfloat16 below: from ln(2^9 - 1) = 6.236 on.
    found = properties(nl.sigmoid).rounding.value["bfloat16"]
    assert found.settles_right == 6.25


def test_unknown_names_and_other_things_are_refused():
    with pytest.raises(TypeError, match="from_function"):
        properties(np.tanh)
    with pytest.raises(KeyError, match="there is no fact"):
        properties(nl.relu)["colour"]
