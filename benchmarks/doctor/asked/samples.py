"""Data: scikit-learn's bundled sets as they come, and made ones; always the same, in one order."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import torch
from sklearn import datasets
from torch import Tensor

Split = tuple[Tensor, Tensor, Tensor, Tensor]
SEED = 41


def halves(inputs: Tensor, targets: Tensor, share: float = 0.75) -> Split:
    """Shuffle, and split into inputs and targets to train on and to score on."""
    order = torch.randperm(len(inputs), generator=torch.Generator().manual_seed(SEED))
    n = int(share * len(inputs))
    first, rest = order[:n], order[n:]
    return inputs[first], targets[first], inputs[rest], targets[rest]


def _bundled(load: Callable[..., Any]) -> Split:
    inputs, targets = load(return_X_y=True)
    return halves(torch.tensor(inputs, dtype=torch.float32), torch.tensor(targets))


@cache
def digits() -> Split:
    """8 x 8 images of ten digits, flat, with values from 0 to 16."""
    return _bundled(datasets.load_digits)


@cache
def breast_cancer() -> Split:
    """30 features of very different sizes; classes 0 and 1."""
    return _bundled(datasets.load_breast_cancer)


@cache
def wine() -> Split:
    """13 features of different sizes; three classes."""
    return _bundled(datasets.load_wine)


@cache
def diabetes() -> Split:
    """Ten features of length 0.05, and a score between 25 and 346."""
    return _bundled(datasets.load_diabetes)


@cache
def circles() -> Split:
    """Two rings around each other, in the plane."""
    generator = torch.Generator().manual_seed(SEED)
    label = torch.arange(1200) % 2
    angle = 2.0 * torch.pi * torch.rand(1200, generator=generator)
    radius = 0.6 + 0.8 * label + 0.08 * torch.randn(1200, generator=generator)
    return halves(radius[:, None] * torch.stack([angle.cos(), angle.sin()], 1), label)


@cache
def houses() -> Split:
    """Area, rooms, year and distance to the centre; the price."""
    generator = torch.Generator().manual_seed(SEED)
    u = torch.rand(1600, 4, generator=generator)
    area, rooms = 30.0 + 220.0 * u[:, 0], 1.0 + torch.floor(7.0 * u[:, 1])
    year, away = 1920.0 + torch.floor(103.0 * u[:, 2]), 25_000.0 * u[:, 3]
    price = (1200.0 + 14.0 * (year - 1920.0)) * area * torch.exp(-away / 20_000.0) + 8_000.0 * rooms
    return halves(torch.stack([area, rooms, year, away], 1), price)


@cache
def reviews(length: int = 24, words: int = 200) -> Split:
    """Ids of words; more of the good words than of the bad ones makes class 1."""
    generator = torch.Generator().manual_seed(SEED)
    feeling = torch.arange(words)[torch.randperm(words, generator=generator)] % 3 - 1
    ids = torch.randint(words, (2400, length), generator=generator)
    balance = feeling[ids].sum(1)
    kept = balance != 0
    return halves(ids[kept], (balance[kept] > 0).long())


@cache
def remembered(length: int) -> Split:
    """Noise whose first value is a sign that says the class: (n, length, 2)."""
    generator = torch.Generator().manual_seed(SEED)
    label = torch.randint(2, (1200,), generator=generator)
    steps = torch.randn(1200, length, 2, generator=generator)
    steps[:, :, 1] = 0.0
    steps[:, 0, 1] = 2.0 * label - 1.0
    return halves(steps, label)


@cache
def waves(length: int = 30) -> Split:
    """Noisy sine waves of amplitude 10, (n, length, 1), and their next value."""
    generator = torch.Generator().manual_seed(SEED)
    phase = 2.0 * torch.pi * torch.rand(1200, 1, generator=generator)
    speed = 0.2 + 0.3 * torch.rand(1200, 1, generator=generator)
    times = torch.arange(length + 1.0)
    series = 10.0 * torch.sin(phase + speed * times)
    series[:, :-1] += 0.3 * torch.randn(1200, length, generator=generator)
    return halves(series[:, :-1, None], series[:, -1])


@cache
def copied(length: int = 12, words: int = 10) -> Split:
    """Sequences of ids, to be written backwards."""
    generator = torch.Generator().manual_seed(SEED)
    ids = torch.randint(words, (2400, length), generator=generator)
    return halves(ids, ids.flip(1))


@cache
def tags() -> Split:
    """20 features and four labels, each of which may hold or not, about two of them do."""
    generator = torch.Generator().manual_seed(SEED)
    inputs = torch.randn(1600, 20, generator=generator)
    directions = torch.randn(20, 4, generator=generator)
    return halves(inputs, (inputs @ directions > 0.0).float())


@cache
def parity() -> Split:
    """16 features; whether an even number of the first two is positive, in the quadrants."""
    generator = torch.Generator().manual_seed(SEED)
    inputs = torch.randn(1600, 16, generator=generator)
    inputs[:, :2] *= 2.0
    return halves(inputs, (inputs[:, 0] * inputs[:, 1] > 0).long())


def standardised(inputs: Tensor, *others: Tensor) -> tuple[Tensor, ...]:
    """Give features of mean 0 and deviation 1, the others by the same numbers."""
    mean, deviation = inputs.mean(0), inputs.std(0).clamp_min(1e-6)
    return tuple((x - mean) / deviation for x in (inputs, *others))
