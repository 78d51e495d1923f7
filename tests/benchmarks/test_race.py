"""The race itself, on lines whose order of speed is beyond doubt."""

import numpy as np
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


def test_a_short_line_is_timed_in_batches():
    race = Race(LINES, Effort(0.0, 1, 1))
    race.round()
    assert race._batches["short"] * race.seconds()["short"][0] > BATCH_SECONDS / 10
    assert race._batches["long"] < race._batches["short"]


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
