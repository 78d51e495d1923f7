"""Single points: zeros, fixed points, what happens at 0."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

from nonlin.activation import Activation
from nonlin.facts import proved
from nonlin.facts.fact import Fact, Interval
from nonlin.facts.portrait import Portrait, View
from nonlin.facts.segments import Function, Segment, Segments, bisect, roots
from nonlin.facts.shape import not_differentiable

__all__ = ["at_zero", "fixed_points", "near_identity", "zeros"]

# phi(x) - x is looked at here in place of infinity.
FAR = 2.0**30
NEAR = 1e-6
# Measured fixed points this close are one.
CLOSE = 1e-4


def zeros(of: Portrait) -> Fact:
    """Give where phi(x) = 0."""
    seen = of.value
    return seen.fact(roots(seen.segments, seen.f, seen.scale))


def fixed_points(of: Portrait) -> Fact:
    """Give where phi(x) = x: phi - x is monotone between the places where phi' passes 1."""
    value, slope = of.value, of.slope

    def excess(x: float) -> float:
        return value.f(x) - x

    scale = max(value.scale, 1e-15)
    found = roots(_excess(value.f, slope), excess, scale)
    if value.evidence == slope.evidence == "proved":
        return slope.fact(found)
    given_up = slope.given_up if value.given_up is None else value.given_up
    return Fact(_apart(found, CLOSE), "measured", "values", given_up)


def _excess(f: Function, slopes: View) -> Segments:
    found = []
    for s in slopes.segments:
        margin = slopes.scale
        passes = min(s.left, s.right) < 1.0 - margin and 1.0 + margin < max(s.left, s.right)
        cuts = [s.start, *([bisect(slopes.f, s, 1.0)] if passes else []), s.end]
        for start, end in pairwise(cuts):
            left, right = _beside(f, start, end, s.left), _beside(f, end, start, s.right)
            if s.direction == 0 and s.left == 1.0:
                left = right = left if math.isfinite(start) else right
            found.append(Segment(start, end, left, right))
    return tuple(found)


def _beside(f: Function, place: float, other: float, slope: float) -> float:
    """Give the limit of phi(x) - x at an end of a segment."""
    if math.isfinite(place):
        x = math.nextafter(place, other)
        value = f(x) - x
        return 0.0 if abs(value) < 1e-300 else float(value)
    side = math.copysign(1.0, place)
    if abs(slope - 1.0) > NEAR:
        return math.inf if (slope - 1.0) * side > 0 else -math.inf
    return float(f(side * FAR) - side * FAR)


def _apart(found: tuple[Interval, ...], width: float) -> tuple[Interval, ...]:
    """Join the points that lie within `width` of the one before: rounding split them."""
    kept: list[Interval] = []
    for each in found:
        if kept and each.lower - kept[-1].upper <= width * max(1.0, abs(each.lower)):
            kept[-1] = max(kept[-1], each, key=lambda i: i.upper - i.lower)
        else:
            kept.append(each)
    return tuple(kept)


def at_zero(of: Portrait) -> Fact:
    """Give phi(0) and phi'(0), at a kink the derivative from the left."""
    attempt = of.prove(lambda: _substituted(of.activation))
    if attempt.found is not None:
        return Fact(attempt.found, "proved", "algebra")
    return attempt.measured((of.value.f(0.0) + 0.0, of.slope.f(0.0) + 0.0), "values")


def _substituted(act: Activation) -> tuple[float, float]:
    from nonlin import symbolic

    x = symbolic.x()
    at = {x: 0}
    value, slope = symbolic.definition(act).subs(at), symbolic.derivative(act).subs(at)
    return proved.number(value), proved.number(slope)


def near_identity(of: Portrait) -> Fact:
    """Tell whether phi(x) is x to first order at 0: phi(0) = 0 and phi'(0) = 1 from both sides."""
    zero, kinks = at_zero(of), not_differentiable(of)
    (value, slope), smooth = zero.value, 0.0 not in kinks.value
    close = 0.0 if zero.evidence == "proved" else 1e-7
    near = smooth and abs(value) <= close and abs(slope - 1.0) <= close
    return replace(zero, value=near)
