"""What a function makes of a Gaussian pre-activation z ~ N(0, s^2)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

from nonlin.activation import Activation
from nonlin.facts.fact import Fact, Gaussian, Interval
from nonlin.propagation.moments import moments

__all__ = ["share", "under_normal"]


def under_normal(act: Activation, deviation: float, zeros: Fact, dead: Fact) -> Gaussian:
    """Compute the facts under N(0, s^2) of a function whose zeros and dead regions are known.

    Raises
    ------
    ValueError
        If s is not a positive number.
    NotConvergedError
        If the function cannot be integrated.
    """
    if not (math.isfinite(deviation) and deviation > 0.0):
        raise ValueError(f"deviation must be a positive number, got {deviation!r}")
    found = moments(act, deviation * deviation)
    # What is 0 by symmetry comes out as a rounding error of sqrt(E[phi^2]).
    centred = abs(found.value) <= 1e-14 * math.sqrt(found.square)
    mean, square, slope_square = (
        Fact(float(value), "measured", "quadrature")
        for value in (0.0 if centred else found.value, found.square, found.slope_square)
    )
    return Gaussian(
        deviation,
        mean,
        square,
        slope_square,
        replace(zeros, value=share(zeros.value, deviation)),
        replace(dead, value=share(dead.value, deviation)),
    )


def share(intervals: Iterable[Interval], deviation: float) -> float:
    """Give the probability that z lies in disjoint intervals."""

    def below(x: float) -> float:
        return 0.5 * math.erfc(-x / (deviation * math.sqrt(2.0)))

    return math.fsum(below(i.upper) - below(i.lower) for i in intervals)
