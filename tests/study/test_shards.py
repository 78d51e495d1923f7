"""Shards: that together they are the one study, bit for bit, and what they refuse."""

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from nonlin.study import claims, runner, shards
from nonlin.study.context import Context
from nonlin.study.results import Number, ResultsError, from_json
from nonlin.study.statistics import mean
from nonlin.study.verdict import above, fact, is_settled, judge

# What a claim's mean lies at, in standard deviations: far from its line, near it, on it.
PLACES = {0: 9.0, 1: 1.3, 2: 0.0}


@pytest.fixture
def ledger(monkeypatch):
    """Every claim, measured in no time: a third at once decided, a third later, a third never."""
    asked = []

    def phenomenon(name):
        mine = [claim.id for claim in claims.CLAIMS if claim.phenomenon == name]
        exact = claims.PROVED + claims.COUNTED
        rules = {
            key: (lambda n: [])
            if key in claims.UNJUDGED
            else (lambda n: [fact("proved", n["x"].value > 0)])
            if key in exact
            else (lambda n: [above("trained", n["x"], 0.0)])
            for key in mine
        }

        def measure(context):
            asked.append((name, context.first, context.ids))
            return [_outcome(key, rules, context) for key in mine]

        return SimpleNamespace(RULES=rules, measure=measure)

    monkeypatch.setattr(claims, "phenomenon", phenomenon)
    return asked


def _outcome(key, rules, context):
    """Numbers that hang on the claim and its seeds alone."""
    if key not in claims.judged():
        return judge(key, rules, [Number("x", 1.0)], evidence="proved")
    place = claims.ids().index(key)
    seeds = range(context.first, context.first + context.seeds)
    values = [np.random.default_rng([place, seed]).normal(PLACES[place % 3]) for seed in seeds]
    return judge(key, rules, [mean("x", values)])


def parts(of, ids=None, **settings):
    """All shards, each as it comes back from its file."""
    measured = [shards.measure(number, of, ids, **settings) for number in range(1, of + 1)]
    return [shards.from_json(json.loads(json.dumps(shards.to_json(shard)))) for shard in measured]


def timeless(results):
    """The results as a file has them, without how long each block took."""
    outcomes = {key: replace(each, seconds=0.0) for key, each in results.outcomes.items()}
    return from_json(json.loads(json.dumps(replace(results, outcomes=outcomes).to_json())))


@pytest.mark.parametrize("of", [1, 2, 7, 60])
@pytest.mark.parametrize("blocks", [1, 4])
def test_shards_together_are_the_study_in_one_piece(ledger, of, blocks):
    alone = runner.run(blocks=blocks, skip=3)
    together = shards.merge(parts(of, blocks=blocks, skip=3))
    assert timeless(together) == timeless(alone)


def test_the_decision_to_stop_is_taken_when_shards_are_merged(ledger):
    merged = shards.merge(parts(3, blocks=5))
    judged = [merged.outcomes[key] for key in claims.judged()]
    looks = {outcome.looks for outcome in judged}
    # Decided at once, decided on the way, open after all blocks: each kind is there.
    assert 1 in looks
    assert 5 in looks
    assert looks & {2, 3, 4}
    assert all(outcome.fields["x"].n == 5 * outcome.looks for outcome in judged)
    assert {"holds", "undecided"} <= {outcome.verdict for outcome in judged}


def test_what_one_block_leaves_open_goes_on_from_the_merged_study(ledger):
    first = shards.merge(parts(3, blocks=1))
    decided = {key for key, outcome in first.outcomes.items() if is_settled(outcome)}
    ledger.clear()
    after = runner.run(previous=first, blocks=4)
    assert not any(ids & decided for _, _, ids in ledger)
    assert timeless(after) == timeless(runner.run(blocks=4))


def test_a_block_that_may_be_needed_is_measured_for_all_that_runs_decide(ledger):
    parts(2, blocks=2)
    asked = {(name, first): ids for name, first, ids in ledger}
    assert asked["dying", 0] == {"R6", "K2", "K5", "E4"}
    assert asked["derivatives", 5] == {"S5"}
    assert ("ranges", 5) not in asked
    assert ("cost", 5) not in asked


@pytest.mark.parametrize("of", [1, 2, 5, 13, 100])
def test_every_unit_falls_to_one_shard(of):
    shared = shards.shared_out(claims.ids(), 3, of)
    units = [unit for share in shared for unit in share]
    # Twelve phenomena; usage, ranges and cost have nothing that more seeds could tell.
    assert len(units) == len(set(units)) == 12 + 2 * 9
    loads = [sum(claims.SECONDS[name] for name, _ in share) for share in shared]
    longest = max(claims.SECONDS.values())
    assert max(loads) <= sum(loads) / of + longest


