"""Recurrent networks: aligned words, speech without times, moving pictures, units on their own."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from doctor.data import copying, moving, spoken, tones
from doctor.families.pieces import Function, act, mean_over_words
from doctor.program import Program, accuracy, adam, explained, family


class Aligned(nn.Module):
    """A GRU both ways, and a GRU cell that looks at all of it before each word (Bahdanau)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.words, self.before = nn.Embedding(8, 32), nn.Embedding(8, 32)
        self.encode = nn.GRU(32, width, batch_first=True, bidirectional=True)
        self.there, self.here = nn.Linear(2 * width, 64), nn.Linear(width, 64)
        self.score = nn.Linear(64, 1)
        self.cell, self.out = nn.GRUCell(32 + 2 * width, width), nn.Linear(3 * width, 8)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        seen, last = self.encode(self.words(x))
        there, state, answers = self.there(seen), last[1], []
        given = torch.cat([torch.zeros_like(y[:, :1]), y[:, :-1]], 1)
        for word in self.before(given).unbind(1):
            near = self.score(torch.tanh(there + self.here(state)[:, None])).softmax(1)
            read = (near * seen).sum(1)
            state = self.cell(torch.cat([word, read], 1), state)
            answers.append(self.out(torch.cat([state, read], 1)))
        return torch.stack(answers, 1)


@family("D", "64", "96", learns=0.5, chance=0.14, steps=200)
def aligned_words(variant: str) -> Program:
    """Say rows of words from the end to the beginning, the words before being given."""
    row = copying()[:, :6].contiguous()
    back = row.flip(1)
    model = Aligned(int(variant))
    return Program(model, (row, back), back,
                   lambda out, y: F.cross_entropy(out.flatten(0, 1), y.flatten()),
                   adam(model, 5e-3), accuracy, 200, out="out",
                   known={"fused": "encode"})  # fmt: skip


class Heard(nn.Module):
    """A convolution, an LSTM both ways and a class or a blank at each step."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.conv, self.norm, self.act = nn.Conv1d(8, 64, 3, 1, 1), nn.BatchNorm1d(64), act(name)
        self.lstm = nn.LSTM(64, 64, batch_first=True, bidirectional=True)
        self.out = nn.Linear(128, 7)

    def forward(self, x: Tensor) -> Tensor:
        inner = self.act(self.norm(self.conv(x.transpose(1, 2))))
        found: Tensor = self.out(self.lstm(inner.transpose(1, 2))[0])
        return found


def _unaligned(out: Tensor, y: Tensor) -> Tensor:
    lengths = torch.full((len(out),), out.shape[1]), torch.full((len(y),), y.shape[1])
    return F.ctc_loss(F.log_softmax(out, -1).transpose(0, 1), y, *lengths)


def _heard(out: Tensor, y: Tensor) -> float:
    """Give the share of rows whose words are heard right, without blanks and repetitions."""
    said = [[x for x in torch.unique_consecutive(row).tolist() if x] for row in out.argmax(-1)]
    return sum(one == other for one, other in zip(said, y.tolist(), strict=True)) / len(y)


@family("D", "relu6", "relu", learns=0.5, steps=200)
def unaligned_speech(variant: str) -> Program:
    """Hear four words in a row, nobody saying when (CTC, as in Deep Speech)."""
    model = Heard(variant)
    return Program(model, *spoken(), _unaligned, adam(model, 5e-3), _heard, 200, out="out",
                   known={"fused": "lstm"})  # fmt: skip


class Moving(nn.Module):
    """An LSTM whose gates are convolutions, and the picture that comes next."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.gates, self.width = nn.Conv2d(1 + width, 4 * width, 3, padding=1), width
        self.out = nn.Conv2d(width, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        state = memory = x.new_zeros(len(x), self.width, *x.shape[-2:])
        for picture in x.unbind(1):
            made = self.gates(torch.cat([picture, state], 1)).chunk(4, 1)
            let, keep, out = (torch.sigmoid(each) for each in made[:3])
            memory = keep * memory + let * torch.tanh(made[3])
            state = out * torch.tanh(memory)
        found: Tensor = self.out(state)
        return found


@family("D", "16", "24", learns=0.6, steps=120)
def convolutional_lstm(variant: str) -> Program:
    """Draw the next picture of a spot that moves."""
    model = Moving(int(variant))
    return Program(model, *moving(), F.mse_loss, adam(model, 1e-2), explained, 200, batch=32,
                   out="out", task="amounts", known={"gate": "gates"})  # fmt: skip


class Own(nn.Module):
    """A weight for each unit."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.rand(width))

    def forward(self, x: Tensor) -> Tensor:
        return self.weight * x


class Independent(nn.Module):
    """Units each of which remembers itself alone (IndRNN)."""

    def __init__(self, before: int, name: str) -> None:
        super().__init__()
        self.into, self.again, self.act = nn.Linear(before, 64), Own(64), act(name)

    def forward(self, x: Tensor) -> Tensor:
        states = [x.new_zeros(len(x), 64)]
        for given in self.into(x).unbind(1):
            states.append(self.act(given + self.again(states[-1])))
        return torch.stack(states[1:], 1)


@family("D", "relu", "tanh", learns=0.8, chance=0.25)
def independent_units(variant: str) -> Program:
    """Tell four rates with two such layers and the mean of what the last says."""
    model = nn.Sequential(Independent(2, variant), Independent(64, variant),
                          Function(mean_over_words), nn.Linear(64, 4))  # fmt: skip
    return Program(model, *tones(), F.cross_entropy, adam(model, 3e-3), accuracy, 300, out="3",
                   task="classes", known={"again": "0.again"})  # fmt: skip
