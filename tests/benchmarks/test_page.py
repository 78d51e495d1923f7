"""The page says plainly what holds and what does not."""

from dataclasses import replace

import pytest

pytest.importorskip("scipy")

from speed.bars import Bar
from speed.page import bar_table, misses

HELD = Bar("a demand", 3, "at most 1.0", ())
MISSED = Bar("another demand", 20, "at most 2.0", ("elu: 2.0", "relu: 1.7"))
UNKNOWN = Bar("a third", 0, "", ())


def test_every_demand_has_a_line():
    lines = bar_table([HELD, MISSED, UNKNOWN]).splitlines()
    assert lines[2:] == [
        "| a demand | holds | at most 1.0 | 3 |",
        "| another demand | fails | at most 2.0 | 20 |",
        "| a third | not measured |  | 0 |",
    ]


def test_every_miss_is_listed():
    assert misses([HELD, MISSED]).endswith(
        "another demand: 2 of 20 miss it.\n\n- elu: 2.0\n- relu: 1.7"
    )
    assert misses([replace(HELD, why="None.")]) == misses([HELD])
    explained = replace(MISSED, why="A reason.")
    assert misses([explained, explained]).count("A reason.") == 1
    assert misses([HELD, UNKNOWN]) == "Nothing that was measured misses its bar."
