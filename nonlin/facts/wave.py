"""Facts of a line and a wave, x + c sin(a x)^2, which turns or bends without end.

Its derivative is 1 + A sin(2 a x), A = a c; for |A| <= 1 it rises everywhere, and else turns with
each wave. Of places that come back with each wave those of the one around 0 are listed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from nonlin.activation import Activation
from nonlin.facts.fact import Fact, Interval, Rounding, UndefinedError
from nonlin.facts.portrait import Portrait
from nonlin.facts.rounding import DTYPES
from nonlin.facts.segments import Inverse, Segment, roots
from nonlin.facts.shape import SATURATED

__all__ = ["with_waves"]

Finder = Callable[[Portrait], Fact]
# Half of the last place of the largest number of float16.
HALF_UNIT = 16.0
EVERYWHERE = Interval(-math.inf, math.inf, False, False)


def with_waves(name: str, finder: Finder) -> Finder:
    """Let a fact be read off the wave where the function is one, else found as of any other."""

    def find(of: Portrait) -> Fact:
        known = of.prove(lambda: _facts(of.activation)).found if name in FOUND else None
        if known is not None:
            return Fact(known[name], "proved", "wave")
        try:
            return finder(of)
        except UndefinedError:
            # Of some waves not all turns can be followed, which tell where others are rounded.
            none = of.prove(lambda: _unrounded(of.activation)).found
            if name != "rounding" or none is None:
                raise
            return Fact(none, "proved", "wave")

    return find


FOUND = (
    "range", "limits", "monotone", "convex", "zeros", "fixed_points", "derivative_range",
    "lipschitz", "steepest", "saturated", "dead", "inverse",
)  # fmt: skip


def _facts(act: Activation) -> dict[str, Any] | None:
    found = _read(act)
    if found is None:
        return None
    a, height = found
    # Where sin(2 a x) is 1 times the sign of A.
    crest = math.copysign(0.25 * math.pi / a, height)
    rises = abs(height) <= 1.0
    return {
        "range": EVERYWHERE,
        "limits": (-math.inf, math.inf),
        "monotone": "increasing" if rises else "neither",
        "convex": "neither",
        "zeros": (Interval(0.0, 0.0),) if rises else _zeros(act, a, height),
        "fixed_points": (Interval(0.0, 0.0),),
        "derivative_range": Interval(1.0 - abs(height), 1.0 + abs(height)),
        "lipschitz": 1.0 + abs(height),
        "steepest": (Interval(crest, crest),),
        "saturated": _saturated(crest, 2.0 * abs(a), abs(height)),
        "dead": (),
        "inverse": Inverse(act, EVERYWHERE, None, True) if rises else None,
    }


def _unrounded(act: Activation) -> dict[str, Rounding] | None:
    """Tell that no dtype settles, overflows or loses the slope: the largest x loses the wave."""
    found = _read(act)
    if found is None or abs(found[1] / found[0]) >= HALF_UNIT:
        return None
    names = [*(np.dtype(dtype).name for dtype in DTYPES), *(["bfloat16"] if act.record else [])]
    return {name: Rounding(None, None, None, None, None, None) for name in names}


def _saturated(crest: float, rate: float, size: float) -> tuple[Interval, ...]:
    """Give where |1 - size cos(rate (x + crest))| is below its share of 1 + size."""
    level = SATURATED * (1.0 + size)
    if level + size <= 1.0:
        return ()
    outer = math.acos((1.0 - level) / size) / rate
    if 1.0 + level > size:
        return (Interval(-crest - outer, -crest + outer, False, False),)
    inner = math.acos((1.0 + level) / size) / rate
    sides = ((-outer, -inner), (inner, outer))
    return tuple(Interval(x - crest, y - crest, False, False) for x, y in sides)


def _zeros(act: Activation, a: float, height: float) -> tuple[Interval, ...]:
    """Give the zeros, none of which is farther than the wave is high: between the turns one each.

    The turns are where sin(2 a x) = -1 / A.
    """
    reach, period, first = abs(height / a), math.pi / abs(a), math.asin(-1.0 / height) / (2.0 * a)
    count = math.ceil(reach / period) + 2
    starts = (first, math.pi / (2.0 * a) - first)
    turns = sorted(x + k * period for x in starts for k in range(-count, count + 1))
    heights = [float(act(x)) for x in turns]
    cuts = [
        Segment(*ends, *values)
        for ends, values in zip(pairwise(turns), pairwise(heights), strict=True)
    ]
    return roots(tuple(cuts), lambda x: float(act(x)))


def _read(act: Activation) -> tuple[float, float] | None:
    """Give a and A of x + c sin(a x)^2; None where it is another function."""
    import sympy

    from nonlin import symbolic

    x = symbolic.x()
    a, c = (sympy.Wild(name, exclude=[x, 0]) for name in "ac")
    definition = symbolic.definition(act)
    if not definition.has(sympy.sin):
        return None
    found = (definition - x).match(c * sympy.sin(a * x) ** 2)
    if found is None:
        return None
    return float(found[a]), float(found[a] * found[c])
