"""The best answer for all samples, by losses that weigh, and what a rate learns beyond it."""

import math
from functools import partial

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

from nonlin.torch import examine
from nonlin.torch.findings.guessing import best_guess

X = torch.randn(200, 8, generator=torch.Generator().manual_seed(0))
RARE = (torch.arange(200) % 20 == 0).float()[:, None]
CLASSES = torch.tensor([0] * 150 + [1] * 40 + [2] * 10)
WEIGHTS = torch.tensor([0.2, 1.0, 4.0])


def entropy(*shares):
    whole = sum(shares)
    return -sum(x / whole * math.log(x / whole) for x in shares)


def network(*end, outputs=3):
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, outputs), *end)


def trial_of(model, targets, loss_fn):
    optimizer = torch.optim.Adam(model.parameters())
    exam = examine(model, X, targets, loss_fn, optimizer=optimizer, trial=10)
    return exam.reading


WEIGHED = partial(F.cross_entropy, weight=WEIGHTS)
# Of weighted positives w q against 1 - q negatives: the loss is (w q + 1 - q) times an entropy.
POSITIVE = partial(F.binary_cross_entropy_with_logits, pos_weight=torch.tensor([19.0]))


@pytest.mark.parametrize(
    ("model", "targets", "loss_fn", "expected"),
    [
        (network(), CLASSES, F.cross_entropy, entropy(150, 40, 10)),
        (network(), CLASSES, WEIGHED, entropy(30, 40, 40)),
        (network(nn.LogSoftmax(1)), CLASSES, F.nll_loss, entropy(150, 40, 10)),
        (network(outputs=1), RARE, F.binary_cross_entropy_with_logits, entropy(1, 19)),
        (network(outputs=1), RARE, POSITIVE, (19 * 0.05 + 0.95) * math.log(2)),
        (network(nn.Sigmoid(), outputs=1), RARE, F.binary_cross_entropy, entropy(1, 19)),
        (network(nn.Sigmoid(), outputs=1), RARE, F.mse_loss, 0.05 * 0.95),
        (network(outputs=1), 3.0 + X[:, :1], F.mse_loss, float(X[:, 0].var(correction=0))),
    ],
)
def test_the_loss_of_the_best_constant(model, targets, loss_fn, expected):
    reading = trial_of(model, targets, loss_fn)
    assert reading.trial.constant == pytest.approx(expected, rel=1e-3)


def test_rare_positives_without_a_trial():
    model = network(outputs=1)
    loss_fn = F.binary_cross_entropy_with_logits
    target = examine(model, X, RARE, loss_fn).reading.target
    assert best_guess(target) == pytest.approx(entropy(1, 19), rel=1e-6)


def test_a_loss_of_ones_own_tells_none():
    reading = trial_of(network(), CLASSES, lambda o, t: (o.logsumexp(1) ** 2).mean())
    assert math.isnan(reading.trial.constant)


SGD = torch.optim.SGD


@pytest.mark.parametrize(("rate", "told"), [(0.01, True), (10.0, False)])
def test_a_rate_that_only_finds_the_mean_is_too_low(rate, told):
    torch.manual_seed(0)
    x = torch.randn(256, 32)
    y = F.one_hot((x @ torch.randn(32, 10)).argmax(1), 10).float()
    model = nn.Sequential(nn.Linear(32, 48), nn.ReLU(), nn.Linear(48, 10), nn.Sigmoid())
    optimizer = SGD(model.parameters(), lr=rate)
    exam = examine(model, x, y, F.mse_loss, optimizer=optimizer, trial=20)
    causes = [(f.cause, f.severity) for f in exam.findings if f.kind == "learning_rate"]
    assert causes == ([("creeping", "warning")] if told else [])
