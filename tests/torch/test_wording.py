"""Findings in words: every kind and every cause, wherever a person reads them."""

import json
import re
from string import Formatter

import pytest
import torch
from hand_made_readings import idle, network, units, with_site
from planted_findings import planted
from sample_run import run, taken

from nonlin.cli import main
from nonlin.explorer.examine.examination import examined
from nonlin.messages import _sentences, languages, text
from nonlin.report.examined import examination_html
from nonlin.report.examined.notebook import html
from nonlin.torch import Exam
from nonlin.torch.exam_text import plain_text
from nonlin.torch.finding import Finding, Kind
from nonlin.torch.findings import findings
from nonlin.torch.runs.dying import dying_units
from nonlin.torch.runs.journal import header
from nonlin.torch.runs.lines import reading_line, structure_line
from nonlin.torch.runs.log import append, load
from nonlin.torch.runs.state import snapshot, structure
from nonlin.torch.wording import cause, describe, number, proof, sentence, title

PLANTED = {(kind, cause): (reading, found) for kind, cause, reading, found in planted()}
KINDS = Kind.__args__
NO_SENTENCE = {lang: text("doctor.proof.unknown", lang, noted="").split(";")[0][:30]
               for lang in languages()}  # fmt: skip


def the(kind, cause):
    """The finding that a reading was planted for."""
    _, found = PLANTED[kind, cause]
    return next(each for each in found if (each.kind, each.cause) == (kind, cause))


@pytest.mark.parametrize(("kind", "cause"), PLANTED)
def test_each_rule_makes_what_was_planted(kind, cause):
    assert the(kind, cause).evidence


def test_each_cause_that_has_a_sentence_is_planted_and_no_other():
    told = {(kind, cause) for kind, causes in _sentences("en")["doctor"]["cause"].items()
            for cause in causes}  # fmt: skip
    assert told == {(kind, cause) for kind, cause in PLANTED if cause}
    assert {kind for kind, _ in PLANTED} == set(KINDS)


@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize(("kind", "reason"), PLANTED)
def test_each_finding_is_said_everywhere(kind, reason, lang, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    reading, found = PLANTED[kind, reason]
    finding = the(kind, reason)
    said = describe(finding, lang)
    assert NO_SENTENCE[lang] not in said
    assert not re.search(r"[{}]", said)
    assert said == f"{proof(finding, lang)} {cause(finding, lang)}".strip()
    assert bool(cause(finding, lang)) == bool(reason)
    first = said.split()[:3]

    log = tmp_path / "run.jsonl"
    known = structure(reading)
    for line in (HEADER, structure_line(known), reading_line(snapshot(reading, 0, found))):
        append(log, line)
    answer = examined(load(log), lang)
    shown = next(
        each for each in answer["findings"]
        if (each["kind"], each["site"]) == (kind, finding.site)
    )  # fmt: skip
    assert shown["sentence"].split()[:2] == first[:2]
    assert shown["title"] == title(finding, lang)
    code = main(["doctor", str(log), "--lang", lang])
    out = capsys.readouterr().out
    assert code == int(any(each.severity == "error" for each in found))
    texts = [out, plain_text(Exam(reading, found), lang), html(Exam(reading, found), lang),
             examination_html(None, lang, run=load(log))]  # fmt: skip
    for shown_text in texts:
        assert title(finding, lang) in shown_text
        assert NO_SENTENCE[lang] not in shown_text
    assert main(["doctor", str(log), "--json", "--lang", lang]) == code
    sentences = [each["sentence"] for each in json.loads(capsys.readouterr().out)["findings"]]
    assert any(each.split()[:2] == first[:2] for each in sentences)


HEADER = header(torch.nn.Linear(2, 2), 100)


def test_dead_units_with_their_numbers():
    reading = with_site(network(), 1, units=idle(units(), list(range(20))))
    (found,) = [x for x in findings(reading) if x.kind == "dead_units"]
    said = describe(found, "en")
    assert "20 of 64 units" in said
    assert "all 256 samples" in said
    # 1 - 0.05^(1/256)
    assert "at most 1.16%" in said
    assert title(found, "ko") == "죽은 유닛"


def test_dying_units_are_told_with_their_rate_and_a_forecast():
    # Three of 64 in every 100 steps; see test_dying.
    now = taken(700, (0, 21), count=64)
    (finding,) = dying_units(run(range(0, 21, 3), count=64), now, now.findings)
    assert describe(finding, "en") == (
        "21 of 64 units are silent on every sample of the probe, and 30 more fall silent every "
        "1,000 steps (30 to 30; 97% interval, 8 readings from step 0 to 700). "
        "At this rate half of them are silent by step 1,067 (1,067 to 1,067). "
        "The learning rate is too high."
    )
    assert "1,067번째 스텝" in describe(finding, "ko")


def test_both_languages_show_the_same_numbers():
    for kind in KINDS:
        fields = [
            {name for _, name, _, _ in Formatter().parse(_sentences(lang)["doctor"]["proof"][kind])}
            for lang in languages()
        ]
        assert fields[0] == fields[1]


def test_gradients_without_a_prediction():
    evidence = {"ratio": 1e-7, "layers": 9, "factor": 0.17, "predicted": float("nan"),
                "weights": 0.5, "derivative": 0.3}  # fmt: skip
    found = Finding("vanishing_gradients", "0", "error", (), evidence, "weights")
    assert "predict" not in proof(found, "en")


@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize(
    ("kind", "severity", "cause", "evidence", "words"),
    [
        ("quantum_units", "fatal", "cat", {"lives": 9}, ["quantum_units", "fatal", "lives = 9"]),
        ("dead_units", "error", "bias", {}, []),
        ("dead_units", "error", "tired", {"dead": "many", "units": None}, ["dead = many"]),
        ("dying_units", "warning", "", {"level": [1], "silent": 10**4000}, ["1.00e+4000"]),
        ("undecided", "note", "", {"undecided": 3, "samples_needed": 4}, ["undecided = 3"]),
        ("a.b{c}", "{note}", "x.y", {"{z}": "{z}" * 100}, ["a.b{c}"]),
        ("vanishing_gradients", "error", "weights", {"predicted": "?", "ratio": True}, []),
    ],
)
def test_what_this_version_has_no_sentence_for_is_listed(
    kind, severity, cause, evidence, words, lang
):
    finding = Finding(kind, "1", severity, (), evidence, cause)
    said = sentence(finding, lang)
    assert NO_SENTENCE[lang] in said
    assert len(said) < 600
    for word in words:
        assert word in said


def test_evidence_of_other_types_is_written_as_it_is():
    reading = with_site(network(), 1, units=idle(units(), list(range(20))))
    (found,) = [x for x in findings(reading) if x.kind == "dead_units"]
    odd = dict(found.evidence) | {"dead": "twenty", "mean": None, "samples": 10**30}
    said = describe(Finding("dead_units", "1", "error", (), odd, "bias"), "en")
    assert said.startswith("twenty of 64 units")
    assert "pre-activation of ?" in said
    assert "1.00e+30 samples" in said


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [("dead", 1234, "1,234"), ("bound", 0.0116, "1.16%"), ("ratio", 1.5e-8, "1.5e-08"),
     ("samples_needed", float("inf"), "∞"), ("first", "layers.0", "layers.0"),
     ("samples_needed", 559_146.0, "560,000"), ("ratio", None, "?"),
     ("dead", 10**4000, "1.00e+4000")],
)  # fmt: skip
def test_numbers(name, value, shown):
    assert number(name, value) == shown
