"""Layers that nothing comes into, first weights that are frozen, and gates that cannot open."""

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

from nonlin.torch import examine

X = torch.randn(96, 8, generator=torch.Generator().manual_seed(0))
Y = X[:, :4].argmax(1)


def alarms(exam):
    return [(x.kind, x.cause, x.is_root) for x in exam.findings if x.severity != "note"]


class Series(nn.Module):
    """A recurrence over eight steps of one number, which a normalisation may make 0."""

    def __init__(self, norm):
        super().__init__()
        self.norm, self.rows, self.head = norm, nn.LSTM(1, 16, batch_first=True), nn.Linear(16, 4)

    def forward(self, x):
        return self.head(self.rows(self.norm(x.unsqueeze(2)))[0][:, -1])


def test_nothing_comes_past_a_normalisation_over_one_number():
    torch.manual_seed(0)
    exam = examine(Series(nn.LayerNorm(1)), X, Y, F.cross_entropy)
    assert alarms(exam) == [("stuck_layer", "no_input", True)]
    remedy = exam.remedies()[0]
    assert (remedy.key, remedy.outcome) == ("remove_norm", "cured")
    torch.manual_seed(0)
    assert not examine(Series(nn.Identity()), X, Y, F.cross_entropy).findings


def test_what_lies_before_it_is_stuck_for_its_sake():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(8, 8), nn.Unflatten(1, (8, 1)), nn.LayerNorm(1), nn.Flatten(),
                          nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 4))  # fmt: skip
    exam = examine(model, X, Y, F.cross_entropy)
    roots = [(x.cause, x.site) for x in exam.findings if x.is_root and x.severity == "error"]
    assert roots == [("no_input", "4")]


class Adapted(nn.Module):
    """A factor that begins at 0 before another one, which gets nothing until the first step."""

    def __init__(self):
        super().__init__()
        self.one, self.two = nn.Linear(8, 4), nn.Linear(8, 4, bias=False)
        self.last = nn.Linear(4, 4, bias=False)
        nn.init.zeros_(self.two.weight)

    def forward(self, x):
        return self.one(x) + self.last(self.two(x))


def test_factors_that_begin_at_0_are_none():
    exam = examine(Adapted(), X, Y, F.cross_entropy)
    found = [x for x in exam.findings if x.kind == "stuck_layer"]
    assert [(x.cause, x.site, x.severity) for x in found] == [("no_input", "last", "note")]


def network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(),
                         nn.Linear(32, 4))  # fmt: skip


def frozen(model, *names):
    for name in names:
        model.get_submodule(name).requires_grad_(False)
    return model


def adam(model):
    return torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=1e-2)


def trained(model):
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(5):
        optimizer.zero_grad()
        F.cross_entropy(model(X), Y).backward()
        optimizer.step()
    return model


def in_parts():
    """The same network, its body a part of its own."""
    whole = network()
    return nn.Sequential(whole[:4], whole[4])


@pytest.mark.parametrize(
    "model",
    [lambda: frozen(network(), "0", "2"), lambda: frozen(in_parts(), "0")],
    ids=["layers", "a whole part"],
)
def test_first_weights_that_are_frozen_before_a_head(model):
    model = model()
    exam = examine(model, X, Y, F.cross_entropy, optimizer=adam(model))
    assert alarms(exam) == [("stuck_layer", "frozen", True)]
    assert exam.findings[0].evidence == {"layers": 2, "weights": 8 * 32 + 32 * 32}
    remedy = exam.remedies()[0]
    assert (remedy.key, remedy.outcome) == ("thaw", "cured")


HEALTHY = {
    "trained weights": lambda: frozen(trained(network()), "0", "2"),
    "one layer of random features": lambda: frozen(network(), "0"),
    "a judge behind": lambda: frozen(network(), "2", "4"),
    "features drawn by hand": lambda: frozen(by_hand(network()), "0"),
}


def by_hand(model):
    nn.init.normal_(model[0].weight, std=0.3)
    return model


@pytest.mark.parametrize("name", HEALTHY)
def test_layers_that_may_be_frozen(name):
    model = HEALTHY[name]()
    exam = examine(model, X, Y, F.cross_entropy, optimizer=adam(model))
    assert ("stuck_layer", "frozen") not in {(x.kind, x.cause) for x in exam.findings}


class Reviews(nn.Module):
    """Five words and 150 places of padding, behind which the state is taken."""

    def __init__(self):
        super().__init__()
        self.words, self.rows = nn.Embedding(9, 8, padding_idx=0), nn.LSTM(8, 16, batch_first=True)
        self.head = nn.Linear(16, 2)

    def forward(self, x):
        return self.head(self.rows(self.words(x))[0][:, -1])


def test_gates_that_let_nothing_through_are_the_root_of_layers_that_do_not_move():
    torch.manual_seed(0)
    x = torch.zeros(64, 150, dtype=torch.long)
    x[:, :5] = torch.randint(1, 9, (64, 5))
    model = Reviews()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    exam = examine(model, x, x[:, 0] % 2, F.cross_entropy, optimizer=optimizer)
    roots = [(f.kind, f.cause, f.severity) for f in exam.findings if f.is_root]
    assert roots == [("vanishing_gradients", "time", "error")]


@pytest.mark.parametrize("make", [nn.Dropout, nn.AlphaDropout])
def test_dropout_of_the_outputs_themselves(make):
    torch.manual_seed(0)
    model = nn.Sequential(*network(), make(0.3))
    exam = examine(model, X, X[:, :4].square(), F.mse_loss)
    assert [(f.kind, f.cause) for f in exam.findings] == [("dropout", "at_outputs")]
    remedy = exam.remedies()[0]
    assert (remedy.key, remedy.outcome) == ("remove_output", "cured")


def test_dropout_before_the_last_layer_is_none_of_the_outputs():
    model = network()
    model.insert(4, nn.Dropout(0.3))
    assert examine(model, X, Y, F.cross_entropy).findings == ()


def test_an_epsilon_that_is_0_in_half_precision():
    x = (X * (torch.arange(8) > 0)).half()
    model = network().half()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    exam = examine(model, x, Y, lambda o, y: F.cross_entropy(o.float(), y), optimizer=optimizer,
                   trial=10)  # fmt: skip
    assert [(f.kind, f.cause) for f in exam.findings if f.is_root] == [("non_finite", "step")]
    remedy = exam.remedies()[0]
    assert (remedy.key, remedy.outcome) == ("raise_epsilon", "cured")
