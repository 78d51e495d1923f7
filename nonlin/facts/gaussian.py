"""What a function makes of a Gaussian pre-activation z ~ N(0, s^2)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from nonlin.activation import Activation
from nonlin.facts.fact import Fact, Interval
from nonlin.facts.points import zeros
from nonlin.facts.regions import dead
from nonlin.propagation.errors import NotConvergedError
from nonlin.propagation.moments import moments

__all__ = ["Gaussian", "gaussian", "share", "standard"]


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


def gaussian(act: Activation, deviation: float = 1.0) -> Gaussian:
    """Compute the facts under N(0, s^2).

    Parameters
    ----------
    act : Activation
    deviation : float
        s, positive.

    Raises
    ------
    ValueError
        If s is not a positive number.
    NotConvergedError
        If the function cannot be integrated.

    Examples
    --------
    >>> import nonlin as nl
    >>> found = gaussian(nl.relu, 2.0)
    >>> round(found.mean_square.value, 12), found.sparsity.value
    (2.0, 0.5)
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
    silent, flat = zeros(act), dead(act)
    return Gaussian(
        deviation,
        mean,
        square,
        slope_square,
        Fact(share(silent.value, deviation), silent.evidence, silent.how),
        Fact(share(flat.value, deviation), flat.evidence, flat.how),
    )


def standard(act: Activation) -> Gaussian:
    """Compute the facts under N(0, 1), None each if the function cannot be integrated."""
    try:
        return gaussian(act)
    except NotConvergedError:
        unknown = Fact(None, "measured", "quadrature")
        return Gaussian(1.0, unknown, unknown, unknown, unknown, unknown)


def share(intervals: Iterable[Interval], deviation: float) -> float:
    """Give the probability that z lies in disjoint intervals."""

    def below(x: float) -> float:
        return 0.5 * math.erfc(-x / (deviation * math.sqrt(2.0)))

    return math.fsum(below(i.upper) - below(i.lower) for i in intervals)
