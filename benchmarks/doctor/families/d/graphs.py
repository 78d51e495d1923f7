"""Graphs and sets: neighbours' means, sums of molecules, and attention within a set."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from doctor.data import graph, molecules
from doctor.families.pieces import act
from doctor.program import Program, accuracy, adam, explained, family


class Sage(nn.Module):
    """A node beside the mean of its neighbours, then length 1; twice."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.first, self.act, self.out = nn.Linear(32, 64), act(name), nn.Linear(128, 4)

    def forward(self, edges: Tensor, x: Tensor) -> Tensor:
        inner = F.normalize(self.act(self.first(torch.cat([x, edges @ x], 1))), dim=1)
        found: Tensor = self.out(torch.cat([inner, edges @ inner], 1))
        return found


@family("D", "relu", "tanh", learns=0.7, chance=0.25, steps=120)
def graph_sage(variant: str) -> Program:
    """Name the group of each node; a third of them are known."""
    edges, x, y = graph()
    edges = (edges > 0).float().fill_diagonal_(0)
    edges = edges / edges.sum(1, keepdim=True).clamp(min=1)
    known = torch.arange(len(y)) % 3 == 1
    model = Sage(variant)
    return Program(model, (edges, x), y, lambda out, y: F.cross_entropy(out[known], y[known]),
                   adam(model, 1e-2, 5e-4), lambda out, y: accuracy(out[~known], y[~known]), 0,
                   batch=0)  # fmt: skip


class Isomorphism(nn.Module):
    """Sums of neighbours and two layers, twice; the sum of all nodes is read (GIN)."""

    def __init__(self, name: str) -> None:
        super().__init__()

        def two(before: int) -> nn.Module:
            return nn.Sequential(nn.Linear(before, 64), nn.LayerNorm(64), act(name),
                                 nn.Linear(64, 64), act(name))  # fmt: skip

        self.first, self.second, self.out = two(3), two(64), nn.Linear(128, 2)
        self.own = nn.Parameter(torch.zeros(2))

    def forward(self, edges: Tensor, x: Tensor) -> Tensor:
        one = self.first((1 + self.own[0]) * x + edges @ x)
        two = self.second((1 + self.own[1]) * one + edges @ one)
        found: Tensor = self.out(torch.cat([one, two], 2).sum(1))
        return found


@family("D", "relu", "silu", learns=0.75, chance=0.5, steps=200)
def graph_isomorphism(variant: str) -> Program:
    """Tell whether many edges of a small graph join nodes of one kind."""
    edges, kinds, y = molecules()
    model = Isomorphism(variant)
    return Program(model, (edges, kinds), y, F.cross_entropy, adam(model, 3e-3), accuracy, 200,
                   out="out", task="classes")  # fmt: skip


class Attends(nn.Module):
    """A set looks at a set, then two layers; normalised behind each."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.look = nn.MultiheadAttention(64, 4, batch_first=True)
        self.norm1, self.norm2 = nn.LayerNorm(64), nn.LayerNorm(64)
        self.up, self.act, self.down = nn.Linear(64, 64), act(name), nn.Linear(64, 64)

    def forward(self, x: Tensor, at: Tensor) -> Tensor:
        x = self.norm1(x + self.look(x, at, at, need_weights=False)[0])
        found: Tensor = self.norm2(x + self.down(self.act(self.up(x))))
        return found


class Sets(nn.Module):
    """Elements look at each other, and one seed looks at them (Set Transformer)."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.embed, self.seed = nn.Linear(1, 64), nn.Parameter(torch.randn(1, 1, 64))
        self.among, self.pool, self.out = Attends(name), Attends(name), nn.Linear(64, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.embed(x)
        x = self.among(x, x)
        found: Tensor = self.out(self.pool(self.seed.expand(len(x), -1, -1), x)[:, 0])
        return found


@family("D", "relu", "gelu", learns=0.8, steps=200)
def set_transformer(variant: str) -> Program:
    """Say the largest of ten numbers."""
    rng = torch.Generator().manual_seed(41)
    x = torch.rand(1500, 10, 1, generator=rng) * (0.2 + 1.8 * torch.rand(1500, 1, 1, generator=rng))
    model = Sets(variant)
    return Program(model, x, x.amax(1), F.mse_loss, adam(model, 2e-3), explained, 300, out="out",
                   task="amounts", traits=frozenset({"attention"}))  # fmt: skip
