"""Experts, however they are written: each one's own units, and those that are planted silent."""

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

from nonlin.torch import examine

EXPERTS, WIDTH, HIDDEN = 4, 8, 16


class Experts(nn.Module):
    """Stacked weights; the tokens of each expert one after the other."""

    def __init__(self):
        super().__init__()
        self.up = nn.Parameter(torch.randn(EXPERTS, WIDTH, HIDDEN) / WIDTH**0.5)
        self.down = nn.Parameter(torch.randn(EXPERTS, HIDDEN, WIDTH) / HIDDEN**0.5)

    def up_of(self, expert):
        return self.up[expert]


class Looped(Experts):
    def forward(self, rows, ends):
        parts, begin = [], 0
        for expert, end in enumerate(ends.tolist()):
            h = torch.relu(rows[begin:end] @ self.up[expert])
            parts.append(h @ self.down[expert])
            begin = end
        return torch.cat(parts)


class Grouped(Experts):
    def forward(self, rows, ends):
        h = torch.relu(F.grouped_mm(rows, self.up, offs=ends))
        return F.grouped_mm(h, self.down, offs=ends)


class Modules(Experts):
    def __init__(self):
        super().__init__()
        with torch.random.fork_rng():
            into = [nn.Linear(WIDTH, HIDDEN, bias=False) for _ in range(EXPERTS)]
            out = [nn.Linear(HIDDEN, WIDTH, bias=False) for _ in range(EXPERTS)]
        self.into, self.out = nn.ModuleList(into), nn.ModuleList(out)
        with torch.no_grad():
            for expert in range(EXPERTS):
                self.into[expert].weight.copy_(self.up[expert].T)
                self.out[expert].weight.copy_(self.down[expert].T)
        del self.up, self.down

    def forward(self, rows, ends):
        parts, begin = [], 0
        for expert, end in enumerate(ends.tolist()):
            parts.append(self.out[expert](torch.relu(self.into[expert](rows[begin:end]))))
            begin = end
        return torch.cat(parts)

    def up_of(self, expert):
        return self.into[expert].weight.T


class Mixture(nn.Module):
    def __init__(self, experts):
        super().__init__()
        self.gate = nn.Linear(WIDTH, EXPERTS, bias=False)
        self.experts, self.head = experts, nn.Linear(WIDTH, 3)

    def forward(self, x):
        weight, chosen = self.gate(x).softmax(-1).topk(2)
        expert = chosen.flatten()
        order = expert.argsort(stable=True)
        ends = torch.bincount(expert, minlength=EXPERTS).cumsum(0).int()
        y = self.experts(x.repeat_interleave(2, 0)[order], ends)
        y = torch.zeros_like(y).index_copy(0, order, y).view(len(x), 2, -1)
        return self.head(x + (weight[..., None] * y).sum(1))


def mixture(kind):
    torch.manual_seed(0)
    model = Mixture(kind())
    x = torch.randn(256, WIDTH)
    x[:, 0] = x[:, 0].abs() + 0.1
    return model, x, torch.randn(256, 3)


@pytest.mark.parametrize("kind", [Looped, Grouped, Modules])
def test_each_expert_is_a_site_with_its_own_units(kind):
    model, x, y = mixture(kind)
    with torch.no_grad():
        # The first feature is positive, so these units never are.
        for expert, silent in ((1, 5), (3, 2)):
            weight = model.experts.up_of(expert)
            weight[:, :silent] = 0.0
            weight[0, :silent] = -1.0
    exam = examine(model, x, y, F.mse_loss)
    sites = [site for site in exam.sites if "relu" in site.name]
    assert [int((site.units.active_samples == 0).sum()) for site in sites] == [0, 5, 0, 2]
    (router,) = exam.reading.routers
    assert [site.units.samples for site in sites] == router.tokens.tolist()
    assert router.tokens.sum() == 2 * 256
    assert exam.reading.coverage.complete
    assert all(site.gradient_rms > 0 for site in sites)


def test_all_ways_to_write_experts_give_the_same_numbers():
    found = []
    for kind in (Looped, Grouped, Modules):
        exam = examine(*mixture(kind), F.mse_loss)
        found.append([site for site in exam.sites if "relu" in site.name])
    for sites in zip(*found, strict=True):
        first = sites[0]
        for other in sites[1:]:
            assert other.units.mean == pytest.approx(first.units.mean.tolist(), rel=1e-4, abs=1e-6)
            assert other.gradient_rms == pytest.approx(first.gradient_rms, rel=1e-4)
            assert other.output_gradient_rms == pytest.approx(first.output_gradient_rms, rel=1e-4)


def test_an_idle_expert_is_named():
    model, x, y = mixture(Looped)
    with torch.no_grad():
        model.gate.weight[2] = 0.0
        model.gate.weight[2, 0] = -50.0
    exam = examine(model, x, y, F.mse_loss)
    (found,) = [each for each in exam.findings if each.kind == "idle_experts"]
    assert (found.site, found.units, found.severity) == (":router", (2,), "warning")
    assert "1 of 4 experts" in str(found)
