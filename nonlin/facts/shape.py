"""The shape of a curve: monotone, convex, odd or even."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import Any

from nonlin.activation import Activation
from nonlin.facts import proved
from nonlin.facts.extent import jumps
from nonlin.facts.fact import Fact
from nonlin.facts.portrait import Portrait, View
from nonlin.facts.segments import function

__all__ = ["convex", "monotone", "parity"]

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
