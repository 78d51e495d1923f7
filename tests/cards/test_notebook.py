import xml.etree.ElementTree as ElementTree

import pytest
from sample_study import study

import nonlin as nl
from nonlin import cards
from nonlin.cards import notebook
from nonlin.catalogue import DOCUMENT
from nonlin.messages import languages, text


def _parsed(source):
    # HTML's bare > is no XML.
    plain = source.replace("<mo>></mo>", "<mo>&gt;</mo>")
    return ElementTree.fromstring(plain.replace("<br>", "<br/>"))


@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize("name", nl.names())
def test_the_card_is_well_formed_and_says_its_language(name, lang):
    root = _parsed(cards.html(nl.get(name), lang))
    assert root.get("lang") == lang
    words = "".join(root.itertext())
    assert text(f"document.{name}.summary", lang) in words
    assert (text("cards.weaknesses", lang) in words) == (name in DOCUMENT)


def test_measured_numbers_stand_beside_the_sentences(monkeypatch):
    results = study(["R6"], verdicts={"R6": "fails"})
    monkeypatch.setattr(notebook, "reference", lambda: results)
    words = "".join(_parsed(cards.html(nl.relu, "en")).itertext())
    outcome = results.outcomes["R6"]
    assert "R6 fails" in words
    assert cards.finding(outcome, "en") in words


def test_a_verdict_is_not_put_on_a_sentence_of_other_words(monkeypatch):
    monkeypatch.setattr(notebook, "reference", lambda: study(verdicts={"E5": "fails"}))
    words = "".join(_parsed(cards.html(nl.elu, "en")).itertext())
    claim = text("study.claims.E5.claim", "en")
    assert f"Used in hidden layers, as a variation of ReLU.see E5: {claim} – fails" in words


def test_links_take_the_notebooks_colour():
    assert '<a style="color:inherit" href="https://' in cards.html(nl.elu, "en")


def test_a_function_of_the_users_is_shown_with_its_curve():
    shown = cards.html(nl.Activation.from_function(abs, name="<abs>"), "en")
    assert "&lt;abs&gt;" in shown
    assert "<svg" in shown
    assert "<math" not in shown


def test_a_notebook_shows_the_card(monkeypatch):
    monkeypatch.setenv("LC_ALL", "ko_KR.UTF-8")
    assert nl.elu._repr_html_() == cards.html(nl.elu, "ko")
