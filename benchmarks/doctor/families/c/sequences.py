"""Sequences and graphs: nn.GRU, a written-out GRU cell, sound, and a graph by its edges."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from doctor.data import first_sign, graph, steps_ahead, tones
from doctor.families.pieces import Function, Last, act
from doctor.program import Program, accuracy, adam, explained, family


@family("C", "32", "bidirectional", learns=0.8, chance=0.25)
def gru(variant: str) -> Program:
    """Tell four rates with two layers of nn.GRU."""
    both = variant == "bidirectional"
    inner = nn.GRU(2, 24, 2, batch_first=True, bidirectional=both)
    model = nn.Sequential(inner, Last(), nn.Linear(24 * (1 + both), 4))
    return Program(model, *tones(), F.cross_entropy, adam(model, 1e-2), accuracy, 300, out="2",
                   task="classes", known={"fused": "0"})  # fmt: skip


class GatedCell(nn.Module):
    """A GRU cell written out."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.gates, self.fresh = nn.Linear(4 + width, 2 * width), nn.Linear(4 + width, width)
        self.out, self.width = nn.Linear(width, 2), width

    def forward(self, x: Tensor) -> Tensor:
        state = x.new_zeros(len(x), self.width)
        for step in x.unbind(1):
            keep, forget = self.gates(torch.cat([step, state], 1)).sigmoid().chunk(2, 1)
            fresh = torch.tanh(self.fresh(torch.cat([step, forget * state], 1)))
            state = keep * state + (1 - keep) * fresh
        found: Tensor = self.out(state)
        return found


@family("C", "24", "40", learns=0.85, chance=0.5, steps=200)
def gru_written_out(variant: str) -> Program:
    """Remember the first step's sign to the end of eight."""
    x, y = first_sign()
    model = GatedCell(int(variant))
    return Program(model, x[:, :8], y, F.cross_entropy, adam(model, 1e-2), accuracy, 300,
                   out="out", task="classes", known={"gate": "gates"})  # fmt: skip


class Orthogonal(nn.Module):
    """A tanh cell whose recurrent weights keep lengths at first; an answer at the end."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.into, self.again = nn.Linear(2, 32), nn.Linear(32, 32, bias=False)
        nn.init.orthogonal_(self.again.weight)
        self.act, self.out = act(name), nn.Linear(32, 4)

    def forward(self, x: Tensor) -> Tensor:
        state = x.new_zeros(len(x), 32)
        for step in x.unbind(1):
            state = self.act(self.again(state) + self.into(step))
        found: Tensor = self.out(state)
        return found


@family("C", "tanh", "elu", learns=0.8, chance=0.25)
def orthogonal_cell(variant: str) -> Program:
    """Tell four rates with a cell written out."""
    model = Orthogonal(variant)
    return Program(model, *tones(), F.cross_entropy, adam(model, 3e-3), accuracy, 300, out="out",
                   task="classes", known={"again": "again"})  # fmt: skip


@family("C", "gelu", "relu", learns=0.8, chance=0.25, steps=120)
def sound(variant: str) -> Program:
    """Tell four rates with convolutions along time and a GRU behind them."""
    model = nn.Sequential(Function(lambda x: x.transpose(1, 2)), nn.Conv1d(2, 24, 4, 2, 1),
                          nn.GroupNorm(1, 24), act(variant), nn.Conv1d(24, 24, 4, 2, 1),
                          act(variant), Function(lambda x: x.transpose(1, 2)),
                          nn.GRU(24, 24, batch_first=True), Last(), nn.Linear(24, 4))  # fmt: skip
    return Program(model, *tones(), F.cross_entropy, adam(model, 5e-3), accuracy, 300, out="9",
                   task="classes")  # fmt: skip


class Messages(nn.Module):
    """Each node takes what its neighbours say, weighted by attention, along a list of edges."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.value, self.score = nn.Linear(16, 32), nn.Linear(64, 1)
        self.lean, self.act, self.out = nn.LeakyReLU(0.2), act(name), nn.Linear(32, 4)

    def forward(self, edges: Tensor, x: Tensor) -> Tensor:
        value = self.value(x)
        ends = torch.cat([value[edges[0]], value[edges[1]]], 1)
        weight = self.lean(self.score(ends)).clamp(-10, 10).exp()
        total = weight.new_zeros(len(x), 1).index_add(0, edges[0], weight)
        said = value.new_zeros(value.shape).index_add(0, edges[0], weight * value[edges[1]])
        found: Tensor = self.out(self.act(said / total))
        return found


@family("C", "elu", "relu", learns=0.7, chance=0.25, steps=120)
def graph_attention(variant: str) -> Program:
    """Name the group of each node from its neighbours."""
    dense, x, y = graph()
    known = torch.arange(len(y)) % 3 == 0
    model = Messages(variant)
    return Program(model, (dense.nonzero().T, x), y,
                   lambda out, y: F.cross_entropy(out[known], y[known]), adam(model, 1e-2, 5e-4),
                   lambda out, y: accuracy(out[~known], y[~known]), 0, batch=0)  # fmt: skip


@family("C", "relu", "gelu", learns=0.8, steps=150)
def forecasting_mlp(variant: str) -> Program:
    """Say the next value from the last sixteen."""
    x, y = steps_ahead()
    model = nn.Sequential(Function(lambda x: x.flatten(1)), nn.Linear(16, 48), act(variant),
                          nn.LayerNorm(48), nn.Linear(48, 1))  # fmt: skip
    return Program(model, x, y[:, -1], F.mse_loss, adam(model, 5e-3), explained, 300, out="4",
                   task="amounts")  # fmt: skip
