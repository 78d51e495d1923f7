"""Where a function hardly moves: saturated and dead regions."""

from __future__ import annotations

import math

from nonlin.facts.extent import derivative_range
from nonlin.facts.fact import Fact
from nonlin.facts.portrait import Portrait
from nonlin.facts.segments import roots, where

__all__ = ["SATURATED", "dead", "saturated"]

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
