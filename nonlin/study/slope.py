"""Leaky ReLU's slope: does the accuracy depend on it, and is tuning it worth the trouble?

Series, K4: {"slopes": [...], "accuracy": {data set: band over slopes}}, test accuracy at each
slope's tuned learning rate; a band is {"mean", "low", "high"}.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from nonlin.study.context import Context
from nonlin.study.data import GENERAL, Data, load
from nonlin.study.networks import Function
from nonlin.study.results import Number, Outcome, Rules
from nonlin.study.statistics import band, mean, over_sets, resampled
from nonlin.study.tuning import train_at_rates
from nonlin.study.verdict import MARGINS, Condition, above, judge

SLOPES = (0.001, 0.01, 0.03, 0.1, 0.3, 0.5)
USUAL = SLOPES.index(0.01)
RATES = (0.01, 0.03)
SETS = GENERAL
WIDTH = 32


def _worth_tuning(n: Mapping[str, Number]) -> list[Condition]:
    """K4: over data sets, who tunes the slope gains what matters over who leaves it at 0.01."""
    return [above("tuned", n["gain"], 0, margin=MARGINS["accuracy"])]


RULES: Rules = {"K4": _worth_tuning}


@dataclass(frozen=True)
class Slopes:
    """Validation score and test accuracy, (slopes, seeds), at each slope's tuned learning rate."""

    score: NDArray[np.float64]
    accuracy: NDArray[np.float64]

    def tuned(self) -> NDArray[np.float64]:
        """Test accuracy of the slope that each seed's own validation part picks, (seeds,)."""
        picked = self.score.argmax(0)
        chosen: NDArray[np.float64] = np.take_along_axis(self.accuracy, picked[None], axis=0)[0]
        return chosen


def leaky_per_member(slopes: Tensor) -> Function:
    """Leaky ReLU with one negative slope a member, (members,)."""

    def activation(z: Tensor) -> Tensor:
        # PReLU's channels are the members here: dimension 1 of (1, members, samples * units).
        return functional.prelu(z.reshape(1, len(slopes), -1), slopes).view(z.shape)

    return activation


def over_slopes(data: Data, depth: int, steps: int) -> Slopes:
    """Train at every slope and rate at once, all slopes from the same weights."""
    shape = (len(SLOPES), len(RATES), data.seeds)
    slopes = torch.tensor(SLOPES).repeat_interleave(len(RATES) * data.seeds)
    rates = RATES * len(SLOPES)
    trained = train_at_rates(data, [WIDTH] * depth, leaky_per_member(slopes), rates, steps)
    score = trained.score.view(shape)
    best = score.argmax(1, keepdim=True)
    accuracy = trained.test_accuracy.view(shape).gather(1, best)[:, 0]
    return Slopes(score.gather(1, best)[:, 0].numpy(), accuracy.double().numpy())


def measure(context: Context) -> list[Outcome]:
    """Measure K4 on every data set, four hidden layers."""
    steps = 40 if context.quick else 120
    found: dict[str, Slopes] = {}
    for name in SETS:
        found[name] = over_slopes(load(name, context.seeds, context.first), 4, steps)
        context.progress(len(found) / len(SETS))
    tuned = np.stack([slopes.tuned() for slopes in found.values()])
    usual = np.stack([slopes.accuracy[USUAL] for slopes in found.values()])
    steep = np.stack([slopes.accuracy[-1] for slopes in found.values()])
    numbers = [
        over_sets("gain", list(tuned - usual)),
        resampled("gain_here", (tuned - usual).mean(0)),
        over_sets("gain_steep", list(steep - usual)),
        mean("accuracy_usual", usual.mean(0), "share"),
        mean("accuracy_tuned", tuned.mean(0), "share"),
    ]
    bands = {name: band(slopes.accuracy) for name, slopes in found.items()}
    return [judge("K4", RULES, numbers, series={"slopes": list(SLOPES), "accuracy": bands})]
