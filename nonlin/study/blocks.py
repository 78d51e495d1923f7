"""A phenomenon in blocks of seeds: measured, pooled, and gone on with while a claim is open.

A block is a unit of work: it hangs on nothing but its arguments, so it can run in any process, and
what it gives is the same wherever it runs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import torch

from nonlin.study import claims
from nonlin.study.context import Context
from nonlin.study.results import Outcome
from nonlin.study.statistics import pooled
from nonlin.study.verdict import ALPHA, answers, at_level, decide, is_settled

# The matrices are small: a second thread saves a third of the time on an idle machine; on a busy
# one the two wait for each other thirty times as long as they compute.
THREADS = 1


@dataclass(frozen=True)
class Block:
    """One block of seeds of one phenomenon, and the claims that still need it.

    `skip` is how many seeds are passed over before block 0.
    """

    phenomenon: str
    ids: frozenset[str]
    number: int
    seeds: int
    quick: bool
    skip: int = 0


def _silent(fraction: float) -> None:
    """Report progress to nobody."""


def measure(block: Block, progress: Callable[[float], None] = _silent) -> list[Outcome]:
    """Measure one block on one thread."""
    first = block.skip + block.number * block.seeds
    context = Context(block.seeds, block.quick, block.ids, first=first, progress=progress)
    started = time.perf_counter()
    with threads(THREADS):
        found = claims.phenomenon(block.phenomenon).measure(context)
    seconds = time.perf_counter() - started
    return [replace(outcome, seconds=seconds) for outcome in found if outcome.id in block.ids]


@dataclass
class Course:
    """What became of one phenomenon's claims so far, and what it needs next."""

    phenomenon: str
    ids: frozenset[str]
    seeds: int
    quick: bool
    most: int
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    taken: int = 0
    skip: int = 0

    @property
    def open(self) -> frozenset[str]:
        """The claims that another block could decide."""
        settled = {key for key, outcome in self.outcomes.items() if is_settled(outcome)}
        return self.ids - settled

    @property
    def next(self) -> Block | None:
        """The next block; None once every claim is settled or the blocks are used up."""
        if self.taken >= self.most or not self.open:
            return None
        return Block(self.phenomenon, self.open, self.taken, self.seeds, self.quick, self.skip)

    def add(self, found: list[Outcome]) -> None:
        """Pool a block's outcomes with those before."""
        self.taken += 1
        for outcome in found:
            before = self.outcomes.get(outcome.id)
            self.outcomes[outcome.id] = outcome if before is None else merged(before, outcome)


def merged(before: Outcome, block: Outcome) -> Outcome:
    """One outcome of two: numbers from the observations of both, the first one's figure."""
    numbers = pooled([before.numbers, block.numbers])
    conditions = claims.get(before.id).rule({number.name: number for number in numbers})
    decision = decide(conditions)
    return replace(
        before,
        verdict=at_level(decision, ALPHA),
        numbers=tuple(numbers),
        seconds=before.seconds + block.seconds,
        conditions=answers(conditions),
        p=decision.p,
        looks=before.looks + block.looks,
    )


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Let torch use this many threads, and give back what it used before."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
