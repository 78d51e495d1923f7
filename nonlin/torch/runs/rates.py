"""The learning rate's troubles that a run's readings show."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from nonlin.torch.finding import Finding, Severity
from nonlin.torch.findings.causes import TOO_HIGH
from nonlin.torch.runs.run import Run
from nonlin.torch.runs.state import Snapshot
from nonlin.torch.runs.trends import BLOCKS, trend

__all__ = ["rate_troubles", "with_rates"]

SITE = "optimizer"

Evidence = dict[str, float | int | None]

# A rate may be too high if at one reading a step moved the layers by so large a part of their size
# together, or if they have become so many times as large. With three small networks and three
# optimizers those that train have steps of 0.2 and below; where the loss does not fall they have
# mostly 0.37 and above.
LARGE, LARGER = 0.3, 3.0

# A loss that has left, by its first value: at two readings, or at one. It was about to, by its
# lowest value, if it ceased to be finite.
GROWN, GONE_AT_ONCE = 3.0, 10.0

# A loss that has not fallen, and one that jumps about: parts of it.
FALLEN = 0.05
SPREAD = 0.05

# A loss that creeps: a step moves no layer by more than that, and of the loss no more is gone. In
# 300 steps SGD at 1e-3 moves them by 2e-4 and takes 1 % of the loss of a small network, and what
# trains takes 7 % and more.
SMALL = 3e-4
GONE = 0.03

# A rate that is spent: what part of the highest stands, over what part of the run, and what the
# loss would have lost in that time at its pace before: parts of the first loss and of what it was.
SPENT = 1e-3
LONG = 0.2
MISSED = (0.02, 0.1)

# A rate that falls step by step takes the pace away before it is spent: the pace counts that the
# loss had when this part of it stood last, if the rate was spent for most of a run and the model
# has not learnt.
FADED = 0.1
MOST = 0.5

# What a rate that is too high brings about.
SPOILT = (
    "dead_units", "dying_units", "saturated_units", "non_finite", "exploding_gradients",
    "vanishing_gradients", "stuck_layer", "bad_initialization",
)  # fmt: skip


def with_rates(run: Run, snapshot: Snapshot, *, learnt: bool = False) -> Snapshot:
    """Add to a reading that is about to join a run what the run shows of the learning rate.

    Parameters
    ----------
    run : Run
        Without the reading.
    snapshot : Snapshot
    learnt : bool
        Whether the loss is well below that of guessing.

    Returns
    -------
    Snapshot
        In which what a rate that is too high has spoilt follows from it.
    """
    found = rate_troubles(run, snapshot, learnt=learnt)
    if not found:
        return snapshot
    known = snapshot.findings
    if found[0].cause in TOO_HIGH:
        first = {(x.finding.kind, x.finding.site) for x in run.troubles if x.began == _begin(run)}
        known = tuple(
            replace(x, caused_by=SITE)
            if x.is_root and x.kind in SPOILT and (x.kind, x.site) not in first and _follows(x)
            else x
            for x in known
        )
    return replace(snapshot, findings=(*found, *known))


def _begin(run: Run) -> int:
    return run.snapshots[0].step


def _follows(finding: Finding) -> bool:
    return finding.severity != "note" and finding.cause not in ("inputs", "not_optimized")


def rate_troubles(run: Run, snapshot: Snapshot, *, learnt: bool = False) -> list[Finding]:
    """Find what is wrong with the learning rate, as a reading is about to join the run.

    "diverging": the loss has grown or is not finite, and a step was large. "bouncing": it jumps
    about and has not fallen, and a step was large. "too_high": the same without jumps. "creeping":
    it falls in each block of the readings (see `nonlin.torch.runs.trends.trend`) and hardly, and
    steps are small. "schedule_ends_early": the rate has been next to nothing for long, and the loss
    was falling when it came to that.

    Parameters
    ----------
    run : Run
        Without the reading.
    snapshot : Snapshot
        The reading.
    learnt : bool
        Whether the loss is well below that of guessing.

    Returns
    -------
    list of Finding
        One, or none.
    """
    seen = [*run.snapshots, snapshot]
    if len(seen) < 2 or not math.isfinite(seen[0].loss):
        return []
    rules = [_diverging, _schedule]
    if not learnt:
        rules = [_diverging, _not_falling, _creeping, _schedule, _faded]
    found = (rule(seen) for rule in rules)
    return [x for x in found if x is not None][:1]


def _diverging(seen: Sequence[Snapshot]) -> Finding | None:
    sound = [x for x in seen if math.isfinite(x.loss)]
    start, lowest, last = seen[0].loss, min(x.loss for x in sound), sound[-1]
    if start <= 0.0 or lowest <= 0.0:
        return None
    moved = _moved(seen)
    if not math.isfinite(seen[-1].loss):
        hurt = moved is not None or last.loss >= GROWN * lowest
    else:
        left = min(x.loss for x in seen[-2:]) >= GROWN * start or last.loss >= GONE_AT_ONCE * start
        hurt = moved is not None and left
    evidence = _common(seen) | {"finite_step": last.step, "lowest": lowest, "before": last.loss}
    return _finding("diverging", "error", evidence | (moved or _steps(seen))) if hurt else None


def _not_falling(seen: Sequence[Snapshot]) -> Finding | None:
    losses = np.array([x.loss for x in seen])
    moved, later = _moved(seen), losses[len(losses) // 2 :]
    if len(seen) <= BLOCKS or not np.isfinite(losses).all() or moved is None:
        return None
    if np.median(later) < losses[0] - FALLEN * abs(losses[0]):
        return None
    jumps = float(later.std()) > SPREAD * abs(float(later.mean()))
    evidence = _common(seen) | {
        "lowest": float(losses[1:].min()), "highest": float(losses.max()), **moved,
    }  # fmt: skip
    return _finding("bouncing" if jumps else "too_high", "error", evidence)


def _creeping(seen: Sequence[Snapshot]) -> Finding | None:
    movement = trend([x.step for x in seen], [x.loss for x in seen])
    start, now = seen[0].loss, seen[-1].loss
    if movement is None or movement.high >= 0.0 or start <= 0.0 or start - now > GONE * start:
        return None
    update = float(np.median([_largest(x) for x in seen]))
    if not 0.0 < update <= SMALL or _is_rising(seen):
        return None
    forecast = movement.reaches(start / 2.0)
    evidence = _common(seen) | {"update_ratio": update, "forecast": forecast}
    return _finding("creeping", "warning", evidence)


def _is_rising(seen: Sequence[Snapshot]) -> bool:
    """Tell whether a schedule is still raising the rate, or has lowered it."""
    rates = [x.rate for x in seen if x.rate is not None]
    return bool(rates) and min(rates) < 0.5 * max(rates)


def _until_spent(seen: Sequence[Snapshot]) -> tuple[float, int]:
    """Give the highest rate, and the first of the last readings at which it is spent."""
    highest = max((x.rate for x in seen if x.rate is not None), default=0.0)
    spent = len(seen)
    while spent and (rate := seen[spent - 1].rate) is not None and rate <= SPENT * highest:
        spent -= 1
    return highest, spent


def _schedule(seen: Sequence[Snapshot]) -> Finding | None:
    highest, spent = _until_spent(seen)
    tail = seen[spent:]
    if len(tail) < 3 or not spent or not highest > 0.0:
        return None
    cut, now, begin = tail[0], tail[-1], seen[0]
    length = now.step - cut.step
    window = max(cut.step - seen[spent - 1].step, min(length, (cut.step - begin.step) // 3))
    before = next(x for x in seen if x.step >= cut.step - window)
    losses = begin.loss, before.loss, cut.loss, now.loss
    if length < LONG * (now.step - begin.step) or not all(map(math.isfinite, losses)):
        return None
    least = max(MISSED[0] * abs(begin.loss), MISSED[1] * abs(cut.loss))
    return _missing(seen, before, cut, tail, highest, least)


def _faded(seen: Sequence[Snapshot]) -> Finding | None:
    """Find a rate that fell step by step, and was spent for most of a run that learnt nothing."""
    highest, spent = _until_spent(seen)
    tail, begin = seen[spent:], seen[0]
    if len(tail) < 3 or not spent or not highest > 0.0:
        return None
    high = max(i for i in range(spent) if (seen[i].rate or 0.0) > FADED * highest)
    before, faded = seen[high], seen[high + 1]
    losses = before.loss, faded.loss, tail[-1].loss
    most = tail[-1].step - tail[0].step >= MOST * (tail[-1].step - begin.step)
    if not most or not all(map(math.isfinite, losses)):
        return None
    return _missing(seen, before, faded, tail, highest, MISSED[0] * abs(begin.loss))


def _missing(
    seen: Sequence[Snapshot],
    before: Snapshot,
    cut: Snapshot,
    tail: Sequence[Snapshot],
    rate: float,
    least: float,
) -> Finding | None:
    """Tell whether the loss would have lost much by now at its pace between two readings."""
    now = tail[-1]
    length = now.step - cut.step
    missed = (before.loss - cut.loss) / (cut.step - before.step) * length
    if missed < least or cut.loss - now.loss > missed / 4.0:
        return None
    known = [x.rate or 0.0 for x in seen if x.step >= cut.step]
    evidence = _common(seen) | {
        "since": cut.step, "span": cut.step - before.step, "before": before.loss, "at": cut.loss,
        "length": length, "rate": rate, "share": max(known) / rate,
    }  # fmt: skip
    return _finding("schedule_ends_early", "warning", evidence)


def _common(seen: Sequence[Snapshot]) -> Evidence:
    return {
        "readings": len(seen),
        "first_step": seen[0].step,
        "step": seen[-1].step,
        "start": seen[0].loss,
        "loss": seen[-1].loss,
    }


def _finding(cause: str, severity: Severity, evidence: Evidence) -> Finding:
    return Finding("learning_rate", SITE, severity, (), evidence, cause)


def _ratios(snapshot: Snapshot) -> list[float]:
    found = (x.update_ratio for x in snapshot.layers)
    return [x for x in found if x is not None and math.isfinite(x)]


def _largest(snapshot: Snapshot) -> float:
    return max(_ratios(snapshot), default=0.0)


def _steps(seen: Sequence[Snapshot]) -> Evidence:
    """Note the largest step of all layers together, and how many times as large they became."""
    first = seen[0].size
    grown = [x.size / first for x in seen if math.isfinite(x.size) and first > 0.0]
    return {"update_ratio": max(x.part for x in seen), "growth": max(grown, default=1.0)}


def _moved(seen: Sequence[Snapshot]) -> Evidence | None:
    """Give the steps' evidence where they were large enough to do harm."""
    found = _steps(seen)
    large = (found["update_ratio"] or 0.0) >= LARGE or (found["growth"] or 0.0) >= LARGER
    return found if large else None
