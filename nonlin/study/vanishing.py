"""The vanishing gradient: how fast it shrinks layer by layer, and what that does to learning.

Series, by claim; a band is {"mean", "low", "high"}, lists over the abscissa:
  S6, T5, R4: {"layers": [1, ...], "init": {init: band}}, the RMS of dLoss/dz at each hidden layer
      of the deepest untrained network, geometric means; T5 has "sigmoid": {init: band} beside it.
  V1: {"depths": [2, ...], "first_layer": band}, the RMS at the first layer against the depth.
  V2: {"layers": [1, ...], "optimiser": {optimiser: {function: band}}}, relative weight change.
  V3: {"steps": [...], "chance": loss, "optimiser": {optimiser: {function: band}}}, loss curves.
  V5: {"steps": [...], "chance": loss, "function": {function: band}}, loss curves under SGD.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nonlin.study import claims, deep_training, gradients
from nonlin.study.context import Context
from nonlin.study.data import load
from nonlin.study.deep_training import FAMILY, OPTIMISERS, Deep
from nonlin.study.gradients import INITS, Found, Untrained
from nonlin.study.results import Number, Outcome, Rules
from nonlin.study.verdict import MARGINS, Condition, above, below, judge

Numbers = Mapping[str, Number]


def _severe(n: Numbers) -> list[Condition]:
    """S6: with each start the first of 30 layers gets less than a hundredth of the last one's."""
    line = claims.get("S6").lines["severe"]
    return [below(init, n[f"factor_{init}"], line) for init in INITS["sigmoid"]]


def _milder_but_there(n: Numbers) -> list[Condition]:
    """T5: with each start tanh's factor is larger than sigmoid's, and smaller than 1."""
    margin = MARGINS["factor"]
    inits = INITS["tanh"]
    milder = [above(f"milder_{i}", n[f"factor_ratio_{i}"], 1, margin=margin) for i in inits]
    there = [below(f"there_{i}", n[f"factor_{i}"], 1, margin=margin) for i in inits]
    return [*milder, *there]


def _nearly_none(n: Numbers) -> list[Condition]:
    """R4: with each start a layer takes less than the margin of the gradient."""
    margin = MARGINS["factor"]
    return [Condition(i, n[f"factor_{i}"], 1 - margin, margin=margin) for i in INITS["relu"]]


def _geometric(n: Numbers) -> list[Condition]:
    """V1: the logarithm falls along a straight line, over the layers and over the depths."""
    line, margin = claims.get("V1").lines["r_squared"], MARGINS["factor"]
    ways = ("layers", "depths")
    falls = [below(f"falls_{o}", n[f"factor_{o}"], 1, margin=margin, needed=True) for o in ways]
    return [*falls, *(above(f"straight_{over}", n[f"r_squared_{over}"], line) for over in ways)]


def _early_layers_idle(n: Numbers) -> list[Condition]:
    """V2: with each optimiser the early layers' learning adds less than what matters."""
    margin = MARGINS["accuracy"]
    return [Condition(o, n[f"early_gain_{o}"], high=margin, margin=margin) for o in OPTIMISERS]


def _slow(n: Numbers) -> list[Condition]:
    """V3: with each optimiser the same function learns faster once its gradient does not vanish."""
    return [above(o, n[f"slowdown_{o}"], 1, margin=MARGINS["time"]) for o in OPTIMISERS]


def _stuck(n: Numbers) -> list[Condition]:
    """V4: most runs stay at chance, and where they stay no direction bends down.

    Two things: the first is a plateau as well. A curvature counts from a hundredth of the largest.
    """
    lines = claims.get("V4").lines
    return [
        above("stuck", n["stuck"], lines["most"], needed=True),
        above("minimum", n["curvature_ratio"], -lines["curvature"], needed=True),
    ]


def _remedy(n: Numbers) -> list[Condition]:
    margin = MARGINS["accuracy"]
    names = [*FAMILY, *(f"{name}_default" for name in FAMILY)]
    return [above(name, n[f"gain_{name}"], 0, margin=margin) for name in names]


RULES: Rules = {
    "S6": _severe,
    "T5": _milder_but_there,
    "R4": _nearly_none,
    "V1": _geometric,
    "V2": _early_layers_idle,
    "V3": _slow,
    "V4": _stuck,
    "V5": _remedy,
}

BEFORE_TRAINING: dict[str, Callable[[Untrained], Found]] = {
    "S6": gradients.sigmoid_factors,
    "T5": gradients.tanh_factors,
    "R4": gradients.relu_factors,
    "V1": gradients.shrinking,
}
AFTER_TRAINING: dict[str, Callable[[Deep], Found]] = {
    "V2": deep_training.idle_layers,
    "V3": deep_training.slow_learning,
    "V4": deep_training.stuck_runs,
    "V5": deep_training.remedy,
}


def measure(context: Context) -> list[Outcome]:
    """Measure the wanted ones of S6, T5, R4 and V1 to V5 on the digits."""
    digits = load("digits", context.seeds, context.first)
    times = gradients.NETWORKS_PER_SEED
    many = load("digits", times * context.seeds, times * context.first)
    depths = (2, 10, 20, 30) if context.quick else (2, 6, 10, 14, 18, 22, 26, 30)
    untrained = Untrained(many, depths)
    trainings = 14
    deep = Deep(
        digits,
        steps=60 if context.quick else 300,
        finished=lambda count: context.progress(min(count / trainings, 1.0)),
    )
    outcomes = []
    for claim, found in BEFORE_TRAINING.items():
        if context.wants(claim):
            numbers, series = found(untrained)
            outcomes.append(judge(claim, RULES, numbers, series=series))
    for claim, consequence in AFTER_TRAINING.items():
        if context.wants(claim):
            numbers, series = consequence(deep)
            outcomes.append(judge(claim, RULES, numbers, series=series))
    return outcomes
