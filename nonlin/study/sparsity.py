"""Sparsity: how many of the outputs of ReLU's hidden layers are exactly zero.

Series, R5: {"data": {data set: {"layers": [1, ...], "before": band, "after": band}}}, the share of
exact zeros in each hidden layer before and after training; a band is {"mean", "low", "high"}.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nonlin import symbolic
from nonlin.activation import Activation
from nonlin.catalogue.functions import leaky_relu, relu
from nonlin.study import claims, gradients
from nonlin.study.context import Context
from nonlin.study.data import Data, load
from nonlin.study.networks import Ensemble
from nonlin.study.results import Number, Outcome, Rules
from nonlin.study.statistics import band, difference, mean
from nonlin.study.tuning import train_at_rates
from nonlin.study.units import dead, zero_outputs
from nonlin.study.verdict import MARGINS, Condition, above, fact, judge

HIDDEN = (64, 64, 64)
RATES = (0.003, 0.01, 0.03, 0.1)
SETS = ("digits", "breast_cancer")
OTHERS = ("leaky_relu", "elu", "sigmoid")


def _sparse(n: Mapping[str, Number]) -> list[Condition]:
    """R5: on each set a quarter or more of the outputs are exact zeros, and training adds to them.

    Half of them are zero before any training, by symmetry: that alone would induce nothing. That
    the other functions have none is no condition, for it is a theorem: they are 0 only at 0.
    """
    line, margin = claims.get("R5").lines["zeros"], MARGINS["accuracy"]
    there = [above(f"there_{s}", n[f"zeros_after_{s}"], line, needed=True) for s in SETS]
    return [*there, *(above(s, n[f"zeros_added_{s}"], 0, margin=margin) for s in SETS)]


def _keeps_strengths(n: Mapping[str, Number]) -> list[Condition]:
    """K6: a gradient that does not vanish and exact zeros; what is fast has no verdict (K3)."""
    margin = MARGINS["factor"]
    return [
        Condition("gradient", n["factor_leaky_relu_he"], 1 - margin, margin=margin),
        fact("zeros", n["pieces_of_zero"].value > 0, needed=False),
    ]


RULES: Rules = {"R5": _sparse, "K6": _keeps_strengths}


def _relu(data: Data, steps: int) -> tuple[list[Number], dict[str, Any]]:
    """ReLU's zeros before and after training, and the part of the units that are always zero."""
    sizes = [data.inputs, *HIDDEN, data.classes]
    before = zero_outputs(Ensemble(sizes, "relu", data.members), data.train)
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
    """Measure R5 and K6, the wanted ones of them."""
    outcomes = [_strengths(context)] if context.wants("K6") else []
    return [*([_induced(context)] if context.wants("R5") else []), *outcomes]


def pieces_of_zero(activation: Activation) -> int:
    """How many pieces of a definition are 0 throughout: on them outputs are exactly 0."""
    return sum(piece == 0 for _, _, piece in symbolic.pieces(symbolic.definition(activation)))


def _strengths(context: Context) -> Outcome:
    """Of ReLU's strengths, what Leaky ReLU has: the gradient, and the definition's zeros."""
    times = gradients.NETWORKS_PER_SEED
    data = load("digits", times * context.seeds, times * context.first)
    depth = int(claims.get("K6").lines["depth"])
    untrained = gradients.Untrained(data, (depth,))
    numbers = [
        *untrained.by_layer("leaky_relu", "he", "leaky_relu_he"),
        Number("pieces_of_zero", pieces_of_zero(leaky_relu)),
        Number("pieces_of_zero_relu", pieces_of_zero(relu)),
    ]
    return judge("K6", RULES, numbers)


def _induced(context: Context) -> Outcome:
    """R5 on both data sets, with three other functions on the digits beside it."""
    steps = 60 if context.quick else 300
    numbers: list[Number] = []
    series: dict[str, Any] = {}
    parts = len(SETS) + len(OTHERS)
    for name in SETS:
        found, series[name] = _relu(load(name, context.seeds, context.first), steps)
        numbers += found
        context.progress(len(series) / parts)
    for count, activation in enumerate(OTHERS):
        numbers.append(_other(load("digits", context.seeds, context.first), activation, steps))
        context.progress((len(SETS) + count + 1) / parts)
    return judge("R5", RULES, numbers, series={"data": series})
