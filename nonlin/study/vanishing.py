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

from nonlin.study import deep_training, gradients
from nonlin.study.context import Context
from nonlin.study.data import load
from nonlin.study.deep_training import FAMILY, OPTIMISERS, Deep
from nonlin.study.gradients import HE_DEFAULT, SUPREMUM, XAVIER_DEFAULT, Found, Untrained
from nonlin.study.networks import Init
from nonlin.study.results import Number, Outcome, Rules, Verdict, by_conditions, judge

Numbers = Mapping[str, Number]


def _severe(n: Numbers) -> Verdict:
    return by_conditions([n[f"factor_{init}"].most <= SUPREMUM for init in XAVIER_DEFAULT])


def _milder_but_there(n: Numbers) -> Verdict:
    def meets(init: Init) -> bool:
        factor = n[f"factor_{init}"]
        return n[f"factor_sigmoid_{init}"].most < factor.least and factor.most < 1

    return by_conditions([meets(init) for init in XAVIER_DEFAULT])


def _nearly_none(n: Numbers) -> Verdict:
    factors = [n[f"factor_{init}"] for init in HE_DEFAULT]
    return by_conditions([factor.least >= 0.9 and factor.most <= 1.1 for factor in factors])


def _geometric(n: Numbers) -> Verdict:
    if n["factor_layers"].most >= 1 or n["factor_depths"].most >= 1:
        return "fails"
    return by_conditions([n[f"r_squared_{over}"].least >= 0.98 for over in ("layers", "depths")])


def _early_layers_idle(n: Numbers) -> Verdict:
    return by_conditions([n[f"change_ratio_{name}"].most < 0.1 for name in OPTIMISERS])


def _slow(n: Numbers) -> Verdict:
    pairs = [(n[f"loss_sigmoid_{name}"], n[f"loss_relu_{name}"]) for name in OPTIMISERS]
    return by_conditions([sigmoid.least > 2 * relu.most for sigmoid, relu in pairs])


def _stuck(n: Numbers) -> Verdict:
    if n["stuck"].least < 0.5:
        return "fails"
    # A way down from the very same weights makes it a plateau: a local minimum has none.
    return "holds" if n["left_with_adam"].most < 0.5 else "depends"


def _remedy(n: Numbers) -> Verdict:
    def learns(name: str) -> bool:
        accuracy = n[f"accuracy_{name}"]
        return accuracy.least >= 0.9 and accuracy.least > n["accuracy_sigmoid"].most

    he = [learns(name) for name in FAMILY]
    if not any(he):
        return "fails"
    return "holds" if all(he) and all(learns(f"{name}_default") for name in FAMILY) else "depends"


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
    digits = load("digits", context.seeds)
    depths = (2, 10, 20, 30) if context.quick else (2, 6, 10, 14, 18, 22, 26, 30)
    untrained = Untrained(digits, depths)
    trainings = 10
    deep = Deep(
        digits,
        steps=60 if context.quick else 500,
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
