"""Blocks of seeds: that they share none, that they pool, and that a decided claim takes no more."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from nonlin.study import blocks, claims
from nonlin.study.blocks import Block, Course
from nonlin.study.context import Context
from nonlin.study.data import load
from nonlin.study.statistics import mean
from nonlin.study.verdict import above, judge


@pytest.fixture
def wandering(monkeypatch):
    """A phenomenon of two claims: S7 is decided at once, R7 lies on its line."""
    rules = {
        "S7": lambda n: [above("trained", n["sure"], 0.0)],
        "R7": lambda n: [above("trained", n["doubtful"], 0.0)],
    }
    asked = []

    def measure(context):
        asked.append((context.first, context.ids))
        random = np.random.default_rng(context.first)
        numbers = {
            "S7": mean("sure", 10 + random.normal(0, 0.1, context.seeds)),
            "R7": mean("doubtful", random.normal(0, 1, context.seeds)),
        }
        return [judge(key, rules, [number]) for key, number in numbers.items()]

    fake = SimpleNamespace(RULES=rules, measure=measure)
    monkeypatch.setattr(claims, "phenomenon", lambda name: fake)
    return asked


def run(course):
    while (block := course.next) is not None:
        course.add(blocks.measure(block))
    return course


def test_a_decided_claim_takes_no_more_blocks(wandering):
    course = run(Course("centring", frozenset({"S7", "R7"}), 5, False, 4))
    assert [first for first, _ in wandering] == [0, 5, 10, 15]
    assert [ids for _, ids in wandering] == [frozenset({"S7", "R7"})] + [frozenset({"R7"})] * 3
    sure, doubtful = course.outcomes["S7"], course.outcomes["R7"]
    assert (sure.looks, sure.fields["sure"].n) == (1, 5)
    assert (doubtful.looks, doubtful.fields["doubtful"].n) == (4, 20)


def test_the_blocks_together_are_one_study(wandering):
    course = run(Course("centring", frozenset({"R7"}), 5, False, 3))
    values = []
    for first in (0, 5, 10):
        random = np.random.default_rng(first)
        random.normal(0, 0.1, 5)  # the other claim's
        values += random.normal(0, 1, 5).tolist()
    pooled, whole = course.outcomes["R7"].fields["doubtful"], mean("doubtful", values)
    assert pooled == whole


def test_one_block_is_the_cap_of_a_quick_study(wandering):
    course = run(Course("centring", frozenset({"R7"}), 5, True, 1))
    assert (course.taken, course.next) == (1, None)


def test_blocks_share_no_seed():
    ours, theirs = load("moons", 2), load("moons", 2, 2)
    both = load("moons", 4)
    assert torch.equal(both.train.x[:2], ours.train.x)
    assert torch.equal(both.train.x[2:], theirs.train.x)
    assert (list(ours.members), list(theirs.members)) == ([0, 1], [2, 3])


@pytest.mark.parametrize("claim", ["S7", "N1", "R4"])
def test_two_blocks_of_networks_are_the_networks_of_one(claim):
    phenomenon = claims.phenomenon(claims.get(claim).phenomenon)
    whole, first, second = (
        phenomenon.measure(Context(seeds, quick=True, ids=frozenset({claim}), first=start))[0]
        for seeds, start in ((4, 0), (2, 0), (2, 2))
    )
    together = blocks.merged(first, second)
    assert together.looks == 2
    for name, number in whole.fields.items():
        assert together.fields[name].value == pytest.approx(number.value, rel=2e-3), name
        assert together.fields[name].n == number.n


def test_a_block_is_measured_on_one_thread(wandering, monkeypatch):
    before = torch.get_num_threads()
    seen = []
    fake = SimpleNamespace(
        RULES={}, measure=lambda context: seen.append(torch.get_num_threads()) or []
    )
    monkeypatch.setattr(claims, "phenomenon", lambda name: fake)
    blocks.measure(Block("centring", frozenset(), 0, 5, True))
    assert seen == [1]
    assert torch.get_num_threads() == before
