"""Facts of a user's function are measured, and agree with what is proved of the same function."""

import math

import numpy as np
import pytest

import nonlin as nl
from nonlin.facts import FACTS, Interval, UndefinedError, properties
from nonlin.facts.cost import cost
from nonlin.facts.gaussian import variance_slope

INF = math.inf
# sin(x)^2 comes again after pi.
PERIOD = {"snake": math.pi, "snake_beta": math.pi}
# Klambauer et al. 2017.
LAMBDA, ALPHA = 1.0507009873554805, 1.6732632423543772


def own(f, derivative=None):
    return nl.Activation.from_function(f, derivative)


def selu(x):
    return LAMBDA * np.where(x > 0, x, ALPHA * np.expm1(np.minimum(x, 0.0)))


@pytest.mark.parametrize("name", nl.names())
def test_measured_and_proved_agree(name):
    act = nl.get(name)
    proved, measured = properties(act), properties(own(act, act.derivative))
    assert measured.range.evidence == "measured"
    for fact in ("monotone", "convex", "parity", "not_differentiable", "dead"):
        assert measured[fact].value == proved[fact].value, fact
    for fact in ("range", "derivative_range"):
        ours, theirs = measured[fact].value, proved[fact].value
        assert (ours.lower, ours.upper) == pytest.approx((theirs.lower, theirs.upper), abs=1e-6)
    assert measured.lipschitz.value == pytest.approx(proved.lipschitz.value, rel=1e-6)
    regions = measured.saturated.value
    if name in PERIOD:
        # All that lie in what is searched, of which one period is proved: each is that one moved.
        (one,) = proved.saturated.value
        moved = [round((each.lower - one.lower) / PERIOD[name]) for each in regions[:-1]]
        assert moved == list(range(moved[0], moved[0] + len(moved)))
        assert moved[0] < -300
        assert moved[-1] > 300
        # The last is cut off by the end of the search.
        for k, ours in zip(moved, regions[:-1], strict=True):
            found, shift = (ours.lower, ours.upper), k * PERIOD[name]
            assert found == pytest.approx((one.lower + shift, one.upper + shift), abs=1e-5)
        return
    pairs = zip(regions, proved.saturated.value, strict=True)
    for ours, theirs in pairs:
        assert (ours.lower, ours.upper) == pytest.approx((theirs.lower, theirs.upper), abs=1e-5)


def test_without_a_derivative_silu_has_its_minimum():
    # SiLU's minimum is -W(1/e) = -0.2784645427610738 at x = -1 - W(1/e).
    found = properties(own(lambda x: x * nl.sigmoid(x)))
    assert found.range.value.lower == pytest.approx(-0.2784645427610738, rel=1e-12)
    assert found.range.value.lower_attained
    assert found.monotone.value == "neither"
    # The dip of the derivative to 0 is a saturated region of its own around the minimum.
    dip = found.saturated.value[1]
    assert dip.lower < -1.2784645427610738 < dip.upper
    assert found.asymptotes.value == ((0.0, 0.0), (1.0, 0.0))


def test_a_step_jumps():
    found = properties(own(lambda x: np.where(x > 0.3, 1.0, 0.0)))
    assert found.continuity.value == -1
    assert found.not_differentiable.value == pytest.approx((0.3,), rel=1e-15)
    assert found.lipschitz.value == INF
    assert found.monotone.value == "non-decreasing"
    assert (found.convex.value, found.inverse.value) == ("neither", None)


def test_a_wave_has_no_limit_and_a_line_of_zeros():
    found = properties(own(np.sin))
    assert found.limits.value == (None, None)
    assert found.range.value == Interval(-1.0, 1.0)
    middle = [i.lower for i in found.zeros.value if abs(i.lower) < 10]
    assert middle == pytest.approx([k * math.pi for k in range(-3, 4)], abs=1e-9)


def test_a_parabola_is_convex_and_even():
    found = properties(own(np.square, lambda x: 2.0 * x))
    assert (found.convex.value, found.parity.value) == ("convex", "even")
    assert found.range.value == Interval(0.0, INF, True, False)
    assert [i.lower for i in found.fixed_points.value] == pytest.approx([0.0, 1.0], abs=1e-12)
    assert found.lipschitz.value == INF


def test_selu_normalises_itself_and_tanh_does_not():
    act = own(selu)
    assert properties(act).self_normalising.value
    # The paper's Jacobian at the fixed point has the entry 0.782648 for the variance.
    assert variance_slope(act) == pytest.approx(0.782648, abs=5e-7)
    assert not properties(nl.tanh).self_normalising.value
    # Scaled to unit gain and shifted, mean and variance are right, but they repel nothing less.
    assert not properties(own(lambda x: 1.1 * selu(x))).self_normalising.value


class Clock:
    """A clock that goes on by a millisecond when it is read, and when it is told to."""

    def __init__(self):
        self.milliseconds = 0

    def __call__(self):
        self.milliseconds += 1
        return self.milliseconds / 1000


def test_the_cost_of_relu_is_that_of_relu():
    assert cost(nl.relu, 50, Clock()).value == pytest.approx(1.0, rel=1e-9)
    found = properties(nl.relu).cost(50)
    assert (found.evidence, found.how) == ("measured", "clock")
    assert 0.0 < found.value < INF


def test_a_slow_function_is_timed_less_often():
    calls, clock = [], Clock()

    def slow(x):
        calls.append(x.size)
        clock.milliseconds += 29
        return x

    # ReLU takes a millisecond by this clock, and `slow` 30; rounds take 32 with what is read
    # between them, so that 0.2 s are over after the seventh.
    assert cost(own(slow), clock=clock).value == pytest.approx(30.0, rel=1e-9)
    assert calls == [65_536] * (1 + 7)


def test_nothing_is_timed_unless_it_is_asked_for():
    sizes = set()

    def watched(x):
        sizes.add(np.size(x))
        return np.tanh(x)

    known = properties(own(watched))
    assert str(known)
    assert known._repr_html_()
    assert known.__rich__().row_count == len(FACTS)
    assert list(known.to_json()) == list(known.shown()) == list(FACTS)
    assert 65_536 not in sizes
    assert list(known.to_json(cost=True)) == list(known.shown(cost=True)) == [*FACTS, "cost"]
    assert 65_536 in sizes


@pytest.mark.parametrize("f", [np.log, np.reciprocal, lambda x: x * np.nan])
def test_a_function_without_values_is_refused(f):
    with pytest.raises(UndefinedError, match="has no finite value at"), np.errstate(all="ignore"):
        properties(own(f))


def test_a_function_that_oscillates_too_fast_is_refused():
    with pytest.raises(UndefinedError, match="oscillates too fast"):
        properties(own(lambda x: np.sin(1e6 * x))).range  # noqa: B018


def test_what_grows_without_limit_is_infinite_and_no_number():
    found = properties(own(lambda x: np.exp(x * x)))
    assert found.range.value == Interval(1.0, INF, True, False)
    assert (found.lipschitz.value, found.limits.value) == (INF, (INF, INF))
