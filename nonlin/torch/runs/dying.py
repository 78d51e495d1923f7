"""The finding that only time shows: units that keep dying."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from nonlin.torch.finding import Finding
from nonlin.torch.runs.run import Run
from nonlin.torch.runs.state import Snapshot
from nonlin.torch.runs.trends import BLOCKS, CONFIDENCE, Trend, trend

__all__ = ["dying_units"]

# A line drawn further ahead than the training is long says more about the line.
REACH = 2.0


def dying_units(run: Run, snapshot: Snapshot, known: Sequence[Finding]) -> list[Finding]:
    """Find the sites where units keep dying, as a reading is about to join the run.

    A site is named where the number of its silent units has risen in each block of the readings
    (see `nonlin.torch.runs.trends.trend`) and at that rate half of its units, or all where half are
    silent already, are silent before the training is `REACH` times as long. One reading does not
    tell a silent unit from a dead one; that ever more of them stay silent on one and the same probe
    is no chance.

    Parameters
    ----------
    run : Run
        Without the reading.
    snapshot : Snapshot
        The reading.
    known : sequence of Finding
        What was found in it; a finding of dead units at the same site lends its cause.

    Returns
    -------
    list of Finding
    """
    if run.structure is None:
        return []
    seen = [*run.window(), snapshot]
    if len(seen) <= BLOCKS:
        return []
    return [
        _finding(site, units, movement, seen, place, known)
        for place, site, units, movement in _rising(run, seen)
    ]


def _rising(run: Run, seen: list[Snapshot]) -> Iterator[tuple[int, str, int, Trend]]:
    assert run.structure is not None
    steps = [each.step for each in seen]
    for place, site in enumerate(run.structure.sites):
        counts = [each.sites[place].silent for each in seen]
        # Each of the blocks must have lost a unit at least.
        if counts[-1] - counts[0] < BLOCKS:
            continue
        movement = trend(steps, counts)
        if movement is None or movement.low <= 0:
            continue
        units = int(str(site["units"]))
        step = movement.reaches(_level(units, counts[-1]))
        if step is not None and step <= REACH * seen[-1].step:
            yield place, str(site["name"]), units, movement


def _level(units: int, silent: int) -> float:
    """Half of the units, or all of them where half are silent."""
    return units / 2 if silent < units / 2 else units


def _finding(
    site: str,
    units: int,
    movement: Trend,
    seen: list[Snapshot],
    place: int,
    known: Sequence[Finding],
) -> Finding:
    before, now = (each.sites[place].which(units) for each in (seen[0], seen[-1]))
    level = _level(units, int(movement.now))
    between = movement.interval(level)
    same = next((each for each in known if (each.kind, each.site) == ("dead_units", site)), None)
    return Finding(
        kind="dying_units",
        site=site,
        severity="warning",
        units=tuple(int(unit) for unit in np.flatnonzero(now & ~before)),
        evidence={
            "units": units,
            "silent": int(movement.now),
            "share": movement.now / units,
            "first_step": movement.first,
            "step": movement.last,
            "readings": len(seen),
            "per_thousand_steps": 1000 * movement.slope,
            "low": 1000 * movement.low,
            "high": 1000 * movement.high,
            "confidence": CONFIDENCE,
            "level": level / units,
            "level_step": movement.reaches(level),
            "level_low": None if between is None else between[0],
            "level_high": None if between is None else between[1],
        },
        cause="" if same is None else same.cause,
        caused_by=None if same is None else same.caused_by,
    )
