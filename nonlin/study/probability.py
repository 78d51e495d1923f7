"""A sigmoid output on a real yes-or-no question: is it right, and is it a probability?

Series of S4; a band is {"mean", "low", "high"}, lists over "budgets", the passes over the data:
{"budgets", "accuracy": band, "error": band, "expected": band, "reliability": {"stopped" or
"trained_on": [{"confidence", "frequency", "low", "high", "n"} a bin]}}, of the first set.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nonlin.catalogue.functions import sigmoid
from nonlin.study.context import Context
from nonlin.study.data import Data, load
from nonlin.study.networks import Ensemble
from nonlin.study.results import Number, Outcome, Rules
from nonlin.study.statistics import band, mean, share
from nonlin.study.training import evaluate, train
from nonlin.study.verdict import MARGINS, Condition, judge

HIDDEN = 16
RATE = 0.01
# Two measured questions and a drawn one, from 97 % to 75 % of the answers right.
SETS = ("breast_cancer", "diabetes", "moons")
WHENS = ("stopped", "trained_on")
# One split tests about a hundred answers: several splits a seed narrow the intervals.
SPLITS_PER_SEED = 4
BINS = 10

Floats = NDArray[np.float64]


def reads_as_probability(numbers: Mapping[str, Number]) -> list[Condition]:
    """S4: the calibration error is no larger than chance alone would make it, within the margin.

    The excess is the calibration error beyond what a perfectly calibrated output would show on as
    few samples. It is judged on each set, where the validation loss is least and after training on
    to the end: an output that is a probability is one however the network was trained.
    """
    margin = MARGINS["calibration"]
    return [
        Condition(f"{when}_{name}", numbers[f"excess_{when}_{name}"], high=margin, margin=margin)
        for when in WHENS
        for name in SETS
    ]


RULES: Rules = {"S4": reads_as_probability}


class Classifier(Ensemble):
    """Perceptrons with one output z that a sigmoid turns into the probability of class 1.

    The logits are (0, z): the softmax's second entry is sigmoid(z), so cross-entropy is the usual
    loss of a sigmoid output.
    """

    def forward(self, x: Tensor) -> Tensor:
        """The logits (members, samples, 2)."""
        z = super().forward(x)
        return torch.cat([torch.zeros_like(z), z], -1)

    @torch.no_grad()
    def probability(self, x: Tensor) -> Floats:
        """sigmoid(z), (members, samples)."""
        z = self(x)[..., 1].double().numpy()
        return np.asarray(sigmoid(z), dtype=np.float64)


def calibration_error(probability: Floats, y: NDArray[Any]) -> Floats:
    """Expected calibration error (Guo et al. 2017) along the last axis, ten bins of equal width.

    The sum over the bins of |number of ones - sum of the probabilities|, a sample.
    """
    bins = np.minimum((probability * BINS).astype(np.int64), BINS - 1)
    gap = y - probability
    sums = np.stack([np.where(bins == b, gap, 0.0).sum(-1) for b in range(BINS)])
    return np.asarray(np.abs(sums).sum(0) / gap.shape[-1])


def calibrated_error(probability: Floats, draws: int, seed: int) -> Floats:
    """The mean calibration error if every probability were right: answers drawn from them."""
    random = np.random.default_rng(seed)
    errors = [
        calibration_error(probability, random.random(probability.shape) < probability)
        for _ in range(draws)
    ]
    return np.asarray(np.mean(errors, axis=0))


def reliability(probability: Floats, y: NDArray[Any]) -> list[dict[str, float | int | None]]:
    """For each bin that is not empty: mean probability, share of ones with its interval, count."""
    bins = np.minimum((probability * BINS).astype(np.int64), BINS - 1)
    rows: list[dict[str, float | int | None]] = []
    for b in np.unique(bins):
        inside = bins == b
        ones = share("frequency", float(y[inside].sum()), int(inside.sum()))
        ends = {"low": ones.low, "high": ones.high, "n": ones.n}
        confidence = float(probability[inside].mean())
        rows.append({"confidence": confidence, "frequency": ones.value, **ends})
    return rows


def measure(context: Context) -> list[Outcome]:
    """Train on each set and look at the output at a row of training budgets."""
    if not context.wants("S4"):
        return []
    budgets = (25, 50, 100, 200) if context.quick else (25, 50, 100, 200, 400, 800)
    numbers: list[Number] = []
    series: dict[str, Any] = {}
    for done, name in enumerate(SETS):
        found, of_set = _on_set(name, budgets, context)
        numbers += found
        series = series or of_set
        context.progress((done + 1) / len(SETS))
    return [judge("S4", RULES, numbers, series=series)]


def _on_set(
    name: str, budgets: tuple[int, ...], context: Context
) -> tuple[list[Number], dict[str, Any]]:
    splits = SPLITS_PER_SEED * context.seeds
    data = load(name, splits, SPLITS_PER_SEED * context.first)
    probabilities, losses = _train(data, budgets)
    y = data.test.y.numpy()
    draws = 50 if context.quick else 200
    tables = {
        "accuracy": np.stack([((p > 0.5) == y).mean(-1) for p in probabilities]),
        "error": np.stack([calibration_error(p, y) for p in probabilities]),
        "expected": np.stack([calibrated_error(p, draws, i) for i, p in enumerate(probabilities)]),
    }
    stopped = losses.argmin(0)
    chosen = {"stopped": stopped, "trained_on": np.full_like(stopped, len(budgets) - 1)}
    series: dict[str, Any] = {table: band(values) for table, values in tables.items()}
    series["budgets"] = list(budgets)
    series["reliability"] = {
        when: reliability(probabilities[at, np.arange(at.size)].ravel(), y.ravel())
        for when, at in chosen.items()
    }
    return _numbers(name, tables, chosen), series


def _numbers(
    name: str, tables: Mapping[str, Floats], chosen: Mapping[str, NDArray[Any]]
) -> list[Number]:
    """Mean over the splits, each at its chosen budget, of the tables (budgets, splits)."""
    numbers = []
    for when, at in chosen.items():
        picked = {table: values[at, np.arange(at.size)] for table, values in tables.items()}
        numbers += [
            mean(f"accuracy_{when}_{name}", picked["accuracy"], "share"),
            mean(f"calibration_error_{when}_{name}", picked["error"]),
            mean(f"excess_{when}_{name}", picked["error"] - picked["expected"]),
        ]
    return numbers


def _train(data: Data, budgets: tuple[int, ...]) -> tuple[Floats, Floats]:
    """Test probabilities (budgets, splits, samples) and validation losses (budgets, splits)."""
    network = Classifier((data.inputs, HIDDEN, 1), "tanh", data.members)
    probabilities: list[Floats] = []
    losses: list[Floats] = []

    def observe(step: int) -> None:
        if step in budgets:
            probabilities.append(network.probability(data.test.x))
            losses.append(evaluate(network, data.validation)[0].double().numpy())

    rates = [RATE] * data.seeds
    batch = data.train.y.shape[1]
    train(network, data, rates, budgets[-1], batch=batch, optimiser="adam", observe=observe)
    return np.stack(probabilities), np.stack(losses)