def test_an_interrupted_shard_keeps_what_it_measured_and_goes_on(ledger, monkeypatch, tmp_path):
    file = tmp_path / "shard.json"
    measured = shards.measured

    def interrupted(*arguments):
        for count, course in enumerate(measured(*arguments), 1):
            yield course
            if count == 3:
                raise KeyboardInterrupt

    monkeypatch.setattr(shards, "measured", interrupted)
    before = shards.measure(1, 2, blocks=2, path=file)
    assert (before.complete, len(before.blocks)) == (False, 3)
    monkeypatch.setattr(shards, "measured", measured)
    ledger.clear()
    after = shards.measure(1, 2, blocks=2, previous=shards.load(file), path=file)
    assert after.complete
    assert len(ledger) == len(after.units) - 3
    assert shards.merge([shards.load(file), shards.measure(2, 2, blocks=2)]).complete


def changed(shard, **environment):
    return replace(shard, environment={**shard.environment, **environment})


def test_what_makes_no_study_is_refused_in_one_sentence(ledger):
    one, two, three = parts(3, blocks=2)
    versions = {**two.environment["versions"], "numpy": "1.0"}
    refused = {
        "no shard was given": [],
        r"missing shards: 2 of 3 \(1, 3\)": [two],
        "shard 2 of 3 was given twice": [one, two, two, three],
        r"shard 2 of 3 is not finished: blocks measured 0 of \d+; go on": [
            one,
            replace(two, blocks={}),
            three,
        ],
        "seeds is 5 in the first and 6 in the second": [
            one,
            shards.measure(2, 3, seeds=6, blocks=2),
            three,
        ],
        "skip is 0 in the first and 15 in the second": [
            one,
            shards.measure(2, 3, blocks=2, skip=15),
        ],
        "blocks is 2 in the first and 3 in the second": [one, shards.measure(2, 3, blocks=3)],
        "claims is N1 .* and N1 in the second": [one, shards.measure(2, 3, ["N1"], blocks=2)],
        "n is 3 in the first and 2 in the second": [one, shards.measure(2, 2, blocks=2)],
        "numpy is .* in the first and 1.0 in the second": [one, changed(two, versions=versions)],
        "shards 1 and 2 .* instruction_set is .* and none in the second": [
            one,
            changed(two, instruction_set="none"),
        ],
        "torch_instruction_set": [one, changed(two, torch_instruction_set="none")],
    }
    for sentence, given in refused.items():
        with pytest.raises(shards.ShardsError, match=sentence):
            shards.merge(given)


def test_another_model_of_processor_is_the_same_study_and_times_keep_theirs(ledger):
    one, two, three = (
        changed(shard, processor=f"model {shard.number}", cores=shard.number)
        for shard in parts(3, blocks=2)
    )
    timed = next(shard for shard in (one, two, three) if ("cost", 0) in shard.units)
    merged = shards.merge([three, one, two])
    assert merged.environment == timed.environment


def test_another_shards_file_is_no_way_to_go_on(ledger):
    other = shards.measure(2, 3, blocks=2)
    with pytest.raises(shards.ShardsError, match="holds shard 2, not 1, of 3"):
        shards.measure(1, 3, blocks=2, previous=other)
    with pytest.raises(shards.ShardsError, match="blocks is 3 in the first and 2 in the second"):
        shards.measure(2, 3, blocks=3, previous=other)
    with pytest.raises(ValueError, match="a shard from 1 to 3 expected, got 4"):
        shards.measure(4, 3)


def test_a_file_of_something_else_is_no_shard(ledger, tmp_path):
    whole = runner.run(["S1"]).to_json()
    with pytest.raises(ResultsError, match="no shard of a study"):
        shards.from_json(whole)
    with pytest.raises(ResultsError, match="schema 1 expected, got 9"):
        shards.from_json({**shards.to_json(shards.measure(1, 1, ["S1"])), "schema": 9})


@pytest.mark.parametrize("claim", ["N1", "S5", "T4", "R5", "K5", "V4"])
def test_a_claims_numbers_hang_on_no_claim_beside_it(claim):
    """What a shard rests on: it measures a block for claims that the one run has done with."""
    phenomenon = claims.phenomenon(claims.get(claim).phenomenon)

    def numbers(ids):
        context = Context(2, quick=True, ids=ids, first=5)
        (found,) = (each for each in phenomenon.measure(context) if each.id == claim)
        return found.numbers

    assert numbers(frozenset({claim})) == numbers(None)


def test_shards_of_real_networks_are_the_study_in_one_piece():
    settings = {"ids": ["S5", "K4"], "quick": True, "blocks": 2}
    alone = runner.run(**settings)
    together = shards.merge(parts(3, **settings))
    assert timeless(together) == timeless(alone)
    assert {outcome.looks for outcome in alone.outcomes.values()} == {1, 2}
