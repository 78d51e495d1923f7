"""The functions' ranges, proved; and where each dtype rounds to a bound that is never reached.

Series of S1, T1, E1: {"input": [...], "gap": {"lower" or "upper": {"exact" or dtype: [...]}}}, the
distance to the bound at -input or +input, None where the dtype has rounded it away.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import astuple
from typing import Any

import numpy as np

from nonlin.accuracy import stratified
from nonlin.activation import Activation
from nonlin.catalogue.functions import elu, relu, sigmoid, tanh
from nonlin.facts import Interval
from nonlin.facts.rounding import DTYPES, Threshold, first
from nonlin.study.context import Context
from nonlin.study.derivative_proofs import proved_fact
from nonlin.study.results import Number, Outcome, Rules
from nonlin.study.statistics import share
from nonlin.study.verdict import Condition, fact, judge
from nonlin.symbolic import oracle

ALPHAS = (0.5, 1.0, 2.0)


def is_the_range(numbers: Mapping[str, Number]) -> list[Condition]:
    """S1, T1, R1, E1: both ends, and whether each is attained, are proved to be the document's."""
    return [fact("proved", numbers["range_agreement"].value == 1)]


RULES: Rules = dict.fromkeys(("S1", "T1", "R1", "E1"), is_the_range)


def measure(context: Context) -> list[Outcome]:
    """Prove each range and find where float16, float32 and float64 round to its bounds."""
    wanted = [claim for claim in RULES if context.wants(claim)]
    outcomes = []
    for done, claim in enumerate(wanted):
        outcomes.append(_outcome(claim, context.quick))
        context.progress((done + 1) / len(wanted))
    return outcomes


def _claimed() -> dict[str, list[tuple[Activation, Interval]]]:
    """The ranges as the document states them; ELU's for several alpha."""
    return {
        "S1": [(sigmoid, Interval(0.0, 1.0, False, False))],
        "T1": [(tanh, Interval(-1.0, 1.0, False, False))],
        "R1": [(relu, Interval(0.0, math.inf, True, False))],
        "E1": [(elu.bind(alpha=a), Interval(-a, math.inf, False, False)) for a in ALPHAS],
    }


def range_agreement(claimed: list[tuple[Activation, Interval]]) -> Number:
    """The share of ends and their attainment in which proof and claim agree."""
    pairs = [(proved_fact(activation, "range"), range_) for activation, range_ in claimed]
    same = [
        ours == theirs
        for proved, range_ in pairs
        for ours, theirs in zip(astuple(proved), astuple(range_), strict=True)
    ]
    return Number("range_agreement", sum(same) / len(same), n=len(same), unit="share")


def threshold(activation: Activation, bound: float, side: int, dtype: Any) -> Threshold | None:
    """Where activation(side * |x|) is first equal to the bound; None if it is so nowhere.

    An input beyond it with another result would be found out.
    """
    try:
        return first(lambda x: activation(x) == bound, dtype, side)
    except ArithmeticError:
        message = f"{activation!r} leaves its bound {bound} again in {dtype}"
        raise ArithmeticError(message) from None


def _outcome(claim: str, quick: bool) -> Outcome:
    claimed = _claimed()[claim]
    activation = next(a for a, _ in claimed if a.parameters.get("alpha", 1.0) == 1.0)
    numbers = [range_agreement(claimed)]
    numbers += _at_rest(2_000 if quick else 20_000) if claim == "R1" else _thresholds(activation)
    series = {} if claim == "R1" else _gaps(activation)
    return judge(claim, RULES, numbers, evidence="proved", series=series)


def _at_rest(count: int) -> list[Number]:
    """How many of ReLU's outputs on negative inputs are exactly 0: its lower end is attained."""
    inputs = [-np.abs(stratified(dtype, count, seed=0)) for dtype in DTYPES]
    zeros = sum(int((relu(x) == 0).sum()) for x in inputs)
    return [share("zero_left_of_zero", zeros, count * len(DTYPES))]


def _bounds(activation: Activation) -> dict[str, tuple[float, int]]:
    """The finite bounds, and the side on which each is approached."""
    proved = proved_fact(activation, "range")
    ends = {"lower": (proved.lower, -1), "upper": (proved.upper, 1)}
    return {name: (end, side) for name, (end, side) in ends.items() if math.isfinite(end)}


def _thresholds(activation: Activation) -> list[Number]:
    numbers = []
    for end, (bound, side) in _bounds(activation).items():
        for dtype in DTYPES:
            found = threshold(activation, bound, side, dtype)
            if found is not None:
                name = f"{np.dtype(dtype).name}_reaches_{end}"
                numbers.append(Number(name, found.x, n=found.n))
    return numbers


def _gaps(activation: Activation) -> dict[str, Any]:
    """|phi(x) - bound| along x = +-input, exact and as each dtype has it; None where it is 0."""
    inputs = np.arange(0, 40.25, 0.5)
    gap: dict[str, dict[str, list[float | None]]] = {}
    for end, (bound, side) in _bounds(activation).items():
        exact = oracle(activation)
        drawn: dict[str, list[float | None]] = {
            "exact": [float(abs(exact(side * z) - bound)) for z in inputs.tolist()]
        }
        for dtype in DTYPES:
            values = activation((side * inputs).astype(dtype)).astype(np.float64)
            drawn[np.dtype(dtype).name] = [g or None for g in np.abs(values - bound).tolist()]
        gap[end] = drawn
    return {"input": inputs.tolist(), "gap": gap}
