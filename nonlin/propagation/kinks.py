"""Where a function has a kink or a jump, found from its values alone.

Halving panels (`nonlin.propagation.panels`) leaves two kinds of places to look at: the edges
between panels, on both sides of which the function is a known polynomial, and the few narrow panels
on which no polynomial fits. At the first, values and slopes from both sides are compared. Inside
the second, the smooth pieces left and right are continued: where they meet is the kink, exact to a
few roundings although no derivative was taken; where they do not meet there is a jump, and
sections find the two neighbouring numbers between which it lies.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.polynomial import Chebyshev, Polynomial
from numpy.typing import NDArray

from nonlin.propagation.panels import (
    FIRST,
    MOST,
    REACH,
    SIGNS,
    Function,
    dyadic,
    evaluate,
    floor,
    refine,
    rough_panels,
)
from nonlin.propagation.quadrature import Array, coefficients, panels

# Smaller changes of slope, relative to the slopes on both sides, are not told from rounding or from
# a jump of the second derivative. Narrow panels stay around them, which is all a quadrature needs.
SLOPE = {"edge": 1e-7, "inside": 1e-3}
# Smaller changes of the value, relative to the value, are no jump.
STEP = 1e-9
# Of a function that is rounded more roughly than float64 the same is said of so many roundings.
ROUNDINGS = {"edge": 2000.0, "step": 100.0}
DEGREE = 4

# Eight rounds of so many places narrow any panel down to two neighbours.
SECTION = 129


def find(f: Function) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Find the kinks and the jumps of `f` for |u| < 2^10.

    Returns
    -------
    kinks, jumps : tuples of float
        Ascending.
    """
    ends = refine(f, dyadic(FIRST, REACH))
    if len(ends) >= MOST:
        return (), ()
    rough = rough_panels(f, ends) & (np.diff(ends)[:, 0] < 0.5)
    found = _at_edges(f, ends, rough)
    for low, high in _clusters(ends[rough]):
        place = _inside(f, low, high)
        if place is not None:
            found.append(place)
    kinks = sorted(x for kind, x in found if kind == "kink")
    jumps = sorted(x for kind, x in found if kind == "jump")
    return tuple(kinks), tuple(jumps)


@np.errstate(over="ignore", invalid="ignore")
def _at_edges(f: Function, ends: Array, rough: NDArray[np.bool_]) -> list[tuple[str, float]]:
    values = evaluate(f, panels(ends)[0][:, 0])
    smooth = np.isfinite(values).all(axis=1) & ~rough
    both = smooth[:-1] & smooth[1:]
    terms = coefficients() @ np.where(np.isfinite(values), values, 0.0).T
    degree = np.arange(len(terms))
    # P_k(+-1) = (+-1)^k and P_k'(+-1) = (+-1)^(k+1) k (k+1) / 2.
    half = 0.5 * np.diff(ends)[:, 0]
    bend = 0.5 * degree * (degree + 1)
    step = (SIGNS @ terms)[1:] - terms.sum(axis=0)[:-1]
    left, right = (bend @ terms / half)[:-1], (-(SIGNS * bend) @ terms / half)[1:]
    magnitude = np.maximum(np.abs(values).max(axis=1), floor(f, ends))
    magnitude = np.maximum(magnitude[:-1], magnitude[1:])
    slope = np.abs(left) + np.abs(right) + magnitude / np.minimum(half[:-1], half[1:])
    jump = both & (np.abs(step) > _least(f, "step", STEP) * magnitude)
    turn = _least(f, "edge", SLOPE["edge"])
    kink = both & ~jump & (np.abs(right - left) > turn * slope)
    places = ends[1:, 0]
    return [("jump", x) for x in places[jump].tolist()] + [
        ("kink", x) for x in places[kink].tolist()
    ]


def _least(f: Function, what: str, usual: float) -> float:
    return max(usual, ROUNDINGS[what] * getattr(f, "rounding", 0.0))


def _clusters(ends: Array) -> list[tuple[float, float]]:
    merged: list[tuple[float, float]] = []
    for low, high in ends.tolist():
        if merged and merged[-1][1] == low:
            merged[-1] = (merged[-1][0], high)
        else:
            merged.append((low, high))
    return merged


def _inside(f: Function, low: float, high: float) -> tuple[str, float] | None:
    middle, width = 0.5 * (low + high), high - low
    left, right = (_continue(f, middle, side * width) for side in (-1, 1))
    gap, slopes = left - right, (left.deriv()(0.0), right.deriv()(0.0))
    turn = abs(slopes[1] - slopes[0])
    magnitude = max(abs(left(0.0)), abs(right(0.0)))
    if abs(gap(0.0)) > max(2.0 * turn * width, _least(f, "step", STEP) * magnitude):
        return "jump", _section(f, left, right, low, high)
    if turn <= SLOPE["inside"] * (abs(slopes[0]) + abs(slopes[1])):
        return None
    t = 0.0
    for _ in range(4):
        t -= gap(t) / gap.deriv()(t)
    return "kink", float(middle + t)


def _continue(f: Function, middle: float, width: float) -> Polynomial:
    # The polynomial, in u - middle, that fits the piece beside the place at Chebyshev points, at
    # which Chebyshev polynomials are orthogonal: its coefficients are sums.
    angles = (np.arange(3 * DEGREE) + 0.5) * np.pi / (3 * DEGREE)
    ends = np.array([0.5 * width, 8.5 * width])
    values = evaluate(f, middle + ends.mean() + 0.5 * np.diff(ends) * np.cos(angles))
    terms = 2.0 * np.cos(np.arange(DEGREE + 1)[:, None] * angles) @ values / len(angles)
    terms[0] *= 0.5
    fit: Polynomial = Chebyshev(terms, ends).convert(kind=Polynomial)
    return fit


def _section(f: Function, left: Polynomial, right: Polynomial, low: float, high: float) -> float:
    """Narrow a jump down to two neighbouring numbers, many places at a time."""
    centre = 0.5 * (low + high)
    while math.nextafter(low, high) < high:
        places = np.linspace(low, high, SECTION)
        values = evaluate(f, places)
        before = np.abs(values - left(places - centre)) <= np.abs(values - right(places - centre))
        before[[0, -1]] = True, False
        first = int(before.argmin())
        low, high = float(places[first - 1]), float(places[first])
    return high
