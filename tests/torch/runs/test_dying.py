import pytest
from sample_run import run, taken

from nonlin.torch.runs.dying import dying_units


def found(deaths, count=64):
    *before, last = deaths
    made = run(before, count=count)
    now = taken(100 * len(before), (0, last), count=count)
    return dying_units(made, now, now.findings)


def test_units_that_keep_dying_are_found_with_a_forecast():
    # Three die in every 100 steps: 21 are dead at step 700, 11 more, half of 64, 367 steps later.
    (finding,) = found(range(0, 24, 3))
    assert (finding.kind, finding.site, finding.severity) == ("dying_units", "3", "warning")
    assert finding.units == tuple(range(21))
    evidence = finding.evidence
    assert (evidence["silent"], evidence["units"], evidence["step"]) == (21, 64, 700)
    # 7 intervals in 6 blocks, one of two intervals: all of them have slope 3 in 100 steps.
    assert evidence["per_thousand_steps"] == pytest.approx(30)
    assert (evidence["low"], evidence["high"]) == pytest.approx((30, 30))
    assert (evidence["level"], evidence["level_step"]) == (0.5, 1067)
    assert finding.cause == "learning_rate"  # of the dead units at the same site


def test_where_half_are_dead_the_forecast_is_of_all():
    # Five a reading: 35 of 64 at step 700, the other 29 take 580 steps.
    (finding,) = found(range(0, 40, 5))
    assert (finding.evidence["level"], finding.evidence["level_step"]) == (1.0, 1280)


@pytest.mark.parametrize(
    ("deaths", "count"),
    [
        (range(6), 64),  # too few readings
        ([0] * 20, 64),
        ([0, 2, 4, 6, 6, 6, 6, 6, 6, 6, 6, 6], 64),  # it is over
        ([30] * 12, 64),  # dead, but not dying
        (range(0, 24, 3), 640),  # half of them at step 10,667: too far ahead to say
    ],
)
def test_nothing_to_say(deaths, count):
    assert found(deaths, count) == []


def test_units_that_die_and_come_back_are_not_dying():
    assert found([0, 3, 1, 4, 2, 5, 3, 6, 4, 7, 5, 8, 6]) == []
