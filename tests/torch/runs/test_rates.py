"""What the readings of a run say of the learning rate, of losses and steps made by hand."""

import math

import pytest
from planted_findings import course, run_of

from nonlin.torch.runs.rates import rate_troubles, with_rates


def found(losses, rates=None, learnt=False, **layers):
    *before, last = course(losses, rates, **layers)
    return rate_troubles(run_of(before), last, learnt=learnt)


def test_a_loss_that_leaves_with_large_steps_diverges():
    # At 200 it is above 3 times 2.3, as at 100; each of the three layers moves by 0.4 of its size.
    (finding,) = found([2.3, 9.0, 30.0], update_ratio=0.4)
    assert (finding.site, finding.cause, finding.severity) == ("optimizer", "diverging", "error")
    assert finding.evidence["update_ratio"] == pytest.approx(0.4)
    assert (finding.evidence["lowest"], finding.evidence["step"]) == (2.3, 200)


def test_a_loss_that_is_no_longer_finite_diverged_where_it_had_grown():
    (finding,) = found([2.0, 1.0, 4.0, math.nan], update_ratio=1e-3)
    assert finding.cause == "diverging"
    assert (finding.evidence["before"], finding.evidence["finite_step"]) == (4.0, 200)


def test_a_logarithm_of_zero_is_no_matter_of_the_rate():
    assert found([2.0, 1.0, 0.5, math.nan], update_ratio=1e-3) == []


def test_a_loss_that_grows_on_the_probe_by_small_steps_is_no_matter_of_the_rate():
    # As where a model learns its training data by heart.
    assert found([2.3, 0.5, 9.0, 30.0], update_ratio=1e-3) == []


@pytest.mark.parametrize(
    ("losses", "cause"),
    [([2.3, 3.1, 2.2, 3.0, 2.4, 2.9, 2.3, 3.2], "bouncing"), ([2.3, *[2.303] * 7], "too_high")],
)
def test_a_loss_that_has_not_fallen_after_large_steps(losses, cause):
    (finding,) = found(losses, update_ratio=0.5)
    assert (finding.cause, finding.severity) == (cause, "error")
    assert found(losses, update_ratio=0.1) == []
    assert found(losses, update_ratio=0.5, learnt=True) == []
    assert found(losses[:6], update_ratio=0.5) == []


def test_a_loss_that_creeps_is_told_with_a_forecast():
    # 1e-3 of 2.0 in 100 steps: half of it, 1.0, is gone after 100,000.
    losses = [2.0 - 1e-3 * k for k in range(10)]
    (finding,) = found(losses, update_ratio=1e-5)
    assert (finding.cause, finding.severity) == ("creeping", "warning")
    assert finding.evidence["forecast"] == pytest.approx(100_000, rel=1e-3)
    assert found(losses, update_ratio=1e-2) == []
    assert found(losses, update_ratio=1e-5, learnt=True) == []
    # A warm-up does the same.
    assert found(losses, [1e-6 * k for k in range(10)], update_ratio=1e-5) == []


def test_a_plateau_is_not_called_creeping():
    assert found([2.0, 1.999, 2.0, 1.998, 2.0, 1.999, 2.0, 1.999], update_ratio=1e-5) == []


def test_a_schedule_that_ends_while_the_loss_falls():
    # Spent from 300 to 600. In a third of the steps before the loss fell by 0.1, so 0.3 are missed,
    # which is above a tenth of 0.9; since then it has lost 0.03.
    losses = [3.0, 2.0, 1.0, 0.9, 0.89, 0.88, 0.87]
    (finding,) = found(losses, [0.1] * 3 + [1e-5] * 4)
    assert (finding.cause, finding.severity) == ("schedule_ends_early", "warning")
    assert (finding.evidence["since"], finding.evidence["before"]) == (300, 1.0)
    assert finding.evidence["share"] == pytest.approx(1e-4)
    assert found(losses, [0.1] * 3 + [1e-3] * 4) == []


@pytest.mark.parametrize(
    ("losses", "rates"),
    [
        # The loss had come to rest.
        ([3.0, 1.0, 0.95, 0.95, 0.95, 0.95, 0.95], [0.1] * 3 + [1e-5] * 4),
        # It goes on falling as fast.
        ([3.0, 2.5, 2.0, 1.5, 1.0, 0.5, 0.1], [0.1] * 3 + [1e-5] * 4),
        # The schedule comes to its end with the training.
        ([3.0, 2.5, 2.0, 1.5, 1.4, 1.3, 1.3], [0.1] * 6 + [1e-5]),
        # A warm-up begins at 0.
        ([3.0, 3.0, 3.0, 2.0, 1.5, 1.0, 0.9], [0.0, 0.01, 0.05, 0.1, 0.1, 0.1, 0.1]),
    ],
)
def test_a_schedule_that_ends_in_time(losses, rates):
    assert found(losses, rates) == []


def test_what_a_high_rate_spoils_follows_from_it():
    from dataclasses import replace

    from sample_run import dead_units

    *before, last = course([2.3, 9.0, 30.0], update_ratio=0.4)
    taken = with_rates(run_of(before), replace(last, findings=(dead_units("1", 4),)))
    assert [(x.kind, x.caused_by) for x in taken.findings] == [
        ("learning_rate", None), ("dead_units", "optimizer"),
    ]  # fmt: skip
    # What was there before the first step is not of its making.
    before[0] = replace(before[0], findings=(dead_units("1", 4),))
    taken = with_rates(run_of(before), replace(last, findings=(dead_units("1", 4),)))
    assert taken.findings[1].caused_by is None


FADING = [0.1 * 0.06**k for k in range(9)]


@pytest.mark.parametrize(
    ("losses", "rates", "learnt", "said"),
    [
        # Falling at first, and the rate was gone before the loss came anywhere.
        ([2.3, 2.2, 2.19] + 6 * [2.19], FADING, False, ["schedule_ends_early"]),
        ([2.3, 2.2, 2.19] + 6 * [2.19], FADING, True, []),
        # It goes on as before, or was at its end at the highest rate.
        ([2.3 - 0.1 * k for k in range(9)], FADING, False, []),
        ([2.3] + 8 * [2.299], FADING, False, []),
        # Spent in the last third alone.
        ([2.3, 2.2] + 7 * [2.19], 6 * [0.1] + [1e-2, 1e-6, 1e-6], False, []),
    ],
)
def test_a_rate_that_falls_step_by_step(losses, rates, learnt, said):
    *before, last = course(losses, rates)
    found = rate_troubles(run_of(before), last, learnt=learnt)
    assert [x.cause for x in found] == said
