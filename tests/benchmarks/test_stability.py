"""Verdicts of several studies beside one another: what agrees, and what is named."""

from dataclasses import replace

import pytest

pytest.importorskip("torch")

from sample_study import ENVIRONMENT, study
from stability import __main__ as program
from stability import measure
from stability.agreement import agreement, differing, tally
from stability.page import page, rows, write
from stability.settings import SETTINGS

from nonlin.study import claims, load
from nonlin.study.results import Answered


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        (["holds", "holds", "holds"], "same"),
        (["undecided", "undecided"], "same"),
        (["unjudged", "unjudged"], "same"),
        (["holds", "undecided", "holds"], "undecided"),
        (["undecided", "undecided", "fails"], "undecided"),
        (["holds", "fails"], "different"),
        (["holds", "undecided", "depends"], "different"),
    ],
)
def test_what_says_itself_that_it_cannot_tell_contradicts_nobody(verdicts, expected):
    assert agreement(verdicts) == expected


def test_claims_are_counted_by_how_they_agree():
    rows = {"S6": ["holds", "holds"], "E5": ["holds", "fails"], "V2": ["undecided", "fails"]}
    assert tally(rows) == {"same": ["S6"], "undecided": ["V2"], "different": ["E5"]}


def answered(name, answer):
    return Answered(name, name, None, None, False, 0.5, 0.5, answer)


def found():
    """Four studies: E5 contradicts itself, V2 is undecided in one, all else is the same."""
    verdicts = [
        {"E5": "holds", "V2": "undecided"},
        {"E5": "undecided", "V2": "fails"},
        {"E5": "fails", "V2": "fails"},
        {"E5": "holds", "V2": "fails"},
    ]
    studies = {}
    for setting, each in zip(SETTINGS, verdicts, strict=True):
        made = study(verdicts=each)
        answers = {"holds": "shown", "fails": "shown_not", "undecided": "open"}
        conditions = (answered("sgd", answers[each["E5"]]), answered("adam", "shown"))
        e5 = replace(made.outcomes["E5"], conditions=conditions)
        studies[setting.name] = replace(
            made,
            settings={**made.settings, "skip": setting.skip},
            environment={**ENVIRONMENT, "instruction_set": setting.environment or "v3"},
            outcomes={**made.outcomes, "E5": e5},
        )
    return studies


def test_the_conditions_that_answer_differently_are_named():
    outcomes = [each.outcomes["E5"] for each in found().values()]
    assert differing(outcomes) == {"sgd": ["shown", "open", "shown_not", "shown"]}


def test_the_page_counts_and_names_what_differs():
    shown = page(found(), "en", "study-stability")
    assert "| the same everywhere | 40 |  |" in shown
    assert "| contradict each other | 1 | [E5](study.md#e5) |" in shown
    assert "| undecided in some, otherwise the same | 1 | [V2](study.md#v2) |" in shown
    assert "by their own account: 41 of 42" in shown
    # Beside the first: V2 is undecided there; E5 contradicts the third setting alone.
    assert "| other roundings | 40 | 2 | 0 |" in shown
    assert "| other seeds | 40 | 1 | 1 |" in shown
    assert "| other seeds again | 41 | 1 | 0 |" in shown
    assert "100–114" in shown
    assert "130–144" in shown
    assert "- SGD: shown, open, shown not to hold, shown" in shown
    assert "Adam:" not in shown


def test_the_pages_of_both_languages_have_the_same_tables(tmp_path):
    write(found(), tmp_path / "study-stability.md")
    english, korean = (
        (tmp_path / name).read_text("utf-8")
        for name in ("study-stability.md", "study-stability.ko.md")
    )
    assert english.count("\n|") == korean.count("\n|")
    assert "[E5](study.ko.md#e5)" in korean
    assert "모순" in korean


def test_where_nothing_differs_the_page_says_so():
    same = {setting.name: study() for setting in SETTINGS}
    assert "is the same in every setting" in page(same, "en", "study-stability")
    assert len(rows(same)) == len(claims.CLAIMS)


def test_the_settings_share_no_seed_and_one_rounds_otherwise():
    skipped = {setting.skip for setting in SETTINGS}
    assert skipped == {0, 15, 30}
    (narrow,) = (setting for setting in SETTINGS if setting.environment)
    assert narrow.environment == {
        "ATEN_CPU_CAPABILITY": "default",
        "NONLIN_INSTRUCTION_SET": "v2",
    }


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Two of the settings, measured at small size."""
    monkeypatch.setattr(program, "RAW", tmp_path)
    monkeypatch.setattr(program, "SETTINGS", SETTINGS[1:3])
    assert program.main(["--quick", "--only", "K4", "--workers", "1"]) == 0
    return tmp_path / "quick"


def test_each_setting_is_measured_in_its_own_way_and_what_is_there_is_kept(folder, monkeypatch):
    narrow, second = (load(folder / name / "results.json") for name in ("narrow", "second"))
    assert narrow.environment["torch_instruction_set"] == "DEFAULT"
    assert narrow.environment["instruction_set"] == "v2"
    assert (narrow.settings["skip"], second.settings["skip"]) == (0, 15)
    assert narrow.outcomes["K4"].numbers != second.outcomes["K4"].numbers
    assert "| v2 | DEFAULT | 100–" in (folder / "study-stability.md").read_text("utf-8")

    asked = []

    def run(*_, previous, path, **__):
        asked.append(previous)
        return second

    monkeypatch.setattr(measure, "run", run)
    monkeypatch.setattr(measure, "environment", lambda _: second.environment)
    assert measure.main([str(folder / "second"), "--skip", "15"]) == 0
    # Another machine, or another version, goes on with nothing.
    assert measure.main([str(folder / "narrow")]) == 0
    assert asked == [second, None]
