"""The shape of a curve: monotone, convex, odd or even, smooth, and where it hardly moves."""

from __future__ import annotations

import math
from functools import partial
from itertools import pairwise
from typing import Any

from nonlin.activation import Activation
from nonlin.facts import proved
from nonlin.facts.extent import derivative_range, jumps
from nonlin.facts.fact import Fact
from nonlin.facts.portrait import Portrait, View
from nonlin.facts.segments import function, roots, where
from nonlin.propagation.kinks import find
from nonlin.propagation.mesh import features

__all__ = [
    "SATURATED",
    "continuity",
    "convex",
    "dead",
    "monotone",
    "not_differentiable",
    "parity",
    "saturated",
]

# Where a function is compared with its mirror image.
PLACES = (0.1, 0.7, 1.3, 2.9, 5.1, 11.0)


def monotone(of: Portrait) -> Fact:
    """Give "increasing", "non-decreasing", "decreasing", "non-increasing", "constant", "neither".

    "increasing" and "decreasing" are strict.
    """
    seen = of.value
    moves = _moves(seen)
    rises, falls = 1 in moves, -1 in moves
    flat = any(s.direction == 0 for s in seen.segments)
    word = {
        (True, False): "non-decreasing" if flat else "increasing",
        (False, True): "non-increasing" if flat else "decreasing",
        (False, False): "constant",
    }.get((rises, falls), "neither")
    return seen.fact(word)


def convex(of: Portrait) -> Fact:
    """Give "convex", "concave", "linear" or "neither"."""
    seen = of.slope
    moves = _moves(seen)
    if jumps(of):
        word = "neither"
    else:
        words = {(True, False): "convex", (False, True): "concave", (False, False): "linear"}
        word = words.get((1 in moves, -1 in moves), "neither")
    return seen.fact(word)


def _moves(seen: View) -> set[int]:
    """Collect the directions of the segments, and of the jumps between them."""
    moves = {s.direction for s in seen.segments}
    for s, after in pairwise(seen.segments):
        steps = (seen.f(s.end) - s.right, after.left - seen.f(s.end))
        least = max(seen.scale, 1e-9 * max(1.0, abs(s.right)))
        moves |= {(step > least) - (step < -least) for step in steps}
    return moves


def parity(of: Portrait) -> Fact:
    """Give "odd", "even" or "neither"."""
    f = function(of.activation, 0)
    for word, sign in (("odd", -1.0), ("even", 1.0)):
        pairs = [(f(-x), sign * f(x)) for x in PLACES]
        if all(abs(a - b) <= 1e-9 * max(1.0, abs(b)) for a, b in pairs):
            attempt = of.prove(partial(_mirrored, of.activation, int(sign)))
            if attempt.found:
                return Fact(word, "proved", "algebra")
            return attempt.measured(word, "sampled")
    return Fact("neither", "proved", "counterexample")


def _mirrored(act: Activation, sign: int) -> bool:
    from nonlin import symbolic

    x: Any = symbolic.x()
    parts = proved.pieces(act)
    return all(
        start == -end_ and end == -start_ and (piece - sign * mirror.subs(x, -x)).equals(0)
        for (start, end, piece), (start_, end_, mirror) in zip(parts, reversed(parts), strict=True)
    )


# A unit is saturated where |phi'| is below this share of its supremum.
SATURATED = 0.01


def saturated(of: Portrait) -> Fact:
    """Give where |phi'| is below 1 % of its supremum; nowhere if that is infinite or 0."""
    seen, reach = of.slope, derivative_range(of).value
    level = SATURATED * max(abs(reach.lower), abs(reach.upper))
    if not (0.0 < level < math.inf):
        return seen.fact(())
    found = where(seen.segments, seen.f, (-level, level), lambda y: abs(y) < level)
    return seen.fact(found)


def dead(of: Portrait) -> Fact:
    """Give the intervals on which phi' is 0."""
    seen = of.slope
    found = roots(seen.segments, seen.f, seen.scale)
    return seen.fact(tuple(i for i in found if i.lower < i.upper))


# Formulas whose derivatives agree to this order at a seam are taken to be one formula.
HIGHEST = 8


def continuity(of: Portrait) -> Fact:
    """Give how often phi is continuously differentiable: -1 if it jumps, inf if always."""
    act = of.activation
    attempt = of.prove(lambda: _seams(act))
    if attempt.found is not None:
        return Fact(min(attempt.found.values(), default=math.inf), "proved", "seams")
    _, kinks, jumps = features(act)
    if jumps or kinks:
        return attempt.measured(-1 if jumps else 0, "values")
    bent = act.has_derivative and any(find(act.derivative))
    return attempt.measured(1, "bends" if bent else "at_least")


def not_differentiable(of: Portrait) -> Fact:
    """Give the places where phi has no derivative, ascending."""
    attempt = of.prove(lambda: _seams(of.activation))
    if attempt.found is not None:
        places = tuple(sorted(place for place, order in attempt.found.items() if order < 1))
        return Fact(places, "proved", "seams")
    _, kinks, jumps = features(of.activation)
    return attempt.measured(tuple(sorted(kinks + jumps)), "values")


def _seams(act: Activation) -> dict[float, float]:
    """Compare the derivatives of neighbouring formulas where they meet."""
    return {
        proved.number(end): _order(left, right, end)
        for (_, end, left), (_, _, right) in pairwise(proved.pieces(act))
    }


def _order(left: Any, right: Any, place: Any) -> float:
    import sympy

    from nonlin import symbolic

    x = symbolic.x()
    for order in range(HIGHEST + 1):
        difference = sympy.diff(left - right, x, order).subs(x, place)
        if not difference.equals(0):
            return order - 1
    return math.inf
