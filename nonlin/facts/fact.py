"""What a fact is: a value, whether it was proved or measured, and how; and the values of some."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

__all__ = [
    "Evidence",
    "Fact",
    "Gaussian",
    "Interval",
    "Rounding",
    "UndefinedError",
    "number",
    "union",
]

Evidence = Literal["proved", "measured"]


# Every fact of a function, in the order of reading.
FACTS = (
    "range", "limits", "asymptotes", "continuity", "not_differentiable", "monotone", "convex",
    "parity", "zeros", "fixed_points", "derivative_range", "lipschitz", "steepest", "at_zero",
    "near_identity", "saturated", "dead", "mean", "mean_square", "mean_square_slope", "sparsity",
    "zero_slope", "gain", "self_normalising", "inverse", "rounding",
)  # fmt: skip

# Of z ~ N(0, 1).
UNDER_NORMAL = ("mean", "mean_square", "mean_square_slope", "sparsity", "zero_slope")


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of a function.

    Attributes
    ----------
    value : object
        None where the question has no answer.
    evidence : str
        "proved" or "measured".
    how : str
        The method's key; `nonlin.facts.explain` says it in a sentence.
    given_up : float or None
        Where a proof was not finished, the seconds of processor time after which it was given up.

    Examples
    --------
    >>> print(Fact(0.25, "measured", "values", given_up=4.0))
    0.25 (measured, not proved within 4 s)
    """

    value: Any
    evidence: Evidence
    how: str
    given_up: float | None = None

    def __str__(self) -> str:
        late = "" if self.given_up is None else f", not proved within {self.given_up:g} s"
        return f"{self.value} ({self.evidence}{late})"


@dataclass(frozen=True, slots=True)
class Interval:
    """The numbers between two ends; one number where they are equal.

    Examples
    --------
    >>> print(Interval(0.0, 0.25, False, True), Interval(0.0, 0.0))
    (0, 0.25] 0
    """

    lower: float
    upper: float
    lower_attained: bool = True
    upper_attained: bool = True

    def __contains__(self, x: float) -> bool:
        above = x > self.lower or (x == self.lower and self.lower_attained)
        return above and (x < self.upper or (x == self.upper and self.upper_attained))

    def __str__(self) -> str:
        if self.lower == self.upper:
            return number(self.lower)
        left, right = "[" if self.lower_attained else "(", "]" if self.upper_attained else ")"
        return f"{left}{number(self.lower)}, {number(self.upper)}{right}"


@dataclass(frozen=True)
class Gaussian:
    """Facts under z ~ N(0, s^2).

    Attributes
    ----------
    deviation : float
        s.
    mean, mean_square, mean_square_slope : Fact
        E[phi], E[phi^2] and E[phi'^2], by quadrature.
    sparsity : Fact
        The share of outputs that are 0.
    zero_slope : Fact
        The share of derivatives that are 0.
    """

    deviation: float
    mean: Fact
    mean_square: Fact
    mean_square_slope: Fact
    sparsity: Fact
    zero_slope: Fact


@dataclass(frozen=True)
class Rounding:
    """From where on a dtype's results are not the exact function's any more; None if nowhere.

    Attributes
    ----------
    settles_left, settles_right : float or None
        phi is rounded to its limit, which it only approaches; to 0 by underflow.
    overflows_left, overflows_right : float or None
        phi is infinite, which it only approaches.
    slope_vanishes_left, slope_vanishes_right : float or None
        phi' is rounded to 0, which it only approaches.
    """

    settles_left: float | None
    settles_right: float | None
    overflows_left: float | None
    overflows_right: float | None
    slope_vanishes_left: float | None
    slope_vanishes_right: float | None


class UndefinedError(ArithmeticError):
    """A function without values, or with too many turns, of which nothing can be measured."""


def number(value: float) -> str:
    """Write a number with six digits.

    Examples
    --------
    >>> number(-math.inf), number(0.25), number(1 / 3), number(-0.0)
    ('-∞', '0.25', '0.333333', '0')
    """
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    return f"{value + 0.0:.6g}"


def union(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """Join the intervals that touch, in ascending order.

    Examples
    --------
    >>> [str(each) for each in union([Interval(0.0, 1.0), Interval(1.0, 2.0, False)])]
    ['[0, 2]']
    """
    joined: list[Interval] = []
    for each in sorted(intervals, key=lambda i: (i.lower, not i.lower_attained)):
        last = joined[-1] if joined else None
        if last is None or not _touch(last, each):
            joined.append(each)
            continue
        upper = max(last.upper, each.upper)
        attained = upper in last or upper in each
        joined[-1] = Interval(last.lower, upper, last.lower_attained, attained)
    return tuple(joined)


def _touch(left: Interval, right: Interval) -> bool:
    meets = left.upper_attained or right.lower_attained
    return right.lower < left.upper or (right.lower == left.upper and meets)
