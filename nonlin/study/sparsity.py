"""Sparsity: how many of the outputs of ReLU's hidden layers are exactly zero.

Series, R5: {"data": {data set: {"layers": [1, ...], "before": band, "after": band}}}, the share of
exact zeros in each hidden layer before and after training; a band is {"mean", "low", "high"}.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nonlin.study.context import Context
from nonlin.study.data import Data, load
from nonlin.study.networks import Ensemble
from nonlin.study.results import Number, Outcome, Rules, Verdict, judge
from nonlin.study.statistics import band, difference, mean
from nonlin.study.tuning import train_at_rates
from nonlin.study.units import dead, zero_outputs

HIDDEN = (64, 64, 64)
RATES = (0.003, 0.01, 0.03, 0.1)
SETS = ("digits", "breast_cancer")
OTHERS = ("leaky_relu", "elu", "sigmoid")


def _sparse(n: Mapping[str, Number]) -> Verdict:
    """A quarter or more of the outputs are exact zeros; holds where training adds to them.

    Depends where the zeros are there from the start and training adds none on some data set; fails
    where they are fewer than a quarter, or where the other functions have them too.
    """
    there = all(n[f"zeros_after_{name}"].least >= 0.25 for name in SETS)
    if not there or any(n[f"zeros_after_{name}"].most > 0.01 for name in OTHERS):
        return "fails"
    return "holds" if all(n[f"zeros_added_{name}"].least > 0 for name in SETS) else "depends"


RULES: Rules = {"R5": _sparse}


def _relu(data: Data, steps: int) -> tuple[list[Number], dict[str, Any]]:
    """ReLU's zeros before and after training, and the part of the units that are always zero."""
    sizes = [data.inputs, *HIDDEN, data.classes]
    before = zero_outputs(Ensemble(sizes, "relu", range(data.seeds)), data.train)
    trained = train_at_rates(data, HIDDEN, "relu", RATES, steps)
    after = trained.of_best(zero_outputs(trained.ensemble, data.train))
    always = trained.of_best(dead(trained.ensemble, data.train)).float().mean((1, 2))
    numbers = [
        mean(f"zeros_before_{data.name}", before.mean(1), "share"),
        mean(f"zeros_after_{data.name}", after.mean(1), "share"),
        difference(f"zeros_added_{data.name}", after.mean(1), before.mean(1)),
        mean(f"always_zero_{data.name}", always, "share"),
    ]
    layers = list(range(1, len(HIDDEN) + 1))
    return numbers, {"layers": layers, "before": band(before.T), "after": band(after.T)}


def _other(data: Data, activation: str, steps: int) -> Number:
    """The same share with a function that has no flat half: the comparison that ReLU must stand."""
    trained = train_at_rates(data, HIDDEN, activation, RATES, steps)
    zeros = trained.of_best(zero_outputs(trained.ensemble, data.train))
    return mean(f"zeros_after_{activation}", zeros.mean(1), "share")


def measure(context: Context) -> list[Outcome]:
    """Measure R5 on both data sets, with three other functions on the digits beside it."""
    steps = 60 if context.quick else 300
    numbers: list[Number] = []
    series: dict[str, Any] = {}
    parts = len(SETS) + len(OTHERS)
    for name in SETS:
        found, series[name] = _relu(load(name, context.seeds), steps)
        numbers += found
        context.progress(len(series) / parts)
    for count, activation in enumerate(OTHERS):
        numbers.append(_other(load("digits", context.seeds), activation, steps))
        context.progress((len(SETS) + count + 1) / parts)
    return [judge("R5", RULES, numbers, series={"data": series})]
