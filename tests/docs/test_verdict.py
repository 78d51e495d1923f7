"""The study's verdicts as a lesson quotes them."""

import pytest

from nonlin.cards import finding, reference
from nonlin.messages import languages, text
from nonlin.study import claims
from nonlin.tutorial import slider, verdict


@pytest.mark.parametrize("lang", languages())
def test_a_verdict_is_that_of_the_shipped_study(lang):
    kept = reference()
    for claim in claims.ids():
        outcome, said = kept.outcomes[claim], verdict(claim, lang)
        assert said.verdict == text(f"report.verdict.{outcome.verdict}", lang)
        assert said.finding == finding(outcome, lang)
        assert said.claim in said._repr_markdown_()
        assert said.claim in str(said)


def test_an_unknown_claim_is_named():
    with pytest.raises(KeyError, match="no claim is called 'S99'"):
        verdict("S99")


def test_a_slider_is_all_its_values_where_there_is_no_kernel(monkeypatch):
    monkeypatch.setenv("NONLIN_STATIC", "1")
    figure = slider(lambda axes, value: axes.plot([0, value]), [1, 2, 5], name="size")
    assert [axes.get_title() for axes in figure.axes] == ["size = 1", "size = 2", "size = 5"]
    assert [axes.lines[0].get_ydata()[1] for axes in figure.axes] == [1, 2, 5]
