"""The page about the explorer's speed, from invented numbers."""

import json

import pytest

pytest.importorskip("torch")

from explorer import __main__ as program
from twins import numbers

MEASURED = {
    "answers": {"one": 299.0, "three": 311.0, "kept": 1234.0},
    "seen": {
        "visits": 9,
        "moves": 200,
        "first_page_seconds": 0.21,
        "painted_seconds": 0.13,
        "first_page_of_a_new_server_seconds": 0.34,
        "slider_milliseconds": 22.0,
        "slider_milliseconds_95_percent": 45.0,
    },
    "conditions": {"processor": "Some CPU", "cores": 2, "system": "Linux", "python": "3.11.7"},
    "load": 1.25,
}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / program.NUMBERS).parent.mkdir()
    (tmp_path / program.NUMBERS).write_text(json.dumps(MEASURED))
    return tmp_path


def test_both_languages_are_written_from_the_kept_numbers(folder):
    english = program.publish(folder)
    assert english == (folder / "explorer-performance.md").read_text("utf-8")
    korean = (folder / "explorer-performance.ko.md").read_text("utf-8")
    assert numbers(korean) == numbers(english)
    assert "one function that was not asked for before | 299 requests/s" in english
    assert "Some CPU, 코어 2개, Linux, Python 3.11.7. 지난 5분의 부하 평균: 1.2." in korean


def test_what_was_measured_is_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(program.api, "measured", lambda: MEASURED["answers"])
    monkeypatch.setattr(program.page, "measure", lambda: MEASURED["seen"])
    program.save(tmp_path)
    kept = json.loads((tmp_path / program.NUMBERS).read_text())
    assert (kept["answers"], kept["seen"]) == (MEASURED["answers"], MEASURED["seen"])
    assert program.publish(tmp_path).count("|\n") == 10


def test_a_broken_promise_is_named(folder):
    assert program.missed(folder) == ["requests"]
