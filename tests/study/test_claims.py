import json
import re
from importlib import resources

import pytest

from nonlin.cards import conditions
from nonlin.messages import text
from nonlin.study import claims

# Every claim of the document, as they are numbered: letter by letter, how many there are.
COUNTS = {"N": 2, "S": 8, "V": 5, "T": 7, "R": 8, "K": 6, "E": 6}


def _sentences(lang):
    file = resources.files("nonlin.messages").joinpath(f"{lang}.json")
    return json.loads(file.read_text("utf-8"))["study"]


SENTENCES = {lang: _sentences(lang) for lang in ("en", "ko")}


def test_the_ledger_holds_every_claim_in_the_documents_order():
    expected = [f"{letter}{i}" for letter, count in COUNTS.items() for i in range(1, count + 1)]
    assert list(claims.ids()) == expected


@pytest.mark.parametrize("name", claims.PHENOMENA)
def test_a_phenomenon_has_a_rule_for_each_of_its_claims_and_no_other(name):
    mine = {claim.id for claim in claims.CLAIMS if claim.phenomenon == name}
    assert set(claims.phenomenon(name).RULES) == mine


@pytest.mark.parametrize("claim_id", claims.ids())
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_every_claim_is_written_and_its_finding_shows_labelled_numbers(claim_id, lang):
    lines = claims.get(claim_id).lines
    for sentence in (
        text(f"study.claims.{claim_id}.claim", lang),
        text(f"study.claims.{claim_id}.method", lang, **lines),
        conditions(claim_id, lang),
    ):
        assert len(sentence) > 10
    names = set(re.findall(r"{(\w+)", SENTENCES[lang]["claims"][claim_id]["finding"]))
    assert names
    assert names <= set(SENTENCES[lang]["numbers"])


def test_the_phenomena_of_some_claims_come_in_the_order_of_measuring():
    assert claims.phenomena_of(["E5", "N1", "S6"]) == ("linearity", "vanishing", "comparison")


def test_an_unknown_claim_is_named():
    with pytest.raises(KeyError, match="X9"):
        claims.get("X9")


def test_every_line_of_a_claim_is_said_in_its_rule_or_method():
    for claim in claims.CLAIMS:
        sentences = SENTENCES["en"]["claims"][claim.id]
        said = set(re.findall(r"{(\w+)", sentences["rule"] + sentences["method"]))
        assert set(claim.lines) <= said, claim.id


def test_theorems_and_times_are_no_hypotheses():
    others = {*claims.PROVED, *claims.COUNTED, *claims.UNJUDGED}
    assert set(claims.judged()) | others == set(claims.ids())
    assert not set(claims.judged()) & others
