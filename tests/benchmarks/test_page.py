"""The page says plainly what holds and what does not."""

from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("scipy")

from speed.bars import Bar
from speed.page import bar_table, misses, write
from speed.results import Results
from twins import numbers

DOCS = Path(__file__).parents[2] / "docs"

HELD = Bar("a demand", 3, "at most 1.0", ())
MISSED = Bar("another demand", 20, "at most 2.0", ("elu: 2.0", "relu: 1.7"))
UNKNOWN = Bar("a third", 0, "", ())


def test_every_demand_has_a_line():
    lines = bar_table([HELD, MISSED, UNKNOWN], "en").splitlines()
    assert lines[2:] == [
        "| a demand | holds | at most 1.0 | 3 |",
        "| another demand | fails | at most 2.0 | 20 |",
        "| a third | not measured |  | 0 |",
    ]


def test_every_miss_is_listed():
    assert misses([HELD, MISSED], "en").endswith(
        "another demand: 2 of 20 miss it.\n\n- elu: 2.0\n- relu: 1.7"
    )
    assert misses([replace(HELD, why="None.")], "en") == misses([HELD], "en")
    explained = replace(MISSED, why="A reason.")
    assert misses([explained, explained], "en").count("A reason.") == 1
    assert misses([HELD], "ko") == "측정한 것 가운데 기준에 미치지 못한 것은 없습니다."
    assert misses([HELD, UNKNOWN], "en") == "Nothing that was measured misses its bar."


def test_both_languages_are_written_from_the_published_numbers(tmp_path):
    results = Results.read(DOCS / "performance" / "speed.json")
    english, korean = (tmp_path / name for name in ("performance.md", "performance.ko.md"))
    judged = [write(results, path, lang) for path, lang in ((english, "en"), (korean, "ko"))]
    assert [bar.verdict for bar in judged[0]] == [bar.verdict for bar in judged[1]]
    for path in (english, korean):
        assert path.read_text("utf-8") == (DOCS / path.name).read_text("utf-8")
    assert numbers(korean.read_text("utf-8")) == numbers(english.read_text("utf-8"))
