"""The doctor's benchmark: populations share no architecture, and their families learn."""

import sys

import pytest
import torch
from doctor.cases import Case, healthy, made
from doctor.data import graph, molecules, moving, signs, text
from doctor.faults import FAULTS
from doctor.program import FAMILIES, leaves, program
from doctor.summary import KINDS
from doctor.training import Training


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def test_there_are_enough_families_and_they_are_disjoint():
    by = {name: [x for x in FAMILIES if x.population == name] for name in "ABCD"}
    assert min(len(by[name]) for name in "BCD") >= 25
    assert len({x.name for x in FAMILIES}) == len(FAMILIES)
    assert all(len(healthy(name)) >= 100 for name in "BCD")
    assert all(len(set(x.variants)) >= 2 for x in FAMILIES)
    assert all(x.learns > x.chance for x in FAMILIES)
    assert {x.kind for x in FAULTS} == set(KINDS)


def test_no_published_model_is_in_two_populations():
    owners = {}
    for family in FAMILIES:
        for value in vars(sys.modules[family.make.__module__]).values():
            if getattr(value, "__module__", "").startswith("transformers.models."):
                owners.setdefault(value.__module__.split(".")[2], set()).add(family.population)
    assert {"gpt2", "llama", "whisper"} <= set(owners)
    assert all(len(x) == 1 for x in owners.values())


@pytest.mark.parametrize("name", ["quantiles", "angular_margin", "graph_sage"])
def test_families_that_are_held_back_learn(name):
    # Trained and scored, and not examined: the doctor sees them once.
    family = next(x for x in FAMILIES if x.name == name)
    training = Training(program(family, family.variants[0], 0), 0)
    training.run(family.steps)
    assert training.outcome().score >= family.learns


@pytest.mark.parametrize("population", ["B", "C", "D"])
def test_every_family_is_made_alike_twice_and_has_a_loss(population):
    for family in (x for x in FAMILIES if x.population == population):
        case = Case(population, family.name, family.variants[0], 0)
        one, other = made(case)[0], made(case)[0]
        pairs = zip(one.model.state_dict().values(), other.model.state_dict().values(), strict=True)
        assert all(torch.equal(*pair) for pair in pairs if isinstance(pair[0], torch.Tensor))
        torch.manual_seed(0)
        assert torch.isfinite(one.loss(*one.part(slice(0, 8))).detach())
        if one.out:
            assert hasattr(one.model.get_submodule(one.out), "weight")


def test_made_data_is_as_it_says():
    # No linear model learns a parity: a fit of 16 features explains 16 / 2000 of anything.
    x, y = signs()
    centred = (y - y.double().mean())[:, None]
    fit = x.double() @ torch.linalg.lstsq(x.double(), centred).solution
    assert float(fit.var() / centred.var()) < 0.03
    # 0.95 times (0.85 for the likeliest follower) plus chance: the best guess.
    words = text()
    follows = torch.zeros(24, 24).index_put_(
        (words[:, :-1].flatten(), words[:, 1:].flatten()), torch.tensor(1.0), accumulate=True
    )
    assert float(follows.amax(1).sum() / follows.sum()) == pytest.approx(0.81, abs=0.02)
    edges, x, _ = graph()
    assert torch.equal(edges, edges.T)
    assert len(leaves((edges, x))) == 2
    edges, kinds, y = molecules()
    assert torch.equal(edges, edges.transpose(1, 2))
    assert float(y.float().mean()) == pytest.approx(0.5, abs=0.1)
    # The next picture is no frame that is given: 0.7 a step at most moves it.
    pictures, follows = moving()
    assert float((pictures[:, -1] - follows).square().mean() / follows.var()) > 0.05
    assert kinds.sum(2).eq(1).all()
