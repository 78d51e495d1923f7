"""A softmax between layers, and those that weigh, choose or end something."""

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

from nonlin.torch import examine

X = torch.randn(96, 8, generator=torch.Generator().manual_seed(0))
Y = X[:, :4].argmax(1)


class Called(nn.Module):
    """Two layers with a function between them."""

    def __init__(self, function):
        super().__init__()
        self.function, self.one, self.two = function, nn.Linear(8, 32), nn.Linear(32, 4)

    def forward(self, x):
        return self.two(self.function(self.one(x)))


class Convolutions(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.two, self.out = nn.Conv1d(1, 6, 3), nn.Conv1d(6, 6, 3), nn.Linear(24, 4)

    def forward(self, x):
        return self.out(self.two(self.one(x[:, None]).softmax(1)).relu().flatten(1))


class Attending(nn.Module):
    def __init__(self):
        super().__init__()
        self.into, self.scores, self.out = nn.Linear(1, 16), nn.Linear(16, 1), nn.Linear(16, 4)
        self.block = nn.TransformerEncoderLayer(16, 2, 32, dropout=0.0, batch_first=True)

    def forward(self, x):
        tokens = self.block(self.into(x[:, :, None]))
        # Pooling by attention: shares of the places.
        return self.out((self.scores(tokens).softmax(1) * tokens).sum(1))


class Mixing(nn.Module):
    """Experts weighed by a router, layers by numbers, rows of a memory by what asks for them."""

    def __init__(self):
        super().__init__()
        self.router, self.mixture = nn.Linear(8, 3), nn.Parameter(torch.zeros(3))
        self.experts = nn.ModuleList(
            nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 4)) for _ in range(3)
        )
        self.memory = nn.Parameter(torch.randn(5, 8))
        self.keys, self.values = nn.Linear(8, 5, bias=False), nn.Linear(5, 8, bias=False)

    def forward(self, x):
        x = x + self.keys(x).softmax(-1) @ self.memory + self.values(self.keys(x).softmax(-1))
        weights = self.router(x).softmax(-1) * self.mixture.softmax(0)
        return sum(weights[:, i : i + 1] * each(x) for i, each in enumerate(self.experts))


class Twice(nn.Module):
    """Gives out the shares that it goes on with."""

    def __init__(self):
        super().__init__()
        self.one, self.two = nn.Linear(8, 4), nn.Linear(4, 4)

    def forward(self, x):
        first = self.one(x).softmax(-1)
        return self.two(first) + first.log()


def alarms(model):
    found = examine(model, X, Y, F.cross_entropy).findings
    return [(x.kind, x.site, x.cause) for x in found if x.severity != "note"]


def softmax(x):
    return torch.softmax(x, -1)


@pytest.mark.parametrize(
    ("function", "cause"),
    [
        (softmax, "shares"),
        (nn.Softmax(-1), "shares"),
        (nn.LogSoftmax(-1), "logarithms"),
        (lambda x: softmax(x).relu(), "shares"),
        (lambda x: F.dropout(softmax(x.relu()), 0.1), "shares"),
    ],
)
def test_a_softmax_between_layers_is_named(function, cause):
    torch.manual_seed(0)
    assert alarms(Called(function)) == [("hidden_softmax", "one", cause)]


def test_a_softmax_between_convolutions_is_named():
    torch.manual_seed(0)
    assert alarms(Convolutions()) == [("hidden_softmax", "one", "shares")]


@pytest.mark.parametrize("make", [Attending, Mixing, Twice])
def test_shares_that_weigh_something_or_are_given_out_are_none(make):
    torch.manual_seed(0)
    assert alarms(make()) == []


def test_a_normalisation_behind_it_brings_the_length_back():
    torch.manual_seed(0)
    behind = nn.LayerNorm(32)
    assert alarms(Called(nn.Sequential(nn.Softmax(-1), behind))) == []


def test_it_is_the_root_of_gradients_that_vanish():
    torch.manual_seed(0)
    rows = [x for _ in range(3) for x in (nn.Linear(32, 32), nn.Softmax(-1), nn.ReLU())]
    model = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), *rows, nn.Linear(32, 4))
    found = examine(model, X, Y, F.cross_entropy).findings
    assert {x.kind for x in found if x.is_root} == {"hidden_softmax"}
