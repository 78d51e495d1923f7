"""Measures the cases that are not measured yet, on as many cores as are wanted."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, as_completed
from typing import Any

from rich.progress import Progress

from doctor.cases import Case, faulty, fitting, healthy
from doctor.program import FAMILIES, Population
from doctor.record import measured
from doctor.store import Store

Record = dict[str, Any]


class Run:
    """One run over populations.

    Parameters
    ----------
    store : Store
    progress : Progress
    pool : Executor
        That measures.
    shard : (int, int)
        Which part of how many: of the families. What others measured is taken from the store.
    step : int
        Every so manieth case of each list.

    Attributes
    ----------
    failed : list of str
        Cases that raised, and what; a fault of the benchmark's own.
    """

    def __init__(self, store: Store, progress: Progress, pool: Executor,
                 shard: tuple[int, int] = (1, 1), step: int = 1) -> None:  # fmt: skip
        self.store, self.progress, self.pool = store, progress, pool
        self.shard, self.step = shard, step
        self.failed: list[str] = []

    def records(self, population: Population) -> tuple[list[Record], list[Record]]:
        """Give the records of the healthy and of the faulty cases of a population."""
        sound = healthy(population)
        firsts = [x for x in sound if x.seed == 0][:: self.step]
        broken = faulty(self._fits(population, firsts))[:: self.step]
        twins = dict.fromkeys(x.twin for x in broken)
        sound = list(dict.fromkeys([*sound[:: self.step], *twins]))
        self._measure(f"{population} healthy", sound, {})
        known = {x: found for x in twins if (found := self.store.get(x)) is not None}
        self._measure(f"{population} faulty", [x for x in broken if x.twin in known], known)
        return self._found(sound), self._found(broken)

    def _found(self, cases: Sequence[Case]) -> list[Record]:
        return [x for x in map(self.store.get, cases) if x is not None]

    def _fits(self, population: Population, firsts: list[Case]) -> dict[Case, list[str]]:
        """Find which faults each healthy case has a place for; kept beside the records."""
        missing = [x for x in firsts if self.store.fits(x) is None]
        task = self.progress.add_task(f"{population} places", total=len(missing))
        for case, names in zip(missing, self.pool.map(fitting, missing), strict=True):
            self.store.add_fits(case, names)
            self.progress.advance(task)
        return {x: self.store.fits(x) or [] for x in firsts}

    def _measure(self, title: str, cases: list[Case], twins: Mapping[Case, Record]) -> None:
        """Measure this shard's cases that are not in the store."""
        part, parts = self.shard
        names = [x.name for x in FAMILIES][part - 1 :: parts]
        own = [x for x in cases if x.family in names]
        missing = [x for x in own if self.store.get(x) is None]
        task = self.progress.add_task(title, total=len(own), completed=len(own) - len(missing))
        waiting = {self.pool.submit(measured, x, twins.get(x.twin)): x for x in missing}
        for done in as_completed(waiting):
            case, error = waiting[done], done.exception()
            if error is None:
                self.store.add(case, done.result())
            else:
                self.failed.append(f"{case.name}: {type(error).__name__}: {error}")
                print(self.failed[-1], file=sys.stderr)
            self.progress.advance(task)
