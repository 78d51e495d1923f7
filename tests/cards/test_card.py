import pytest
from sample_study import study

import nonlin as nl
from nonlin.cards import card, finding, reference, said
from nonlin.cards.card import KINDS, POINTS, RELATED
from nonlin.catalogue import DOCUMENT
from nonlin.messages import languages, text
from nonlin.study import claims


def test_every_function_has_points_of_every_kind():
    assert tuple(POINTS) == DOCUMENT
    for points in POINTS.values():
        assert len(points) == len(KINDS)
        assert all(points)


def test_every_point_rests_on_a_claim_about_its_function():
    for name, points in POINTS.items():
        for claim in (claim for kind in points for claim in kind):
            assert name in claims.get(claim).functions, (name, claim)


def test_every_claim_about_one_chapters_function_is_on_its_card():
    chapters = {"sigmoid": "S", "tanh": "T", "relu": "R", "leaky_relu": "K", "elu": "E"}
    for name, letter in chapters.items():
        on_card = {claim for kind in POINTS[name] for claim in kind}
        assert {claim for claim in claims.ids() if claim[0] == letter} <= on_card


@pytest.mark.parametrize("lang", languages())
def test_a_point_has_the_documents_sentence_and_the_measured_one(lang):
    shown = card(nl.relu, lang, study(["R6"], verdicts={"R6": "depends"}))
    dying, centred = shown.points["weaknesses"]
    assert dying.sentence == text("document.relu.weaknesses.R6", lang)
    assert dying.verdict == "depends"
    outcome = study(["R6"]).outcomes["R6"]
    assert dying.finding == finding(outcome, lang)
    assert (centred.claim, centred.verdict, centred.finding) == ("R7", None, None)
    assert shown.measured


def test_without_a_study_there_are_sentences_and_no_numbers():
    shown = card(nl.elu, "en")
    assert not shown.measured
    assert shown.points["use"][0].sentence == "Used in hidden layers, as a variation of ReLU."
    assert shown.parameters == {"alpha": 1.0}
    assert shown.paper is not None
    assert "2016" in shown.paper


def test_a_function_of_the_users_has_its_name_and_curve_alone():
    square = nl.Activation.from_function(lambda x: x * x, name="square")
    shown = card(square, "en")
    assert (shown.name, shown.title, shown.formulas, shown.points) == ("square", "square", None, {})


def test_the_shipped_study_is_complete_and_not_quick():
    shipped = reference()
    if shipped is None:
        pytest.skip("this checkout ships no study")
    assert shipped.complete
    assert not shipped.settings["quick"]
    assert tuple(shipped.outcomes) == claims.ids()


def test_a_finding_stands_where_the_sentence_is_the_claims():
    points = card(nl.elu, "en", study(verdicts={"E5": "fails"})).points
    (use,), (_, better) = points["use"], points["strengths"]
    # "Used in hidden layers" is not what E5 measures: the claim speaks for itself there.
    assert use.related == text("study.claims.E5.claim", "en")
    assert said(use, "en") == (use.sentence, f"see E5: {use.related} –")
    assert use.repeated
    assert said(better, "en") == ("It generally performs better than ReLU.", "")
    assert not better.repeated
    assert better.verdict == use.verdict == "fails"
    # No sentence of the card says what V5 says: the finding stands at the one that leads to it.
    (use,) = card(nl.relu, "en", study()).points["use"]
    assert use.related
    assert not use.repeated


def test_every_finding_stands_once():
    for name in POINTS:
        points = card(nl.get(name), "en", study()).points.values()
        told = [point.claim for kind in points for point in kind if not point.repeated]
        assert len(told) == len(set(told))
        assert set(told) == {claim for kind in POINTS[name] for claim in kind}


def test_related_sentences_are_on_the_cards():
    for name, kinds in RELATED.items():
        for kind, ids in kinds.items():
            assert set(ids) <= set(POINTS[name][KINDS.index(kind)])


def test_parameters_are_named_as_in_python_and_as_in_the_formulas():
    assert card(nl.elu, "en").settings == "alpha = 1 (α in the formulas)"
    assert card(nl.elu.bind(alpha=0.5), "ko").settings == "alpha = 0.5 (수식의 α)"
    assert card(nl.leaky_relu, "en").settings == "negative_slope = 0.01"
    assert "α" in card(nl.elu, "en").formulas.definition
