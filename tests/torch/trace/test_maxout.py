"""Maxout, and tokens that are given to the one best expert."""

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

from nonlin.torch import examine, initialize_
from nonlin.torch.findings.curves import spelled


class Maxout(nn.Module):
    def __init__(self, way, pieces=3):
        super().__init__()
        self.one, self.two = nn.Linear(8, 4 * pieces), nn.Linear(4, 2)
        self.way, self.pieces = way, pieces

    def forward(self, x):
        z = self.one(x)
        if self.way == "last":
            return self.two(z.view(len(x), 4, self.pieces).amax(-1))
        if self.way == "kept":
            return self.two(z.view(len(x), 4, self.pieces).amax(-1, keepdim=True).flatten(1))
        return self.two(z.unflatten(1, (self.pieces, 4)).max(1).values)


def data():
    rng = torch.Generator().manual_seed(0)
    return torch.randn(64, 8, generator=rng), torch.randn(64, 2, generator=rng)


@pytest.mark.parametrize("way", ["last", "kept", "first"])
def test_each_piece_is_a_unit_and_those_that_never_win_are_counted(way):
    torch.manual_seed(0)
    model, (x, y) = Maxout(way), data()
    never = (1, 4)
    with torch.no_grad():
        model.one.bias[list(never)] = -100.0
    exam = examine(model, x, y, F.mse_loss)
    (site,) = exam.sites
    assert (spelled(site), site.units.count) == ("maxout", 12)
    assert (site.units.active_samples == 0).nonzero()[0].tolist() == list(never)
    # One piece of three wins for each of four units.
    assert site.units.active.sum() == 64 * 4
    assert exam.reading.coverage.complete
    assert "linear_stack" not in {each.kind for each in exam.findings}


def test_its_gradients_are_those_of_autograd():
    torch.manual_seed(0)
    model, (x, y) = Maxout("last"), data()
    (site,) = examine(model, x, y, F.mse_loss).sites
    z = model.one(x).detach().requires_grad_()
    behind = z.view(64, 4, 3).amax(-1)
    behind.retain_grad()
    F.mse_loss(model.two(behind), y).backward()
    assert site.gradient_rms == pytest.approx(z.grad.square().mean().sqrt().item(), rel=1e-5)
    right = behind.grad.square().mean().sqrt().item()
    assert site.output_gradient_rms == pytest.approx(right, rel=1e-5)


def test_pooling_over_positions_is_no_maxout():
    class Pooled(nn.Module):
        def __init__(self):
            super().__init__()
            self.one, self.two = nn.Linear(8, 12), nn.Linear(12, 2)

        def forward(self, x):
            return self.two(torch.relu(self.one(x.view(16, 4, 8))).amax(1))

    torch.manual_seed(0)
    x, _ = data()
    exam = examine(Pooled(), x, torch.zeros(16, 2), F.mse_loss)
    assert [spelled(site) for site in exam.sites] == ["relu"]


def test_first_weights_behind_maxout_keep_the_length():
    torch.manual_seed(0)
    model, (x, _) = Maxout("last", 2), data()
    record = initialize_(model, x)
    assert [layer.weight_variance for layer in record.layers] == [1.0, 1.0]


class Switch(nn.Module):
    def __init__(self):
        super().__init__()
        self.gate, self.head = nn.Linear(8, 4, bias=False), nn.Linear(8, 2)
        self.experts = nn.ModuleList([nn.Linear(8, 8) for _ in range(4)])

    def forward(self, x):
        share, best = self.gate(x).softmax(-1).max(-1)
        y = torch.zeros_like(x)
        for number, expert in enumerate(self.experts):
            rows = (best == number).nonzero()[:, 0]
            y = y.index_add(0, rows, share[rows, None] * torch.relu(expert(x[rows])))
        return self.head(x + y)


def test_the_one_best_expert_is_a_choice_and_the_most_likely_class_is_none():
    torch.manual_seed(0)
    model, (x, y) = Switch(), data()
    (router,) = examine(model, x, y, F.mse_loss).reading.routers
    best = model.gate(x).argmax(-1)
    assert (router.chosen, router.tokens.tolist()) == (1, torch.bincount(best).tolist())

    class Classes(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 3))

        def forward(self, x):
            out = self.net(x)
            self.guess = out.argmax(-1)
            return out

    labels = torch.arange(64) % 3
    assert examine(Classes(), x, labels, F.cross_entropy).reading.routers == ()
