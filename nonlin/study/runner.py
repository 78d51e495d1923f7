"""Runs the phenomena, block by block of seeds, and keeps what they found."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass
from typing import Any, Literal

from nonlin.study import blocks, claims
from nonlin.study.blocks import THREADS, Block, Course
from nonlin.study.environment import environment
from nonlin.study.results import Outcome, Results, save
from nonlin.study.verdict import is_settled, settle
from nonlin.study.workers import processes

LEAST_SEEDS = 5
BLOCKS = 3
# What two studies must share to be one; how many blocks a claim may take is no part of a block.
COMPARED = ("seeds", "quick")
_SOON = 6  # seconds


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


@dataclass(frozen=True)
class Progress:
    """Where the study stands: a phenomenon starts, runs or is done; the finished part of it all."""

    phenomenon: str
    state: Literal["started", "running", "finished"]
    fraction: float


def run(
    ids: Iterable[str] | None = None,
    *,
    seeds: int = LEAST_SEEDS,
    quick: bool = False,
    blocks: int = BLOCKS,
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
    workers : how many processes measure at once. Times are taken before the others start.
    executor : what runs the blocks instead, any `concurrent.futures.Executor`: a pool of threads,
        a cluster's client. It is not shut down.
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
    ValueError : fewer than 5 seeds, no block, or no worker.
    SettingsMismatchError : `previous` was measured with other settings.
    """
    wanted = _wanted(ids)
    _check(seeds, blocks, workers)
    settings = {"seeds": seeds, "quick": quick, "blocks": blocks}
    outcomes = _kept(previous, settings)
    asked = wanted
    wanted = tuple(key for key in claims.ids() if key in asked or key in outcomes)
    missing = frozenset(key for key in asked if _goes_on(outcomes.get(key), blocks))
    courses = [
        Course(name, ids, seeds, quick, blocks, _these(ids, outcomes), taken)
        for name, taken, ids in _groups(missing, outcomes)
    ]

    def results() -> Results:
        ordered = {key: outcomes[key] for key in wanted if key in outcomes}
        complete = not any(_goes_on(outcomes.get(key), blocks) for key in asked)
        most = max([blocks, *(outcome.looks for outcome in ordered.values())])
        stated = {**settings, "blocks": most}
        return Results(complete, stated, environment(THREADS), settle(ordered))

    try:
        for found in _courses(courses, workers, executor, _Teller(courses, progress)):
            outcomes.update(found)
            if path is not None:
                save(results(), path)
    except KeyboardInterrupt:
        pass
    if path is not None:
        save(results(), path)
    return results()


def _check(seeds: int, most: int, workers: int) -> None:
    if seeds < LEAST_SEEDS:
        raise ValueError(f"at least {LEAST_SEEDS} seeds expected, got {seeds}")
    if most < 1:
        raise ValueError(f"at least 1 block expected, got {most}")
    if workers < 1:
        raise ValueError(f"at least 1 worker expected, got {workers}")


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
    for name in COMPARED:
        before = previous.settings.get(name)
        if before != settings[name]:
            raise SettingsMismatchError(name, before, settings[name])
    return dict(previous.outcomes)


class _Teller:
    """Tells how far the study is: never backwards, though one block more may be needed."""

    def __init__(self, courses: list[Course], progress: Callable[[Progress], None] | None) -> None:
        self._tell = progress or (lambda _: None)
        self._total = sum(claims.SECONDS[course.phenomenon] for course in courses)
        self._done = 0.0
        self._highest = 0.0

    def say(
        self,
        phenomenon: str,
        state: Literal["started", "running", "finished"],
        part: float = 0.0,
    ) -> None:
        """Where the study stands, with this part of the phenomenon's block done."""
        reached = (self._done + part * claims.SECONDS[phenomenon]) / self._total
        self._highest = max(self._highest, min(reached, 1.0))
        self._tell(Progress(phenomenon, state, self._highest))

    def more(self, phenomenon: str) -> None:
        """A block is done, and the phenomenon needs another one."""
        self._done += claims.SECONDS[phenomenon]
        self._total += claims.SECONDS[phenomenon]

    def finish(self, phenomenon: str) -> None:
        """A phenomenon is done."""
        self._done += claims.SECONDS[phenomenon]
        self.say(phenomenon, "finished")


def _courses(
    courses: list[Course], workers: int, executor: Executor | None, teller: _Teller
) -> Iterator[Mapping[str, Outcome]]:
    """Yield each phenomenon's outcomes after each of its blocks."""
    if workers == 1 and executor is None:
        for course in courses:
            yield from _one_by_one(course, teller)
        return
    # A clock needs a quiet machine: it comes first, in this process.
    timed = [course for course in courses if course.phenomenon == "cost"]
    for course in timed:
        yield from _one_by_one(course, teller)
    others = [course for course in courses if course not in timed]
    if executor is not None:
        yield from _at_once(others, executor, teller)
        return
    with processes(workers) as pool:
        yield from _at_once(others, pool, teller)


def _one_by_one(course: Course, teller: _Teller) -> Iterator[Mapping[str, Outcome]]:
    name = course.phenomenon
    teller.say(name, "started")
    block = course.next
    while block is not None:
        course.add(blocks.measure(block, lambda part: teller.say(name, "running", part)))
        yield course.outcomes
        block = course.next
        if block is not None:
            teller.more(name)
    teller.finish(name)


def _at_once(
    courses: list[Course], executor: Executor, teller: _Teller
) -> Iterator[Mapping[str, Outcome]]:
    """Hand the blocks out; a phenomenon's next block follows once its last one is weighed.

    What takes seconds comes first, so that there soon is something to see; then the longest, so
    that what is left over at the end is short.
    """
    pending: dict[Future[list[Outcome]], Course] = {}

    def submit(course: Course, block: Block) -> None:
        pending[executor.submit(blocks.measure, block)] = course

    for course in sorted(courses, key=_turn):
        teller.say(course.phenomenon, "started")
        block = course.next
        if block is not None:
            submit(course, block)
    try:
        while pending:
            done, _ = wait(pending, timeout=1.0, return_when=FIRST_COMPLETED)
            for future in done:
                course = pending.pop(future)
                course.add(future.result())
                block = course.next
                if block is None:
                    teller.finish(course.phenomenon)
                else:
                    teller.more(course.phenomenon)
                    submit(course, block)
                yield course.outcomes
    finally:
        for future in pending:
            future.cancel()


def _turn(course: Course) -> tuple[bool, int]:
    seconds = claims.SECONDS[course.phenomenon]
    return (True, -seconds) if seconds > _SOON else (False, seconds)
