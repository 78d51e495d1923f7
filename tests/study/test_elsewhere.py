"""What ships of the measurements under other settings, and what it says of the one that ships."""

import pytest

pytest.importorskip("torch")

from sample_study import study

from nonlin import cards
from nonlin.study import claims
from nonlin.study.elsewhere import contradicting, elsewhere, published


def test_the_repository_has_other_roundings_seeds_and_another_processor():
    here, again = elsewhere(cards.reference()), published()
    sets = {(each.instruction_set, each.torch_instruction_set) for each in [here, *again]}
    assert {("v4", "AVX512"), ("v2", "DEFAULT")} <= sets
    assert len({each.seeds for each in [here, *again]}) >= 3
    assert len({each.processor for each in [here, *again]}) >= 2
    for each in [here, *again]:
        assert list(each.verdicts) == list(claims.ids())


def test_no_verdict_that_ships_is_contradicted():
    assert contradicting(cards.reference(), claims.ids()) == []


def test_an_undecided_verdict_contradicts_nobody():
    decided = next(key for key, verdict in published()[0].verdicts.items() if verdict == "holds")
    assert contradicting(study(verdicts={decided: "undecided"}), [decided]) == []
    assert contradicting(study(verdicts={decided: "fails"}), [decided]) == [decided]
