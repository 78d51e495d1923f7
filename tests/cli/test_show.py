import json

import pytest
from sample_study import study

from nonlin import cards
from nonlin.cli import main
from nonlin.cli import show as show_command
from nonlin.cli.wording import width
from nonlin.messages import languages, text
from nonlin.study import save


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(cards, "reference", lambda: None)


def _shown(capsys, *line):
    assert main(["show", *line]) == 0
    return capsys.readouterr().out


def _joined(shown):
    return " ".join(shown.split())


@pytest.mark.parametrize("lang", languages())
def test_the_card_has_formulas_and_the_documents_sentences(lang, capsys):
    shown = _shown(capsys, "elu", "--lang", lang)
    assert "⎪α⋅⎝ℯ  - 1⎠  (x ≤ 0)" in shown
    assert "(-1, ∞)" in shown
    assert text("document.elu.weaknesses.E6", lang) in shown
    assert _joined(text("cli.show.unmeasured", lang)) in _joined(shown)
    assert max(map(width, shown.splitlines())) <= 80
    assert "\x1b" not in shown


@pytest.mark.parametrize("folder", ["study", "nonlin-study"])
def test_the_last_study_of_the_usual_folders_gives_the_numbers(folder, tmp_path, capsys):
    results = study(["R6"], verdicts={"R6": "fails"}, complete=False)
    save(results, tmp_path / folder / "results.json")
    shown = _joined(_shown(capsys, "relu", "--lang", "en"))
    assert _joined(cards.finding(results.outcomes["R6"], "en")) in shown
    assert "can die. fails" in shown
    assert f"Numbers from {folder}/results.json" in shown
    assert text("cli.show.incomplete", "en") in shown


def test_a_named_study_comes_before_the_usual_ones(tmp_path, capsys):
    save(study(["R6"], verdicts={"R6": "fails"}), tmp_path / "study" / "results.json")
    save(study(["R6"], verdicts={"R6": "holds"}, quick=True), tmp_path / "mine" / "results.json")
    shown = _joined(_shown(capsys, "relu", "--study", "mine", "--lang", "en"))
    assert "can die. holds" in shown
    assert text("cli.show.quick", "en") in shown


def test_the_shipped_study_is_the_last_resort(monkeypatch, capsys):
    monkeypatch.setattr(show_command.cards, "reference", lambda: study(["R6"]))
    shown = _joined(_shown(capsys, "relu", "--lang", "en"))
    assert "can die. holds" in shown
    assert "Numbers from the measurement that ships with nonlin, on " in shown
    assert "every verdict above is the same." in shown
    assert "ships with nonlin" not in _shown(capsys, "mish", "--lang", "en")


def test_verdicts_that_are_others_elsewhere_are_named(monkeypatch, capsys):
    monkeypatch.setattr(show_command.cards, "reference", lambda: study(verdicts={"R6": "fails"}))
    shown = _joined(_shown(capsys, "relu", "--lang", "en"))
    assert "Measured again elsewhere, the verdict of" in shown
    assert "R6" in shown.split("the verdict of")[-1]


def test_json_has_latex_and_the_points(tmp_path, capsys):
    save(study(["S6"], verdicts={"S6": "depends"}), tmp_path / "study" / "results.json")
    card = json.loads(_shown(capsys, "sigmoid", "--json", "--lang", "en"))
    assert card["latex"] == r"\frac{1}{1 + e^{- x}}"
    assert card["range"] == "(0, 1)"
    assert [point["claim"] for point in card["weaknesses"]] == ["S6", "S7", "S8"]
    assert [point["verdict"] for point in card["weaknesses"]] == ["depends", None, None]


def test_json_puts_a_verdict_on_the_claims_own_words(tmp_path, capsys):
    save(study(["E5"], verdicts={"E5": "fails"}), tmp_path / "study" / "results.json")
    card = json.loads(_shown(capsys, "elu", "--json", "--lang", "en"))
    (use,), (_, better) = card["use"], card["strengths"]
    claim = text("study.claims.E5.claim", "en")
    assert use["verdict"] is None
    assert use["see"] == {"claim": "E5", "text": claim, "verdict": "fails"}
    assert (better["verdict"], better["see"]) == ("fails", None)


def test_a_folder_without_a_study_is_an_error(tmp_path, capsys):
    assert main(["show", "relu", "--study", "none", "--lang", "en"]) == 1
    expected = "nonlin: no results.json in 'none'; `nonlin study --out none` writes one\n"
    assert capsys.readouterr().err == expected


def test_a_broken_results_file_is_an_error(tmp_path, capsys):
    (tmp_path / "results.json").write_text("[]")
    assert main(["show", "relu", "--study", ".", "--lang", "en"]) == 1
    sentence = capsys.readouterr().err
    assert sentence.startswith("nonlin: 'results.json' holds no study result: ")
    assert sentence.count("\n") == 1


def test_a_finding_is_told_once(tmp_path, capsys):
    results = study(["S4"])
    save(results, tmp_path / "study" / "results.json")
    shown = _joined(_shown(capsys, "sigmoid", "--lang", "en"))
    assert shown.count(_joined(cards.finding(results.outcomes["S4"], "en"))) == 1
    assert shown.count("holds") == 2
