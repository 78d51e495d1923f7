"""What a function makes of Gaussian pre-activations; whether its layers keep mean and variance."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

from nonlin.activation import Activation
from nonlin.facts.fact import Fact, Gaussian, Interval
from nonlin.facts.portrait import Portrait
from nonlin.propagation.errors import NotConvergedError
from nonlin.propagation.gain import gain as initialisation_gain
from nonlin.propagation.moments import moments

__all__ = ["gain", "self_normalising", "share", "under_normal", "variance_slope"]


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


CLOSE = 1e-6
STEP = 1e-3


def gain(of: Portrait) -> Fact:
    """Give 1 / sqrt(E[phi(z)^2]), z ~ N(0, 1); None if there is none."""
    try:
        return Fact(initialisation_gain(of.activation), "measured", "quadrature")
    except NotConvergedError:
        return Fact(None, "measured", "quadrature")


def self_normalising(of: Portrait) -> Fact:
    """Tell whether mean 0 and variance 1 are a stable fixed point of a layer.

    For weights that sum to 0 and whose squares sum to 1, the pre-activation of inputs with variance
    v is z ~ N(0, v), and the layer maps v to Var[phi(z)]. The point holds if E[phi] = 0 and
    Var[phi] = 1 at v = 1, and attracts if that map's slope is below 1 there.
    """
    act = of.activation
    try:
        found = moments(act, 1.0)
        mean, square = float(found.value), float(found.square)
        fixed = abs(mean) < CLOSE and abs(square - mean * mean - 1.0) < CLOSE
        return Fact(fixed and abs(variance_slope(act)) < 1.0 - CLOSE, "measured", "quadrature")
    except NotConvergedError:
        return Fact(False, "measured", "quadrature")


def variance_slope(act: Activation) -> float:
    """Differentiate v -> Var[phi(z)], z ~ N(0, v), at v = 1."""
    below, here, above = (moments(act, 1.0 + step) for step in (-STEP, 0.0, STEP))
    mean_slope = float(above.value - below.value) / (2.0 * STEP)
    return float(here.growth) - 2.0 * float(here.value) * mean_slope
