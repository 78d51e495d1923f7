"""Sequences and graphs: nn.LSTM, nn.RNN, a written-out LSTM cell, dilated convolutions, a GCN."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from doctor.data import first_sign, graph, steps_ahead, tones
from doctor.families.pieces import Beside, Function, Last, act
from doctor.program import Program, accuracy, adam, explained, family


@family("B", "32", "bidirectional", learns=0.8, chance=0.25)
def lstm(variant: str) -> Program:
    """Tell four rates with nn.LSTM and two layers behind it."""
    both = variant == "bidirectional"
    inner = nn.LSTM(2, 32, batch_first=True, bidirectional=both)
    model = nn.Sequential(inner, Last(), nn.Linear(32 * (1 + both), 32), nn.ReLU(),
                          nn.Linear(32, 4))  # fmt: skip
    return Program(model, *tones(), F.cross_entropy, adam(model, 1e-2), accuracy, 300, out="4",
                   task="classes", known={"fused": "0"})  # fmt: skip


class Forecast(nn.Module):
    """nn.RNN with an answer at each step."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.rnn, self.out = nn.RNN(1, 32, nonlinearity=name, batch_first=True), nn.Linear(32, 1)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.out(self.rnn(x)[0])
        return found


@family("B", "tanh", "relu", learns=0.8, steps=200)
def forecasting_rnn(variant: str) -> Program:
    """Say each next value of two oscillations."""
    model = Forecast(variant)
    return Program(model, *steps_ahead(), F.mse_loss, adam(model, 5e-3), explained, 300,
                   out="out", task="amounts", known={"fused": "rnn"})  # fmt: skip


class Remembering(nn.Module):
    """An LSTM cell written out, its forget gate open at first."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.gates, self.out = nn.Linear(4 + width, 4 * width), nn.Linear(width, 2)
        nn.init.constant_(self.gates.bias[width : 2 * width], 1.0)
        self.width = width

    def forward(self, x: Tensor) -> Tensor:
        state = memory = x.new_zeros(len(x), self.width)
        for step in x.unbind(1):
            made = self.gates(torch.cat([step, state], 1)).chunk(4, 1)
            let, keep, out = (torch.sigmoid(each) for each in made[:3])
            memory = keep * memory + let * torch.tanh(made[3])
            state = out * torch.tanh(memory)
        found: Tensor = self.out(state)
        return found


@family("B", "16", "32", learns=0.8, chance=0.5, steps=200)
def lstm_written_out(variant: str) -> Program:
    """Remember the first step's sign to the end."""
    model = Remembering(int(variant))
    return Program(model, *first_sign(), F.cross_entropy, adam(model, 1e-2), accuracy, 300,
                   out="out", task="classes", known={"gate": "gates"})  # fmt: skip


@family("B", "relu", "gelu", learns=0.8, chance=0.25, steps=120)
def dilated_convolutions(variant: str) -> Program:
    """Tell four rates with causal convolutions further and further apart."""
    blocks = [Beside(nn.ConstantPad1d((2 * apart, 0), 0.0), nn.Conv1d(24, 24, 3, dilation=apart),
                     act(variant), nn.Conv1d(24, 24, 1)) for apart in (1, 2, 4)]  # fmt: skip
    model = nn.Sequential(Function(lambda x: x.transpose(1, 2)), nn.Conv1d(2, 24, 1), *blocks,
                          nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(24, 4))  # fmt: skip
    return Program(model, *tones(), F.cross_entropy, adam(model, 5e-3), accuracy, 300, out="7",
                   task="classes", traits=frozenset({"residual"}))  # fmt: skip


class Gcn(nn.Module):
    """Two graph convolutions; the sparse adjacency is the first argument."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.first, self.act, self.out = nn.Linear(16, 32), act(name), nn.Linear(32, 4)

    def forward(self, edges: Tensor, x: Tensor) -> Tensor:
        inner = self.act(torch.sparse.mm(edges, self.first(x)))
        return torch.sparse.mm(edges, self.out(inner))


@family("B", "relu", "elu", learns=0.7, chance=0.25, steps=120)
def graph_convolutions(variant: str) -> Program:
    """Name the group of each node; a third of them are known."""
    edges, x, y = graph()
    known = torch.arange(len(y)) % 3 == 0
    model = Gcn(variant)
    return Program(model, (edges.to_sparse(), x), y,
                   lambda out, y: F.cross_entropy(out[known], y[known]), adam(model, 1e-2, 5e-4),
                   lambda out, y: accuracy(out[~known], y[~known]), 0, batch=0)  # fmt: skip
