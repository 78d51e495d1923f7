from html import unescape

from sample_study import study

from nonlin.report.sections import OPEN, sections, tally
from nonlin.study import claims

SVG = '<svg viewBox="0 0 6 4"></svg>'


def test_every_claim_of_the_ledger_stands_once_in_the_documents_order():
    chapters = sections(study(), {}, "en")
    assert [chapter.key for chapter in chapters] == list("NSVTRKE")
    assert [view.id for chapter in chapters for view in chapter.claims] == list(claims.ids())


def test_a_figure_stands_in_the_chapter_with_most_of_its_claims():
    figures = dict.fromkeys(claims.PHENOMENA, SVG)
    places = {
        drawing.phenomenon: chapter.key
        for chapter in sections(study(), figures, "en")
        for drawing in chapter.drawings
    }
    # Counted by hand in the ledger: vanishing tests S6, T5, R4 and V1 to V5; centring T3 and T4
    # beside one claim each of S, R, E; derivatives S2, S3, S5; dying K2 and K5 beside R6 and E4.
    assert places == {
        "usage": "R",
        "linearity": "N",
        "ranges": "S",
        "derivatives": "S",
        "cost": "S",
        "probability": "S",
        "centring": "T",
        "sparsity": "R",
        "dying": "K",
        "slope": "K",
        "vanishing": "V",
        "comparison": "E",
    }


def test_the_text_alternative_tells_what_was_found():
    (chapter, *_) = sections(study(["N2"]), {"linearity": SVG}, "en")
    (other, view) = chapter.claims
    (drawing,) = chapter.drawings
    for piece, is_interval in view.finding:
        assert (piece in unescape(drawing.svg)) is not is_interval
    assert drawing.claims == ("N2",)
    assert other.verdict == OPEN
    assert other.finding == ()


def test_numbers_come_with_interval_and_n():
    (chapter, *_) = sections(study(["N1"]), {}, "en")
    quantity = chapter.claims[0].quantities[0]
    assert (quantity.value, quantity.interval, quantity.n) == ("0.250", "0.125 – 0.500", "7")


def test_tally_counts_each_verdict():
    some = {"N2": "fails", "S1": "depends", "S2": "undecided", "S8": "unjudged"}
    results = study(["N1", *some], verdicts=some)
    views = [view for chapter in sections(results, {}, "en") for view in chapter.claims]
    assert tally(views) == {
        **dict.fromkeys(("holds", "fails", "depends", "undecided", "unjudged"), 1),
        "open": len(claims.ids()) - 5,
    }
