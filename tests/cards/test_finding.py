"""Findings of templates made for the tests; expected strings are written by hand."""

from dataclasses import replace

import pytest

from nonlin.cards import account, conditions, finding, pieces, reference
from nonlin.messages import text
from nonlin.study.results import Answered, Number, Outcome

NUMBERS = (
    Number("gain", 0.0214, 0.0101, 0.0327, 7, "share"),
    Number("slope", 0.25),
    Number("steady", 1.0, 0.9999, 1.0, 5, "share"),
)
OUTCOME = Outcome("K4", "holds", "measured", NUMBERS)


@pytest.fixture
def template(monkeypatch):
    import sys

    module = sys.modules["nonlin.cards.finding"]

    def choose(words):
        def said(key, lang, **fields):
            own = key.startswith("study.claims.")
            return words.format(**fields) if own else text(key, lang, **fields)

        monkeypatch.setattr(module, "text", said)

    return choose


def test_a_number_brings_its_interval_in_its_own_format(template):
    template("Gain {gain:+.1%} at slope {slope:.2f}.")
    assert finding(OUTCOME, "en") == "Gain +2.1% [+1.0%, +3.3%] at slope 0.25."
    assert pieces(OUTCOME, "en") == [
        ("Gain +2.1%", False),
        (" [+1.0%, +3.3%]", True),
        (" at slope 0.25.", False),
    ]


def test_an_interval_that_the_sentence_spells_out_is_not_repeated(template):
    template("Gain {gain:.1%} (n = {gain.n}, {gain.low:.1%} to {gain.high:.1%}).")
    assert finding(OUTCOME, "en") == "Gain 2.1% (n = 7, 1.0% to 3.3%)."


def test_an_interval_narrower_than_the_digits_is_left_out(template):
    template("{steady:.0%}; {steady:.2%}")
    assert finding(OUTCOME, "en") == "100%; 100.00% [99.99%, 100.00%]"


def test_without_a_format_three_digits_are_written(template):
    template("{gain}")
    assert finding(OUTCOME, "en") == "0.0214 [0.0101, 0.0327]"


def test_small_numbers_are_powers_of_ten(template):
    template("{gain:.1e}")
    assert (
        finding(OUTCOME, "en")
        == "2.1\u00a0×\u00a010⁻² [1.0\u00a0×\u00a010⁻², 3.3\u00a0×\u00a010⁻²]"
    )


def test_a_difference_of_shares_is_in_percentage_points(template):
    template("Gain {gain:+.2pp}.")
    assert finding(OUTCOME, "en") == "Gain +2.14\u00a0pp [+1.01, +3.27]."
    assert finding(OUTCOME, "ko") == "Gain +2.14%p [+1.01, +3.27]."


@pytest.mark.parametrize("claim", ["K4", "E5", "R5"])
@pytest.mark.parametrize(("lang", "unit"), [("en", "\u00a0pp"), ("ko", "%p")])
def test_the_claims_on_differences_speak_of_points(claim, lang, unit):
    found = finding(reference().outcomes[claim], lang)
    differences = [n for n in reference().outcomes[claim].numbers if n.unit == "points"]
    assert found.count(unit) == len(differences) > 0


def answered(name, answer, runs=None):
    return Answered(name, "gain", 0.0, None, False, 0.5, 0.5, answer, runs)


CONDITIONS = (answered("sgd", "shown"), answered("adam", "shown_not"), answered("he", "open", 40))


def test_a_verdict_that_is_not_plain_says_on_what_it_hangs():
    outcome = replace(OUTCOME, verdict="depends", conditions=CONDITIONS)
    assert account(outcome, "en") == (
        "Shown: SGD. Shown not to hold: Adam. "
        "Open: He (about 40 observations would decide, 7 so far)."
    )
    assert account(replace(outcome, verdict="holds"), "en") == ""
    assert account(replace(outcome, verdict="unjudged"), "ko") == ""
    assert "SGD" in account(outcome, "ko")


def test_of_data_sets_more_data_sets_would_decide():
    number = replace(NUMBERS[0], statistic="over_sets")
    outcome = replace(OUTCOME, verdict="undecided", conditions=CONDITIONS, numbers=(number,))
    assert "about 40 data sets would decide, 7 so far" in account(outcome, "en")


def test_the_account_follows_the_finding():
    outcome = reference().outcomes["E3"]
    if outcome.verdict not in ("holds", "unjudged"):
        assert finding(outcome, "en").endswith(account(outcome, "en"))


def test_conditions_come_with_their_thresholds():
    assert "0.25 of the RMS" in conditions("S7", "en")
    assert "0.5\u00a0pp" in conditions("E5", "en")
