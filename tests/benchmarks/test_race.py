"""The race itself, on lines whose order of speed is beyond doubt."""

from dataclasses import dataclass

import numpy as np
import pytest
from speed.contender import Contender
from speed.race import BATCH_SECONDS, REST_SECONDS, Effort, Race

LINES = [
    Contender("short", "sum(numbers)", {"numbers": range(10)}),
    Contender("long", "sum(numbers)", {"numbers": range(100_000)}),
]


def test_every_round_times_every_contender():
    race = Race(LINES, Effort(seconds=0.0, least=5, most=9))
    assert race.count == 5
    for _ in range(race.count):
        race.round()
    seconds = race.seconds()
    assert {label: taken.shape for label, taken in seconds.items()} == {"short": (5,), "long": (5,)}
    # Ten thousand times as many additions take far more than a hundred times as long.
    assert np.median(seconds["long"] / seconds["short"]) > 100


def test_effort_limits_the_rounds_from_above():
    assert Race(LINES[:1], Effort(seconds=1e3, least=1, most=7)).count == 7


@dataclass(frozen=True)
class Steady:
    """A contender whose calls take the same time whatever else the machine does."""

    label: str
    duration: float

    def timer(self):
        return self

    def timeit(self, number):
        return number * self.duration


def test_a_short_line_is_timed_in_batches():
    race = Race([Steady("short", 1e-6), Steady("long", 1e-2)], Effort(0.0, 1, 1))
    race.round()
    assert race._batches["short"] * 1e-6 >= BATCH_SECONDS
    assert race._batches["long"] == 1
    assert {label: taken.tolist() for label, taken in race.seconds().items()} == {
        "short": [pytest.approx(1e-6)],
        "long": [1e-2],
    }


def test_after_a_rest_a_call_that_does_not_count_wakes_the_threads(monkeypatch):
    calls, rests = [], []
    monkeypatch.setattr("speed.race.sleep", rests.append)
    line = Contender(
        "long", "calls.append(0); sum(numbers)", {"numbers": range(10**6), "calls": calls}
    )
    race = Race([line], Effort(0.0, 1, 1, rests=True))
    before = len(calls)
    race.round()
    assert (len(calls) - before, rests) == (2, [REST_SECONDS])
