"""In which order blocks are measured, where, and what is told of it meanwhile."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from nonlin.study import blocks, claims
from nonlin.study.blocks import Block, Course
from nonlin.study.results import Outcome
from nonlin.study.verdict import settle

__all__ = ["Progress", "measured"]


@contextmanager
def processes(count: int) -> Iterator[Executor]:
    """A pool of processes that are gone when the context is left, whatever they are doing.

    They start afresh ("spawn"): a process that is forked while PyTorch has threads can hang.
    """
    before = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(
        count, multiprocessing.get_context("spawn"), initializer=_leave_interrupts
    )
    try:
        yield pool
    finally:
        started = [child for child in multiprocessing.active_children() if child not in before]
        pool.shutdown(wait=False, cancel_futures=True)
        for child in started:
            child.terminate()
        for child in started:
            child.join()


def _leave_interrupts() -> None:
    """Ctrl-C reaches every process of a terminal; the one that keeps the results answers it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


_SOON = 3  # seconds


@dataclass(frozen=True)
class Progress:
    """Where the study stands: a phenomenon starts, runs or is done; the finished part of it all.

    Once the phenomenon is done, `outcomes` are its claims as if no other had been measured. What is
    decided by then stays; what is undecided may yet be decided, since Holm's levels depend on all
    claims.
    """

    phenomenon: str
    state: Literal["started", "running", "finished"]
    fraction: float
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)


def measured(
    courses: list[Course],
    workers: int,
    executor: Executor | None,
    progress: Callable[[Progress], None] | None,
) -> Iterator[Course]:
    """Measure until no course needs another block; yield a course after each of its blocks."""
    teller = _Teller(courses, progress)
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
        outcomes: Mapping[str, Outcome] | None = None,
    ) -> None:
        """Where the study stands, with this part of the phenomenon's block done."""
        reached = (self._done + part * claims.SECONDS[phenomenon]) / self._total
        self._highest = max(self._highest, min(reached, 1.0))
        self._tell(Progress(phenomenon, state, self._highest, outcomes or {}))

    def more(self, phenomenon: str) -> None:
        """A block is done, and the phenomenon needs another one."""
        self._done += claims.SECONDS[phenomenon]
        self._total += claims.SECONDS[phenomenon]

    def finish(self, course: Course) -> None:
        """A phenomenon is done."""
        self._done += claims.SECONDS[course.phenomenon]
        self.say(course.phenomenon, "finished", outcomes=settle(course.outcomes))


def _one_by_one(course: Course, teller: _Teller) -> Iterator[Course]:
    name = course.phenomenon
    teller.say(name, "started")
    block = course.next
    while block is not None:
        course.add(blocks.measure(block, lambda part: teller.say(name, "running", part)))
        yield course
        block = course.next
        if block is not None:
            teller.more(name)
    teller.finish(course)


def _at_once(courses: list[Course], executor: Executor, teller: _Teller) -> Iterator[Course]:
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
            # What succeeded is kept before a failure among the others ends the study.
            for future in sorted(done, key=lambda each: each.exception() is not None):
                course = pending.pop(future)
                course.add(future.result())
                block = course.next
                if block is None:
                    teller.finish(course)
                else:
                    teller.more(course.phenomenon)
                    submit(course, block)
                yield course
    finally:
        for future in pending:
            future.cancel()


def _turn(course: Course) -> tuple[bool, int]:
    seconds = claims.SECONDS[course.phenomenon]
    return (True, -seconds) if seconds > _SOON else (False, seconds)
