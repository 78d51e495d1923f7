"""Weight decay and dropout that are too strong, and usual ones."""

import copy
from functools import partial

import pytest
import torch
from torch import nn

from nonlin.torch import examine, initialize_

SGD, Adam, AdamW = torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW
KINDS = ("weight_decay", "dropout")


def network(dropout=0.0, normalised=False):
    layers = [nn.Linear(32, 48), nn.BatchNorm1d(48) if normalised else nn.Identity(), nn.ReLU()]
    layers += [nn.Dropout(dropout), nn.Linear(48, 48), nn.ReLU(), nn.Dropout(dropout)]
    return nn.Sequential(*layers, nn.Linear(48, 4))


def data():
    """256 samples of four classes that a linear map tells apart."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(256, 32, generator=generator)
    return x, (x @ torch.randn(32, 4, generator=generator)).argmax(1)


def trained(model, optimizer, steps):
    x, y = data()
    for _ in range(steps):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()


def roots(model, optimizer, trial=20):
    exam = examine(model, *data(), nn.functional.cross_entropy, optimizer=optimizer, trial=trial)
    found = [x for x in exam.findings if x.is_root and x.severity != "note"]
    return exam, [x.kind for x in found]


# Of decays that are part of the gradient one of 0.3 keeps two layers of 64 at chance, whatever the
# rate; of AdamW's, which stand beside it, one of 30.
STRONG = {
    "sgd": partial(SGD, lr=0.1, weight_decay=0.3),
    "momentum": partial(SGD, lr=0.03, momentum=0.9, weight_decay=0.3),
    "adam": partial(Adam, lr=1e-3, weight_decay=0.3),
    "adamw": partial(AdamW, lr=3e-3, weight_decay=30.0),
}
USUAL = {
    "momentum": partial(SGD, lr=0.03, momentum=0.9, weight_decay=5e-4),
    "adam": partial(Adam, lr=3e-3, weight_decay=1e-3),
    "adamw": partial(AdamW, lr=3e-3, weight_decay=0.01),
    "strong_adamw": partial(AdamW, lr=3e-3, weight_decay=0.1),
}


@pytest.mark.parametrize(
    ("optimizer", "normalised"),
    [("sgd", False), ("momentum", False), ("momentum", True), ("adam", False), ("adamw", False)],
)
def test_a_decay_that_is_too_strong_is_named_at_first_and_after_it_has_pulled(
    optimizer, normalised
):
    torch.manual_seed(0)
    model = network(normalised=normalised)
    using = STRONG[optimizer](model.parameters())
    for steps in (0, 300):
        trained(model, using, steps)
        exam, kinds = roots(model, using)
        assert kinds == ["weight_decay"]
        (found,) = [x for x in exam.findings if x.kind == "weight_decay"]
        assert found.evidence["eased_loss"] < found.evidence["loss"]
        assert found.evidence["eased"] < found.evidence["given"]


@pytest.mark.parametrize(("dropout", "optimizer"), [(0.9, "adam"), (0.95, "momentum")])
def test_a_dropout_that_is_too_strong_is_named(dropout, optimizer):
    torch.manual_seed(0)
    model = network(dropout)
    assert roots(model, USUAL[optimizer](model.parameters()))[1] == ["dropout"]


def test_what_dropout_leaves_of_gradients_in_a_deep_network_follows_from_it():
    torch.manual_seed(0)
    layers = [(nn.Linear(48 if i else 32, 48), nn.Tanh(), nn.Dropout(0.95)) for i in range(10)]
    model = nn.Sequential(*(x for row in layers for x in row), nn.Linear(48, 4))
    initialize_(model)
    exam, kinds = roots(model, Adam(model.parameters(), lr=3e-3))
    follow = {x.kind for x in exam.findings if not x.is_root}
    assert follow & {"vanishing_gradients", "exploding_gradients"}
    assert kinds == ["dropout"]
    assert exam.remedies()[0].key == "lower_dropout"


@pytest.mark.parametrize(
    ("optimizer", "dropout"),
    [("momentum", 0.1), ("adam", 0.5), ("adamw", 0.3), ("strong_adamw", 0.0)],
)
def test_usual_ones_are_none_and_cost_no_training(optimizer, dropout):
    torch.manual_seed(0)
    model = network(dropout, normalised=dropout == 0.3)
    using = USUAL[optimizer](model.parameters())
    for steps in (0, 200):
        trained(model, using, steps)
        exam, kinds = roots(model, using)
        assert kinds == []
        assert exam.reading.easings == ()


@pytest.mark.parametrize("kind", KINDS)
def test_less_of_it_is_the_first_remedy_and_learns_more(kind):
    torch.manual_seed(0)
    model = network(0.95 if kind == "dropout" else 0.0)
    optimizer = (USUAL if kind == "dropout" else STRONG)["adam"](model.parameters())
    exam, _ = roots(model, optimizer)
    first = exam.remedies()[0]
    assert (first.finding.kind, first.outcome) == (kind, "cured")
    assert first.losses[1] < first.losses[0]


def test_without_a_trial_nothing_is_said():
    torch.manual_seed(0)
    model = network(0.95)
    assert roots(model, STRONG["sgd"](model.parameters()), trial=0)[1] == []


def test_a_trial_of_less_leaves_model_optimizer_and_generator_as_they_were():
    torch.manual_seed(0)
    model = network(0.95, normalised=True)
    optimizer = STRONG["adam"](model.parameters())
    trained(model, optimizer, 2)
    before = copy.deepcopy((model.state_dict(), optimizer.state_dict(), torch.get_rng_state()))
    exam, _ = roots(model, optimizer)
    assert {x.key for x in exam.reading.easings} == set(KINDS)
    after = model.state_dict(), optimizer.state_dict(), torch.get_rng_state()
    assert all(torch.equal(before[0][name], after[0][name]) for name in before[0])
    assert str(before[1]) == str(after[1])
    assert torch.equal(before[2], after[2])
    assert [x.p for x in model if isinstance(x, nn.Dropout)] == [0.95, 0.95]
    assert model.training
