"""Times contenders against each other: what disturbs a round disturbs all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import sleep

import numpy as np

from speed.contender import Contender

# A batch of this length is a thousand times what reading the clock costs.
BATCH_SECONDS = 1e-4


# OpenMP's threads look out for more work for some 15 milliseconds after their last.
REST_SECONDS = 0.02


@dataclass(frozen=True)
class Effort:
    """How long a case is measured, and within which numbers of rounds.

    With `rests`, everyone waits before a turn until the threads of the one before have gone to
    sleep: while they look out for work they take the processor that the next one's need.
    """

    seconds: float
    least: int
    most: int
    rests: bool = False


class Race:
    """Rounds in which every contender computes once, in an order that is drawn anew."""

    def __init__(self, contenders: Sequence[Contender], effort: Effort) -> None:
        self._timers = {contender.label: contender.timer() for contender in contenders}
        self._random = np.random.default_rng(0)
        self._batches: dict[str, int] = {}
        self._taken: list[dict[str, float]] = []
        self._rests = effort.rests
        whole = sum(self._calibrate(label) for label in self._timers)
        whole += REST_SECONDS * len(self._timers) * effort.rests
        self.count = int(np.clip(effort.seconds / whole, effort.least, effort.most))

    def _calibrate(self, label: str) -> float:
        """Find how many calls in a row last long enough for the clock, and how long a turn is."""
        timer = self._timers[label]
        timer.timeit(1)  # what a first call prepares is not part of it
        calls = 1
        while (taken := timer.timeit(calls)) < BATCH_SECONDS:
            calls = max(2 * calls, int(calls * BATCH_SECONDS / taken))
        self._batches[label] = calls
        return taken

    def round(self) -> None:
        """Time a batch of each contender, after a call that fetches its arrays into the cache.

        That call also wakes the contender's threads, if it has some.
        """
        seconds = {}
        for label in self._random.permutation(list(self._timers)).tolist():
            timer, batch = self._timers[label], self._batches[label]
            if self._rests:
                sleep(REST_SECONDS)
            if batch > 1 or self._rests:
                timer.timeit(1)
            seconds[label] = timer.timeit(batch) / batch
        self._taken.append(seconds)

    def seconds(self) -> dict[str, np.ndarray]:
        """Seconds a call, by contender and round."""
        return {label: np.array([taken[label] for taken in self._taken]) for label in self._timers}
