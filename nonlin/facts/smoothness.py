"""How smooth a function is, and where it is not."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

from nonlin.activation import Activation
from nonlin.facts import proved
from nonlin.facts.fact import Fact
from nonlin.facts.portrait import prove
from nonlin.propagation.kinks import find
from nonlin.propagation.mesh import features

__all__ = ["continuity", "not_differentiable"]

# Formulas whose derivatives agree to this order at a seam are taken to be one formula.
HIGHEST = 8


def continuity(act: Activation) -> Fact:
    """Give how often phi is continuously differentiable: -1 if it jumps, inf if always."""
    orders = prove(act, lambda: _seams(act))
    if orders is not None:
        return Fact(min(orders.values(), default=math.inf), "proved", "seams")
    _, kinks, jumps = features(act)
    if jumps or kinks:
        return Fact(-1 if jumps else 0, "measured", "values")
    given = act._source is not None and act._source[1] is not None
    bent = given and any(find(act.derivative))
    return Fact(1, "measured", "bends" if bent else "at_least")


def not_differentiable(act: Activation) -> Fact:
    """Give the places where phi has no derivative, ascending."""
    orders = prove(act, lambda: _seams(act))
    if orders is not None:
        places = tuple(sorted(place for place, order in orders.items() if order < 1))
        return Fact(places, "proved", "seams")
    _, kinks, jumps = features(act)
    return Fact(tuple(sorted(kinks + jumps)), "measured", "values")


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
