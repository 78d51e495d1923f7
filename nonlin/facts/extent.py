"""How far values and slopes go: range, limits, asymptotes, Lipschitz constant."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

from nonlin.activation import Activation
from nonlin.facts import measured, proved
from nonlin.facts.fact import Fact, Interval
from nonlin.facts.portrait import Portrait, View
from nonlin.facts.segments import extent, where

__all__ = ["asymptotes", "derivative_range", "jumps", "limits", "lipschitz", "steepest", "values"]

Line = tuple[float, float]

# Where an asymptote is looked for without a definition.
FAR = (2.0**24, 2.0**30)


def values(of: Portrait) -> Fact:
    """Give the range of phi."""
    return _range(of.value)


def derivative_range(of: Portrait) -> Fact:
    """Give the least interval that holds every value of phi'."""
    return _range(of.slope)


def _range(seen: View) -> Fact:
    return seen.fact(extent(seen.segments, seen.f, seen.scale))


def limits(of: Portrait) -> Fact:
    """Give the limits of phi at -inf and +inf, None where there is none."""
    seen = of.value
    if seen.evidence == "proved":
        return seen.fact((seen.segments[0].left, seen.segments[-1].right), "limit")
    f = measured.function(of.activation, 0)
    ends = tuple(measured.limit_at_infinity(f, side) for side in (-1, 1))
    return seen.fact(tuple(None if math.isnan(end) else end for end in ends), "far")


def asymptotes(of: Portrait) -> Fact:
    """Give (slope, intercept) of the straight lines that phi approaches, None where none."""
    attempt = of.prove(lambda: _proved_lines(of.activation))
    if attempt.found is not None:
        return Fact(attempt.found, "proved", "limit")
    ends = (of.slope.segments[0].left, of.slope.segments[-1].right)
    f = of.value.f
    lines = tuple(_line(f, side, slope) for side, slope in zip((-1, 1), ends, strict=True))
    return attempt.measured(lines, "far")


def _proved_lines(act: Activation) -> tuple[Line | None, ...]:
    import sympy

    from nonlin import symbolic

    x = symbolic.x()
    parts = proved.pieces(act)
    lines: list[Line | None] = []
    for part, end in ((parts[0][2], -sympy.oo), (parts[-1][2], sympy.oo)):
        slope = sympy.limit(sympy.diff(part, x), x, end)
        intercept = sympy.limit(part - slope * x, x, end) if slope.is_finite else sympy.oo
        finite = bool(intercept.is_finite)
        lines.append((proved.number(slope), proved.number(intercept)) if finite else None)
    return tuple(lines)


def _line(f: Callable[[float], float], side: int, slope: float) -> Line | None:
    if not math.isfinite(slope):
        return None
    # A measured slope is a small fraction off; a line has one that is written in few digits.
    slope = round(slope, 6)
    near, far = (f(side * x) - slope * side * x for x in FAR)
    settled = math.isfinite(far) and abs(far - near) <= 1e-6 * max(1.0, abs(far))
    return (slope, far + 0.0) if settled else None


def jumps(of: Portrait) -> list[float]:
    """List where phi is not continuous."""
    seen = of.value
    return [
        s.end
        for s, after in pairwise(seen.segments)
        if abs(after.left - s.right) > max(seen.scale, 1e-12 * abs(s.right))
    ]


def lipschitz(of: Portrait) -> Fact:
    """Give the Lipschitz constant: the supremum of |phi'|, infinite where phi jumps."""
    seen = of.slope
    reach = extent(seen.segments, seen.f, seen.scale)
    return seen.fact(math.inf if jumps(of) else max(abs(reach.lower), abs(reach.upper)))


def steepest(of: Portrait) -> Fact:
    """Give where |phi'| is at its supremum; an open end is approached and not reached."""
    seen = of.slope
    reach = extent(seen.segments, seen.f, seen.scale)
    top = max(abs(reach.lower), abs(reach.upper))
    near = max(seen.scale, 1e-12 * top) if math.isfinite(top) else 0.0
    found = where(seen.segments, seen.f, (), lambda y: abs(abs(y) - top) <= near)
    if not found:
        ends = [end for s in seen.segments for end in ((s.start, s.left), (s.end, s.right))]
        reached = {x for x, y in ends if abs(y) == top or abs(abs(y) - top) <= near}
        found = tuple(Interval(x, x, False, False) for x in sorted(reached))
    return seen.fact(found)
