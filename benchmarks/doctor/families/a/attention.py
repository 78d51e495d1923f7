"""A transformer and a recurrent cell, both written out, over the rows of a digit."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from doctor.data import digits
from doctor.families.pieces import act
from doctor.program import Program, accuracy, adam, family


class Block(nn.Module):
    """Attention and a feed-forward part, each behind a layer normalisation."""

    def __init__(self, width: int, name: str) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))
        self.mix = nn.Linear(width, width)
        self.up, self.act, self.down = nn.Linear(width, 64), act(name), nn.Linear(64, width)

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm1(x)
        scores = self.query(y) @ self.key(y).transpose(-2, -1) / math.sqrt(y.shape[-1])
        x = x + self.mix(torch.softmax(scores, -1) @ self.value(y))
        out: Tensor = x + self.down(self.act(self.up(self.norm2(x))))
        return out


class Rows(nn.Module):
    """The transformer, on eight rows of eight."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.embed = nn.Linear(8, 24)
        self.position = nn.Parameter(0.1 * torch.randn(8, 24))
        self.blocks = nn.Sequential(Block(24, name), Block(24, name))
        self.norm, self.out = nn.LayerNorm(24), nn.Linear(24, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.blocks(self.embed(x.view(-1, 8, 8)) + self.position)
        found: Tensor = self.out(self.norm(x).mean(1))
        return found


@family("A", "relu", "gelu", "silu", learns=0.75, chance=0.1, steps=200)
def a_transformer(variant: str) -> Program:
    """Classify digits as eight words."""
    model = Rows(variant)
    return Program(model, *digits(), F.cross_entropy, adam(model, 5e-3), accuracy, 300,
                   out="out", task="classes")  # fmt: skip


class Cell(nn.Module):
    """A cell over the rows: h <- phi(W x + U h)."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.into, self.again = nn.Linear(8, 40), nn.Linear(40, 40, bias=False)
        nn.init.orthogonal_(self.again.weight)
        self.act, self.out = act(name), nn.Linear(40, 10)

    def forward(self, x: Tensor) -> Tensor:
        state = x.new_zeros(len(x), 40)
        for row in x.view(-1, 8, 8).unbind(1):
            state = self.act(self.into(row) + self.again(state))
        found: Tensor = self.out(state)
        return found


@family("A", "relu", "tanh", "elu", learns=0.75, chance=0.1, steps=200)
def a_cell(variant: str) -> Program:
    """Classify digits row after row."""
    model = Cell(variant)
    return Program(model, *digits(), F.cross_entropy, adam(model, 5e-3), accuracy, 300,
                   out="out", task="classes", known={"again": "again"})  # fmt: skip
