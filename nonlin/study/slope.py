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
from scipy import stats
from torch import Tensor
from torch.nn import functional

from nonlin.study.context import Context
from nonlin.study.data import Data, load
from nonlin.study.networks import Function
from nonlin.study.results import Number, Outcome, Rules, Verdict, judge
from nonlin.study.statistics import band, difference, mean
from nonlin.study.tuning import best_variant, train_at_rates

SLOPES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5)
USUAL = SLOPES.index(0.01)
RATES = (0.01, 0.03)
SETS = ("digits", "breast_cancer")


def _worth_tuning(n: Mapping[str, Number]) -> Verdict:
    """Tuning beats 0.01 (holds); slopes differ, but tuning gains nothing (depends); else fails."""
    if n["gain"].least > 0:
        return "holds"
    return "depends" if n["p_value"].value < 0.05 else "fails"


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
    trained = train_at_rates(data, [64] * depth, leaky_per_member(slopes), rates, steps)
    score = trained.score.view(shape)
    best = [best_variant(of_slope) for of_slope in score]
    rows = torch.arange(len(SLOPES))
    accuracy = trained.test_accuracy.view(shape)[rows, best]
    return Slopes(score[rows, best].numpy(), accuracy.double().numpy())


def differ(accuracy: NDArray[np.float64]) -> float:
    """Friedman's p value that the slopes' accuracies, (slopes, blocks), differ only by chance."""
    if np.ptp(accuracy, axis=0).max() == 0:
        return 1.0  # every block is one big tie, for which the statistic is 0 / 0
    return float(stats.friedmanchisquare(*accuracy).pvalue)


def measure(context: Context) -> list[Outcome]:
    """Measure K4 on both data sets, four hidden layers; a block is one data set under one seed."""
    steps = 50 if context.quick else 300
    found: dict[str, Slopes] = {}
    for name in SETS:
        found[name] = over_slopes(load(name, context.seeds), 4, steps)
        context.progress(len(found) / len(SETS))
    accuracy = np.concatenate([slopes.accuracy for slopes in found.values()], axis=1)
    tuned = np.concatenate([slopes.tuned() for slopes in found.values()])
    averages = accuracy.mean(1)
    best, worst = int(averages.argmax()), int(averages.argmin())
    numbers = [
        difference("gain", tuned, accuracy[USUAL]),
        difference("spread", accuracy[best], accuracy[worst]),
        Number("p_value", differ(accuracy), n=accuracy.shape[1]),
        Number("best_slope", SLOPES[best]),
        Number("worst_slope", SLOPES[worst]),
        mean("accuracy_usual", accuracy[USUAL], "share"),
        mean("accuracy_tuned", tuned, "share"),
    ]
    bands = {name: band(slopes.accuracy) for name, slopes in found.items()}
    return [judge("K4", RULES, numbers, series={"slopes": list(SLOPES), "accuracy": bands})]
