"""A function cut where it turns, found from its values alone.

The function is sampled at the nodes of the panels on which it is a polynomial to rounding, densest
where it bends. A turn counts if the values come back by more than rounding; it is then narrowed
down. Kinks and jumps are always cuts. Beyond 2^10 nothing turns any more.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np

from nonlin.activation import Activation
from nonlin.facts.fact import UndefinedError
from nonlin.facts.segments import Segment, Segments
from nonlin.propagation import panels
from nonlin.propagation.mesh import features, slopes
from nonlin.propagation.quadrature import Array
from nonlin.propagation.quadrature import panels as spread

__all__ = [
    "UndefinedError",
    "breaks",
    "function",
    "limit_at_infinity",
    "require_values",
    "segments",
]

Function = Callable[[Array], Array]

# Values that differ by less than this share of the largest one near 0, or so many times the
# function's own rounding, are one.
ROUNDING = (1e-12, 1e-8)
ROUNDINGS = (20.0, 1000.0)
LEAST = 1e-10
# What ends in no number beyond this ends in infinity.
HUGE = 1e50
# A function that turns more often than this is not understood by listing where.
MOST = 1500
GOLDEN = (math.sqrt(5.0) - 1.0) / 2.0
# A part ends where the function leaves it by more than `LEAVES` over the distance `BESIDE`.
BESIDE, LEAVES = 1e-3, 1e-9


def segments(act: Activation, order: int) -> Segments:
    """Cut phi (order 0) or phi' (order 1) into monotone segments."""
    f = function(act, order)
    cuts = [-math.inf, *breaks(act), math.inf]
    nodes = np.unique(spread(features(act)[0])[0].ravel())
    size = np.abs(f(nodes[np.abs(nodes) <= 2.0]))
    largest = float(np.max(size, initial=0.0, where=np.isfinite(size)))
    scale = max(ROUNDING[order] * largest, ROUNDINGS[order] * act.rounding * largest, LEAST)
    found: list[Segment] = []
    for start, end in pairwise(cuts):
        inner = nodes[(nodes > start) & (nodes < end)]
        found += _between(f, start, end, inner, scale)
        if len(found) > MOST:
            raise UndefinedError(f"{act!r} oscillates too fast to be followed")
    return tuple(found)


def require_values(act: Activation) -> None:
    """Raise UndefinedError unless phi has a finite value wherever one looks near 0."""
    x = np.linspace(-8.0, 8.0, 1025)
    broken = x[~np.isfinite(panels.evaluate(act, x))]
    if broken.size:
        raise UndefinedError(f"{act!r} has no finite value at {float(broken[0])!r}")


def breaks(act: Activation) -> list[float]:
    """List kinks, jumps and the ends of parts where the function is constant."""
    edges, kinks, jumps = features(act)
    values = panels.evaluate(act, spread(edges)[0])
    with np.errstate(invalid="ignore"):
        flat = np.ptp(values, axis=1) == 0.0
    places = [*kinks, *jumps]
    for i in np.flatnonzero(flat[:-1] != flat[1:]).tolist():
        edge, side = float(edges[i + 1]), 1.0 if flat[i] else -1.0
        there, beside = panels.evaluate(act, np.array([edge, edge + side * BESIDE]))
        # A tail that is rounded to its limit also becomes constant, but nobody sees where.
        apart = min((abs(edge - place) for place in places), default=math.inf)
        if abs(beside - there) > LEAVES and apart > BESIDE:
            places.append(edge)
    return sorted(places)


def limit_at_infinity(f: Function, side: int, reach: float = 300.0) -> float:
    """Give the value that f approaches at -inf or +inf, as far as values tell; NaN if none.

    f is looked at up to 2^reach.
    """
    x = side * np.exp2(np.linspace(5.0, reach, 60))
    y = f(x)
    known = y[~np.isnan(y)]
    if not known.size or np.isinf(known).any():
        return float(known[-1]) if known.size else math.nan
    last, first = known[-1], known[len(known) // 2]
    if abs(last - first) <= 1e-6 * max(1.0, abs(last)):
        return float(last + 0.0)
    steps = np.diff(known[len(known) // 2 :])
    growing = bool((steps >= 0.0).all() or (steps <= 0.0).all())
    return math.copysign(math.inf, last) if growing else math.nan


def function(act: Activation, order: int) -> Function:
    """Give phi or phi' as a function of arrays, without noise far out.

    Where nobody gave phi', it is the derivative of the panels' polynomials, and constant beyond
    them: a difference quotient there is rounding alone.
    """
    if order == 0:
        return lambda x: panels.evaluate(act, x)
    if act.has_derivative:
        return lambda x: panels.evaluate(act.derivative, x)
    near = 0.999 * 2.0**panels.REACH
    return lambda x: slopes(act, np.clip(x, -near, near))


def _between(f: Function, start: float, end: float, inner: Array, scale: float) -> list[Segment]:
    ends = [_end(f, start, end, -1), _end(f, end, start, 1)]
    values = f(inner)
    known = np.isfinite(values)
    inner, values = inner[known], values[known]
    for i, near in ((0, values[:1]), (1, values[-1:])):
        if math.isnan(ends[i]) and near.size:
            ends[i] = float(near[0]) if abs(near[0]) < HUGE else math.copysign(math.inf, near[0])
    if not values.size or np.ptp(np.append(values, ends)) <= scale:
        level = ends[0] if abs(ends[0]) > scale else 0.0
        return [Segment(start, end, level, level)]
    places, heights = [start], [ends[0]]
    for i, direction in _turns(values, scale):
        low, high = inner[max(i - 1, 0)], inner[min(i + 1, len(inner) - 1)]
        x = _narrow(f, float(low), float(high), direction)
        places.append(x)
        height = float(f(np.array([x]))[0])
        heights.append(height if abs(height) > scale else 0.0)
    places.append(end)
    heights.append(ends[1])
    return [Segment(*xs, *ys) for xs, ys in zip(pairwise(places), pairwise(heights), strict=True)]


def _end(f: Function, place: float, other: float, side: int) -> float:
    if math.isinf(place):
        limit = limit_at_infinity(f, side)
        limit = 0.0 if abs(limit) < 1e-100 else limit
        return float(f(np.array([side * 1e3]))[0]) if math.isnan(limit) else limit
    value = float(f(np.array([math.nextafter(place, other)]))[0])
    return value if abs(value) > 1e-100 else 0.0


def _turns(values: Array, scale: float) -> list[tuple[int, int]]:
    """Find maxima (1) and minima (-1) from which the values come back by more than `scale`."""
    turns: list[tuple[int, int]] = []
    best, direction = 0, 0
    for i, value in enumerate(values.tolist()):
        change = value - values[best]
        if direction == 0:
            if abs(change) > scale:
                direction, best = (1 if change > 0 else -1), i
        elif change * direction >= 0:
            best = i
        elif abs(change) > scale:
            turns.append((best, direction))
            direction, best = -direction, i
    return turns


def _narrow(f: Function, low: float, high: float, sign: int) -> float:
    """Narrow a maximum (1) or minimum (-1) down by golden sections."""
    for _ in range(60):
        width = GOLDEN * (high - low)
        left, right = high - width, low + width
        at_left, at_right = sign * f(np.array([left, right]))
        low, high = (left, high) if at_left < at_right else (low, right)
    return 0.5 * (low + high)
