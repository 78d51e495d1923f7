"""One range in every view: the card, the command line, JSON, the report and the facts agree."""

import json
import re
from dataclasses import replace
from importlib import import_module
from types import SimpleNamespace

import pytest
from sample_study import study

import nonlin as nl
from nonlin import cards, catalogue
from nonlin.cli import main
from nonlin.facts import properties
from nonlin.messages import languages
from nonlin.report import study_html

BOUND = [
    nl.elu.bind(alpha=1 / 3),
    nl.celu.bind(alpha=0.1),
    nl.silu.bind(beta=1.7),
    nl.hard_tanh.bind(min_val=-1 / 7, max_val=1 / 7),
    nl.leaky_relu.bind(negative_slope=(1 / 8 + 1 / 3) / 2),
]
EVERY = [*map(nl.get, nl.names()), *BOUND]

# Minima by mpmath's findroot of the derivative, SELU's infimum is -scale alpha.
RANGES = {
    "selu": "(-1.7581, ∞)",
    "gelu": "[-0.169971, ∞)",
    "silu": "[-0.278465, ∞)",
    "mish": "[-0.308843, ∞)",
    "hard_swish": "[-0.375, ∞)",
}


@pytest.mark.parametrize(("name", "expected"), RANGES.items())
def test_ranges(name, expected):
    assert cards.formulas(nl.get(name)).range == expected


@pytest.mark.parametrize("act", EVERY, ids=repr)
def test_the_card_has_the_range_of_the_facts(act):
    found = str(properties(act).range.value)
    assert cards.formulas(act).range == found
    assert cards.card(act, "en").range == properties(act).range
    for lang in languages():
        assert f">{found}</dd>" in cards.html(act, lang)


@pytest.mark.parametrize("act", EVERY, ids=repr)
def test_no_number_has_more_digits_than_a_person_reads(act):
    shown = cards.html(act, "en") + str(properties(act)) + properties(act)._repr_html_()
    # The curve's path is drawn, not read, and an address of a paper is one word.
    read = re.sub(r"<svg.*?</svg>|https?://\S+", "", shown, flags=re.DOTALL)
    assert not re.search(r"\d{9,}", read)


@pytest.mark.parametrize("name", nl.names())
def test_the_command_shows_the_range_of_the_facts(name, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = properties(nl.get(name)).range
    assert main(["show", name, "--json", "--lang", "en"]) == 0
    plain = json.loads(capsys.readouterr().out)
    assert plain["range"] == str(found.value)
    assert plain["facts"]["range"]["evidence"] == "proved"
    assert main(["show", name, "--lang", "ko"]) == 0
    assert str(found.value) in capsys.readouterr().out


@pytest.mark.parametrize("name", catalogue.DOCUMENT)
def test_the_report_has_the_range_of_the_facts(name):
    found = properties(nl.get(name)).range.value
    assert f'<dd class="range">{found}</dd>' in study_html(study(), {}, "en")


def test_a_range_that_was_not_proved_in_time_says_so_on_the_card(monkeypatch):
    late = replace(properties(nl.elu).range, evidence="measured", given_up=4.0)
    known = SimpleNamespace(range=late)
    monkeypatch.setattr(import_module("nonlin.cards.card"), "properties", lambda act: known)
    shown = {lang: cards.html(nl.elu, lang) for lang in ("en", "ko")}
    assert "(-1, ∞) (measured, not proved within 4 s)</dd>" in shown["en"]
    assert "(-1, ∞) (측정, 4초 안에 증명하지 못함)</dd>" in shown["ko"]
