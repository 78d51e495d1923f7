"""A loss of exactly 0: everything learnt, nothing counted, or a loss that sees no difference."""

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

from nonlin.torch import examine

X = torch.randn(64, 8, generator=torch.Generator().manual_seed(0))
Y = X[:, :4].argmax(1)


def network(outputs=4):
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, outputs))


def told(model, targets, loss_fn):
    found = examine(model, X, targets, loss_fn).findings
    return [(x.kind, x.cause, x.severity) for x in found if x.is_root]


def nothing(outputs, targets):
    return (F.mse_loss(outputs, targets, reduction="none") * torch.zeros(64, 1)).mean()


def masked(outputs, targets):
    return ((outputs - targets) ** 2 * torch.zeros(64, 1)).sum()


def weighed(outputs, targets):
    return F.cross_entropy(outputs, targets, weight=torch.zeros(4), reduction="sum")


def summed(outputs, targets):
    return F.cross_entropy(outputs, targets, reduction="sum")


@pytest.mark.parametrize("loss_fn", [summed, F.cross_entropy])
def test_labels_that_are_all_ignored(loss_fn):
    ignored = torch.full_like(Y, -100)
    assert told(network(), ignored, loss_fn) == [("flat_loss", "nothing_counts", "error")]


@pytest.mark.parametrize(
    ("outputs", "targets", "loss_fn"),
    [
        (1, X[:, :1], nothing),
        (1, X[:, :1], masked),
        (4, Y, weighed),
        (4, Y, lambda o, t: 0.0 * o.sum()),
        (1, torch.ones(64, 1), lambda o, t: F.relu(-5.0 - t * o).mean()),
    ],
)
def test_a_loss_that_sees_no_difference(outputs, targets, loss_fn):
    assert told(network(outputs), targets, loss_fn) == [("flat_loss", "constant", "error")]


def test_what_is_learnt_whole_is_worth_knowing():
    model = network(1)
    with torch.no_grad():
        targets = model(X)
    assert told(model, targets, F.mse_loss) == [("flat_loss", "learnt", "note")]
    model = network()
    with torch.no_grad():
        model[2].weight.mul_(1e5)
        targets = model(X).argmax(1)
    certain = F.cross_entropy(model(X), targets)
    assert certain == 0.0
    assert ("flat_loss", "learnt", "note") in told(model, targets, F.cross_entropy)


def test_a_cross_entropy_of_one_class_is_told_as_such():
    ones = torch.zeros(64, dtype=torch.long)
    assert told(network(1), ones, F.cross_entropy) == [("output_mismatch", "one_class", "error")]


def test_a_small_loss_is_none():
    model = network(1)
    with torch.no_grad():
        targets = model(X) + 1e-4
    assert told(model, targets, F.mse_loss) == []
