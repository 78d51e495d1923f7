"""Data sets, split and standardised once a seed, stacked so that all seeds train at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn import datasets
from sklearn.model_selection import train_test_split
from torch import Tensor

from nonlin.study.design import FIRST_SEED

Arrays = tuple[NDArray[np.float64], NDArray[np.int64]]


@dataclass(frozen=True)
class Part:
    """One part of a split: x float32 (seeds, samples, inputs), y int64 (seeds, samples)."""

    x: Tensor
    y: Tensor


@dataclass(frozen=True)
class Data:
    """A data set, split 60 : 20 : 20 with the classes' shares kept, one split a seed.

    Inputs have mean 0 and variance 1 on the training part; an input that is constant there is 0.
    """

    name: str
    classes: int
    train: Part
    validation: Part
    test: Part
    first: int = 0

    @property
    def inputs(self) -> int:
        """How many inputs a network for this data has."""
        return self.train.x.shape[-1]

    @property
    def seeds(self) -> int:
        """How many splits are stacked."""
        return self.train.x.shape[0]

    @property
    def members(self) -> range:
        """The seeds of one network a split: `first` and those that follow it."""
        return range(self.first, self.first + self.seeds)


def _digits(seed: int) -> Arrays:
    x, y = datasets.load_digits(return_X_y=True)
    return x, y


def _breast_cancer(seed: int) -> Arrays:
    x, y = datasets.load_breast_cancer(return_X_y=True)
    return x, y


def _circles(seed: int) -> Arrays:
    x, y = datasets.make_circles(1000, noise=0.05, factor=0.5, random_state=seed)
    return x, y


def _xor(seed: int) -> Arrays:
    """Points of [-1, 1]^2, none near the axes; class 1 where the coordinates' signs differ."""
    random = np.random.default_rng(seed)
    size = random.uniform(0.1, 1.0, (1000, 2))
    sign = np.tile([[1, 1], [1, -1], [-1, 1], [-1, -1]], (250, 1))
    x = size * sign
    return x, (x[:, 0] * x[:, 1] < 0).astype(np.int64)


def _wine(seed: int) -> Arrays:
    x, y = datasets.load_wine(return_X_y=True)
    return x, y


def _iris(seed: int) -> Arrays:
    x, y = datasets.load_iris(return_X_y=True)
    return x, y


def _diabetes(seed: int) -> Arrays:
    """Whether the disease progressed further than in the median patient."""
    x, y = datasets.load_diabetes(return_X_y=True)
    return x, (y > np.median(y)).astype(np.int64)


def _moons(seed: int) -> Arrays:
    x, y = datasets.make_moons(600, noise=0.3, random_state=seed)
    return x, y


def _quantiles(seed: int) -> Arrays:
    """Three nested shells of a normal distribution in ten dimensions."""
    x, y = datasets.make_gaussian_quantiles(
        n_samples=600, n_features=10, n_classes=3, random_state=seed
    )
    return x, y


def _teacher(seed: int) -> Arrays:
    """What a random network of 20 tanh units answers, in halves; one answer in twenty is wrong."""
    random = np.random.default_rng(seed)
    x = random.standard_normal((600, 10))
    hidden = np.tanh(x @ random.standard_normal((10, 20)))
    score = hidden @ random.standard_normal(20)
    wrong = random.random(600) < 0.05
    return x, ((score > np.median(score)) ^ wrong).astype(np.int64)


SETS: dict[str, Callable[[int], Arrays]] = {
    "digits": _digits,
    "breast_cancer": _breast_cancer,
    "circles": _circles,
    "xor": _xor,
    "wine": _wine,
    "iris": _iris,
    "diabetes": _diabetes,
    "moons": _moons,
    "quantiles": _quantiles,
    "teacher": _teacher,
}

# What a sentence with "generally" in it is tried on: five measured sets, three drawn ones.
GENERAL = (
    "digits",
    "breast_cancer",
    "wine",
    "iris",
    "diabetes",
    "moons",
    "quantiles",
    "teacher",
)


def _split(x: NDArray[np.float64], y: NDArray[np.int64], seed: int) -> list[Arrays]:
    """Train, validation and test part, standardised with the training part's moments."""
    rest_x, test_x, rest_y, test_y = train_test_split(
        x, y, test_size=0.2, stratify=y, random_state=seed
    )
    train_x, validation_x, train_y, validation_y = train_test_split(
        rest_x, rest_y, test_size=0.25, stratify=rest_y, random_state=seed
    )
    centre, scale = train_x.mean(0), train_x.std(0)
    # A pixel that is blank in every training image carries nothing: it must not be blown up by a
    # tiny scale where another part has a stray value.
    width = np.where(scale > 0, 1 / np.where(scale > 0, scale, 1), 0.0)
    parts = ((train_x, train_y), (validation_x, validation_y), (test_x, test_y))
    return [((px - centre) * width, py) for px, py in parts]


def _stack(parts: Sequence[Arrays]) -> Part:
    x = torch.from_numpy(np.stack([x for x, _ in parts]).astype(np.float32))
    return Part(x, torch.from_numpy(np.stack([y for _, y in parts]).astype(np.int64)))


@lru_cache(maxsize=32)
def load(name: str, seeds: int, first: int = 0) -> Data:
    """The data set under `seeds` seeds, from the one with the number `first` on.

    Parameters
    ----------
    name : "digits" (64 inputs, 10 classes), "breast_cancer" (30, 2), "wine" (13, 3), "iris" (4, 3),
        "diabetes" (10, 2), or drawn: "circles", "xor" and "moons" (2, 2), "quantiles" (10, 3),
        "teacher" (10, 2).
    seeds : how many splits; what is drawn is also drawn anew for each.
    first : how many seeds are passed over: blocks of a study share none.

    Returns
    -------
    Data, its tensors stacked over the seeds; shared between callers, so never to be written to.
    """
    start = FIRST_SEED + first
    splits = [_split(*SETS[name](seed), seed) for seed in range(start, start + seeds)]
    train, validation, test = (_stack([split[i] for split in splits]) for i in range(3))
    return Data(name, int(train.y.max()) + 1, train, validation, test, first)
