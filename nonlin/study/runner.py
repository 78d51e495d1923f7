"""Runs the phenomena, block by block of seeds, and keeps what they found."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor
from typing import Any

from nonlin.study import claims
from nonlin.study.blocks import THREADS, Course
from nonlin.study.environment import environment
from nonlin.study.results import Outcome, Results, save
from nonlin.study.scheduling import Progress, measured
from nonlin.study.verdict import is_settled, settle

__all__ = [
    "BLOCKS",
    "COMPARED",
    "LEAST_SEEDS",
    "Progress",
    "SettingsMismatchError",
    "checked",
    "run",
    "stated",
]

LEAST_SEEDS = 5
BLOCKS = 3
# What two studies must share to be one; how many blocks a claim may take is no part of a block.
# Results from before seeds could be passed over have no `skip`: they began with the first.
COMPARED = {"seeds": LEAST_SEEDS, "quick": False, "skip": 0}


class SettingsMismatchError(ValueError):
    """The results to go on from were measured with other settings.

    `name` is the setting that differs, `before` its value there, `now` the one asked for.
    """

    def __init__(self, name: str, before: Any, now: Any) -> None:
        super().__init__(
            f"the results to resume were measured with {name} = {before!r}, not {now!r}: "
            f"ask for {name} = {before!r}, or start anew without resuming"
        )
        self.name, self.before, self.now = name, before, now


def run(
    ids: Iterable[str] | None = None,
    *,
    seeds: int = LEAST_SEEDS,
    quick: bool = False,
    blocks: int = BLOCKS,
    skip: int = 0,
    workers: int = 1,
    executor: Executor | None = None,
    progress: Callable[[Progress], None] | None = None,
    previous: Results | None = None,
    path: str | os.PathLike[str] | None = None,
) -> Results:
    """Measure claims of the document.

    Parameters
    ----------
    ids : the claims to measure; None means all. Only the phenomena they need are run, and only they
        are recorded.
    seeds : how many seeds a block has, at least 5.
    quick : smaller networks and budgets, for a first look.
    blocks : the most blocks of seeds that a claim may take: one that is decided takes no more.
    skip : how many seeds are passed over before the first: a study with other seeds.
    workers : how many processes measure at once. Times are taken before the others start.
    executor : what runs the blocks instead, any `concurrent.futures.Executor`: a pool of threads or
        processes, Dask's `Client.get_executor()`, `nonlin.study.cluster.from_submitit`. It is not
        shut down. Times are taken in this process all the same.
    progress : called when a phenomenon starts, while it runs and when it is finished.
    previous : results to go on from: what they hold is kept, not measured again. They may have had
        fewer blocks, or more.
    path : where `results.json` is saved, after every block.

    Returns
    -------
    Results, with `complete` False if Ctrl-C ended the study early; what was measured by then is
    kept, and saved. The same numbers come of any number of workers and any executor.

    Raises
    ------
    KeyError : an id that no claim has.
    ValueError : fewer than 5 seeds, no block, no worker, or a negative number of seeds to skip.
    SettingsMismatchError : `previous` was measured with other settings.
    """
    asked, settings = checked(ids, seeds, quick, blocks, skip, workers)
    outcomes = _kept(previous, settings)
    missing = frozenset(key for key in asked if _goes_on(outcomes.get(key), blocks))
    courses = [
        Course(name, ids, seeds, quick, blocks, _these(ids, outcomes), taken, skip)
        for name, taken, ids in _groups(missing, outcomes)
    ]

    def results() -> Results:
        complete = not any(_goes_on(outcomes.get(key), blocks) for key in asked)
        return stated(outcomes, settings, environment(THREADS), complete)

    try:
        for course in measured(courses, workers, executor, progress):
            outcomes.update(course.outcomes)
            if path is not None:
                save(results(), path)
    except KeyboardInterrupt:
        pass
    if path is not None:
        save(results(), path)
    return results()


def checked(
    ids: Iterable[str] | None, seeds: int, quick: bool, blocks: int, skip: int, workers: int
) -> tuple[tuple[str, ...], dict[str, Any]]:
    """The claims in the document's order, and the settings, once both are known to make sense."""
    wanted = _wanted(ids)
    if seeds < LEAST_SEEDS:
        raise ValueError(f"at least {LEAST_SEEDS} seeds expected, got {seeds}")
    if blocks < 1:
        raise ValueError(f"at least 1 block expected, got {blocks}")
    if workers < 1:
        raise ValueError(f"at least 1 worker expected, got {workers}")
    if skip < 0:
        raise ValueError(f"at least 0 seeds to skip expected, got {skip}")
    return wanted, {"seeds": seeds, "quick": quick, "blocks": blocks, "skip": skip}


def stated(
    outcomes: Mapping[str, Outcome],
    settings: Mapping[str, Any],
    environment: Mapping[str, Any],
    complete: bool = True,
) -> Results:
    """The outcomes as a study states them: in order, each with the verdict that the others leave.

    A study that went on from a more thorough one has as many blocks as that one took.
    """
    ordered = {key: outcomes[key] for key in claims.ids() if key in outcomes}
    most = max([settings["blocks"], *(outcome.looks for outcome in ordered.values())])
    return Results(complete, {**settings, "blocks": most}, environment, settle(ordered))


def _goes_on(outcome: Outcome | None, most: int) -> bool:
    """Whether a claim is not measured yet, or open with blocks left."""
    return outcome is None or (outcome.looks < most and not is_settled(outcome))


def _groups(
    ids: Iterable[str], outcomes: Mapping[str, Outcome]
) -> Iterator[tuple[str, int, frozenset[str]]]:
    """The phenomena's claims that have taken the same number of blocks, and that number."""
    for name in claims.phenomena_of(ids):
        mine = {key for key in ids if claims.get(key).phenomenon == name}
        taken = {key: outcomes[key].looks if key in outcomes else 0 for key in mine}
        for number in sorted(set(taken.values())):
            yield name, number, frozenset(key for key in mine if taken[key] == number)


def _these(ids: Iterable[str], outcomes: Mapping[str, Outcome]) -> dict[str, Outcome]:
    return {key: outcomes[key] for key in ids if key in outcomes}


def _wanted(ids: Iterable[str] | None) -> tuple[str, ...]:
    """The ids in the document's order, each known."""
    asked = claims.ids() if ids is None else tuple(ids)
    for key in asked:
        claims.get(key)
    return tuple(key for key in claims.ids() if key in asked)


def _kept(previous: Results | None, settings: Mapping[str, Any]) -> dict[str, Outcome]:
    """The outcomes to go on from, once their settings are known to agree."""
    if previous is None:
        return {}
    for name, default in COMPARED.items():
        before = previous.settings.get(name, default)
        if before != settings[name]:
            raise SettingsMismatchError(name, before, settings[name])
    return dict(previous.outcomes)
