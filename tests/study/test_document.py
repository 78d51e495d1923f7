"""Every statement of the document has its place, and each place its claims or its reason."""

from collections import Counter

import pytest

from nonlin.messages import text
from nonlin.study import claims
from nonlin.study.document import ADDED, PLACES

# Counted by hand in the document: section and list, and how many statements it has.
STATEMENTS = {
    (0, "text"): 3,
    (1, "text"): 1,
    (1, "features"): 4,
    (1, "strengths"): 2,
    (1, "weaknesses"): 3,
    (1, "vanishing"): 1,
    (1, "causes"): 2,
    (1, "effects"): 3,
    (1, "remedies"): 1,
    (2, "text"): 1,
    (2, "features"): 3,
    (2, "strengths"): 2,
    (2, "weaknesses"): 2,
    (3, "text"): 1,
    (3, "features"): 3,
    (3, "strengths"): 3,
    (3, "weaknesses"): 2,
    (4, "text"): 1,
    (4, "features"): 2,
    (4, "strengths"): 2,
    (4, "weaknesses"): 1,
    (5, "text"): 1,
    (5, "features"): 2,
    (5, "strengths"): 2,
    (5, "weaknesses"): 1,
}


def test_no_place_is_left_out():
    assert Counter((place.section, place.part) for place in PLACES) == STATEMENTS
    for (section, part), count in STATEMENTS.items():
        mine = [p.number for p in PLACES if (p.section, p.part) == (section, part)]
        assert mine == list(range(1, count + 1))


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_a_place_without_claims_says_why(lang):
    for place in PLACES:
        assert place.claims or place.reason, place.name
        assert place.quote
        assert text(f"study.places.{place.part}", lang)
        if place.reason:
            assert len(text(f"study.reasons.{place.reason}", lang)) > 20


def test_every_claim_stands_at_a_place_or_is_said_to_be_added():
    covered = {claim for place in PLACES for claim in place.claims}
    assert covered | set(ADDED) == set(claims.ids())
    assert not covered & set(ADDED)


def test_a_claim_stands_in_its_functions_section():
    sections = {"N": 0, "S": 1, "V": 1, "T": 2, "R": 3, "K": 4, "E": 5}
    for place in PLACES:
        assert (
            any(sections[claim[0]] == place.section for claim in place.claims) or not place.claims
        )
