"""How smooth a function is, and where it is not."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

from nonlin.activation import Activation
from nonlin.facts import proved
from nonlin.facts.fact import Fact
from nonlin.facts.portrait import Portrait
from nonlin.propagation.kinks import find
from nonlin.propagation.mesh import features

__all__ = ["continuity", "not_differentiable"]

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
