"""A definition cut where it turns, with proof."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

from nonlin.activation import Activation
from nonlin.facts.segments import Segment, Segments
from nonlin.facts.zeros import UnprovedError, zeros

__all__ = ["UnprovedError", "inside", "limit", "number", "pieces", "segments"]

# Evaluated in floating point, the formula and the kernel agree this closely.
AGREEMENT = 1e-6


def segments(act: Activation, order: int) -> Segments:
    """Cut phi (order 0), phi' (order 1) or a further derivative into monotone segments.

    Raises
    ------
    UnprovedError
        If the places where it turns could not be listed.
    """
    import sympy

    from nonlin import symbolic

    x = symbolic.x()
    found: list[Segment] = []
    for start, end, piece in pieces(act):
        g = sympy.diff(piece, x, order)
        slope = sympy.diff(g, x)
        turns = [] if _vanishes(slope, x, start, end) else zeros(slope, x, start, end)
        places = [start, *turns, end]
        limits = [limit(g, x, place) for place in places]
        found += [
            Segment(*map(number, (*ends, *values)))
            for ends, values in zip(pairwise(places), pairwise(limits), strict=True)
        ]
    if order < 2:
        _compare(act, order, found)
    return tuple(found)


def pieces(act: Activation) -> list[tuple[Any, Any, Any]]:
    """List (start, end, formula) from left to right; one formula may hold on several intervals."""
    from nonlin import symbolic

    return symbolic.pieces(symbolic.definition(act))


def limit(g: Any, x: Any, place: Any) -> Any:
    """Give the value at a place where a formula is smooth, or the limit at infinity."""
    import sympy

    return sympy.limit(g, x, place) if place.is_infinite else g.subs(x, place)


def _vanishes(g: Any, x: Any, start: Any, end: Any) -> bool:
    """Tell whether a formula is 0 throughout; one value that is not 0 says no."""
    place = inside(start, end)
    return abs(g.subs(x, place).evalf(30)) < 1e-20 and bool(g.equals(0))


def inside(start: Any, end: Any) -> Any:
    """Give an exact point inside."""
    import sympy

    if start.is_infinite and end.is_infinite:
        return sympy.Rational(1, 3)
    if start.is_infinite or end.is_infinite:
        return end - 1 if start.is_infinite else start + 1
    return (2 * start + end) / 3


def number(exact: Any) -> float:
    """Round a SymPy number to a float."""
    if exact.is_infinite:
        return math.inf if exact.is_extended_positive else -math.inf
    value = exact.evalf(30)
    if not value.is_Float and not value.is_Rational:
        raise UnprovedError(f"{exact} is no number")
    return float(value) + 0.0


def _compare(act: Activation, order: int, found: list[Segment]) -> None:
    """Refuse a proof that the kernel contradicts."""
    f = (act, act.derivative)[order]
    for segment in found:
        for x, y in ((segment.start, segment.left), (segment.end, segment.right)):
            if math.isfinite(x):
                inside = math.nextafter(x, segment.end if x == segment.start else segment.start)
                if abs(float(f(inside)) - y) > AGREEMENT * max(1.0, abs(y)):
                    raise UnprovedError(f"{act!r} computes {f(inside)} at {inside}, not {y}")
