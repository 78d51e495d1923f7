"""Where each dtype leaves the exact function: rounds it to its limits, overflows, underflows."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nonlin.activation import Activation
from nonlin.facts.fact import Fact, Rounding
from nonlin.facts.portrait import Portrait, View

__all__ = ["DTYPES", "SECTION", "Threshold", "first", "first_bfloat16", "rounding", "to_bfloat16"]

Floats = NDArray[np.float64]

DIGITS = 8  # bits of the significand, the leading one included
LEAST = -133  # the smallest positive number is 2^-133
INFINITY = 0x7F80  # a float32's upper half, and all finite ones lie below


def to_bfloat16(y: Floats) -> Floats:
    """Round to the nearest bfloat16, ties to even.

    Examples
    --------
    >>> to_bfloat16(np.array([1.0 + 2.0**-8, 1.0 + 3 * 2.0**-8, 1e-42, 3.4e38])).tolist()
    [1.0, 1.015625, 0.0, inf]
    """
    with np.errstate(all="ignore"):
        step = np.ldexp(1.0, np.maximum(np.frexp(y)[1] - DIGITS, LEAST))
        near = np.rint(y / step) * step
    return np.asarray(np.where(np.abs(near) >= 2.0**128, np.copysign(np.inf, near), near))


def first_bfloat16(
    holds: Callable[[Floats], NDArray[np.bool_]], side: int, start: float
) -> float | None:
    """Find the smallest |x| >= start from which a condition holds throughout; None if none."""
    bits = np.arange(INFINITY, dtype=np.uint32) << 16
    x = bits.view(np.float32).astype(np.float64)
    x = x[x >= abs(start)]
    failing = np.flatnonzero(~holds(side * x))
    place = int(failing[-1]) + 1 if failing.size else 0
    return side * float(x[place]) if place < len(x) else None


DTYPES = (np.float16, np.float32, np.float64)
# A section asks for this many inputs at once; eight sections narrow 2^64 inputs down to one.
SECTION = 256

Condition = Callable[[NDArray[Any]], NDArray[np.bool_]]


@dataclass(frozen=True)
class Threshold:
    """The smallest |x| on one side from which a condition holds; `n` inputs were tried."""

    x: float
    n: int


def first(condition: Condition, dtype: Any, side: int, start: float = 0.0) -> Threshold | None:
    """Find the smallest |x| >= start from which a condition holds; None if it never does.

    Floating-point numbers of one sign are ordered as their bits are, so that sections of the bits
    find the place.

    Raises
    ------
    ArithmeticError
        If an input beyond the place does not meet the condition.
    """
    bits = np.dtype(f"u{np.dtype(dtype).itemsize}")
    below = int(np.asarray(abs(start), dtype=dtype).view(bits))
    above, tried = int(np.finfo(dtype).max.view(bits)), 0
    while above - below > 1:
        steps = min(SECTION, above - below)
        grid = [below + (above - below) * step // steps for step in range(steps + 1)]
        inputs: NDArray[Any] = np.array(grid, dtype=bits).view(dtype)
        with np.errstate(all="ignore"):
            hits = condition(side * inputs)
        tried += len(grid)
        if not hits[-1]:
            return None
        if not np.array_equal(hits, np.sort(hits)):
            raise ArithmeticError(f"the condition does not hold everywhere beyond, in {dtype}")
        place = int(hits.argmax())
        if place == 0:
            return Threshold(_float(grid[0], bits, dtype, side), tried)
        below, above = grid[place - 1], grid[place]
    return Threshold(_float(above, bits, dtype, side), tried)


def _float(index: int, bits: Any, dtype: Any, side: int) -> float:
    return side * float(np.array(index, dtype=bits).view(dtype))


def rounding(of: Portrait) -> Fact:
    """Give a `Rounding` for each of float16, float32, float64, and bfloat16 of a kernel."""
    act, value, slope = of.activation, of.value, of.slope
    found = {}
    for name in (
        *(np.dtype(dtype).name for dtype in DTYPES),
        *(["bfloat16"] if act.record else []),
    ):
        settles = [_settles(act, value, name, side) for side in (-1, 1)]
        overflows = [_overflows(act, value, name, side) for side in (-1, 1)]
        vanishes = [_vanishes(act, slope, name, side) for side in (-1, 1)]
        found[name] = Rounding(*settles, *overflows, *vanishes)
    return Fact(found, "measured", "bits")


def _settles(act: Activation, seen: View, dtype: str, side: int) -> float | None:
    limit, start = _tail(seen, side)
    if not math.isfinite(limit):
        return None
    near = to_bfloat16(np.array(limit)) if dtype == "bfloat16" else np.array(limit, dtype)
    return _search(act, lambda y: y == near, dtype, side, start)


def _overflows(act: Activation, seen: View, dtype: str, side: int) -> float | None:
    limit, start = _tail(seen, side)
    if not math.isinf(limit):
        return None
    return _search(act, np.isinf, dtype, side, start)


def _vanishes(act: Activation, seen: View, dtype: str, side: int) -> float | None:
    limit, start = _tail(seen, side)
    if not abs(limit) <= seen.scale or not act.has_derivative:
        return None
    return _search(act.derivative, lambda y: y == 0, dtype, side, start)


def _tail(seen: View, side: int) -> tuple[float, float]:
    """Give the limit on one side and where the last turn before it is; NaN if it is attained."""
    last = seen.segments[0 if side < 0 else -1]
    limit, place = (last.left, last.end) if side < 0 else (last.right, last.start)
    if last.direction == 0:
        return math.nan, 0.0
    # One in 10^6 beyond the turn: rounded values may turn a little later.
    beyond = 1.000001 * abs(place) if math.isfinite(place) and place * side > 0 else 0.0
    return limit, beyond


def _search(
    f: Callable[[NDArray[Any]], Any], holds: Condition, dtype: str, side: int, start: float
) -> float | None:
    """Find from where on a condition on the results of `f` holds; None if it never does."""
    if dtype == "bfloat16":
        return first_bfloat16(lambda x: holds(to_bfloat16(f(x))), side, start)
    if start > float(np.finfo(dtype).max):
        return None
    try:
        found = first(lambda x: holds(f(x)), dtype, side, start)
    except ArithmeticError:
        return None
    return None if found is None else found.x
