"""A function cut where it turns: between the cuts it is monotone, so that its ends say it all."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from nonlin.activation import Activation
from nonlin.facts.fact import Interval, union
from nonlin.plain import data

__all__ = [
    "Function",
    "Inverse",
    "Segment",
    "Segments",
    "bisect",
    "extent",
    "function",
    "middle",
    "roots",
    "where",
]

Function = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Segment:
    """An open interval on which a function is monotone, and its limits at both ends from inside."""

    start: float
    end: float
    left: float
    right: float

    @property
    def direction(self) -> int:
        """1 if the function rises, -1 if it falls, 0 if it is constant."""
        return (self.right > self.left) - (self.right < self.left)


Segments = tuple[Segment, ...]


@dataclass(frozen=True)
class Inverse:
    """The function that undoes phi.

    Attributes
    ----------
    activation : Activation
    domain : Interval
        The range of phi.
    formula : str or None
        In y, where SymPy finds one.
    rises : bool
        Whether phi increases.
    given_up : float or None
        Seconds of processor time after which the search for a formula was given up, if it was.
    """

    activation: Activation
    domain: Interval
    formula: str | None
    rises: bool
    given_up: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Give the formula and the domain as plain data."""
        late = {} if self.given_up is None else {"not_found_within": self.given_up}
        return {"formula": self.formula, "domain": data(self.domain), **late}

    def __call__(self, y: float) -> float:
        """Find x with phi(x) = y by bisection.

        Raises
        ------
        ValueError
            If y is outside the range.
        """
        if y not in self.domain:
            raise ValueError(
                f"{y!r} is no value of {self.activation!r}; its range is {self.domain}"
            )
        low, high = self.domain.lower, self.domain.upper
        ends = (low, high) if self.rises else (high, low)
        return bisect(function(self.activation, 0), Segment(-math.inf, math.inf, *ends), y)


def function(act: Activation, order: int) -> Callable[[float], float]:
    """Give phi or phi' as a quiet function of one float."""
    source = (act, act.derivative)[order]
    if act.record is not None:  # the kernels are quiet by themselves
        return lambda x: float(source(x))

    def f(x: float) -> float:
        with np.errstate(all="ignore"):
            return float(source(x))

    return f


def extent(segments: Segments, f: Function, scale: float = 0.0) -> Interval:
    """Find the range of `f`, whose segments these are; closer than `scale` values are one."""
    limits = [limit for s in segments for limit in (s.left, s.right)]
    attained = [_at_end(s, after, f) for s, after in pairwise(segments)]
    attained += [s.left for s in segments if not s.direction]
    lower, upper = min(limits + attained), max(limits + attained)
    return Interval(
        lower,
        upper,
        any(abs(value - lower) <= scale for value in attained),
        any(abs(value - upper) <= scale for value in attained),
    )


def _at_end(segment: Segment, after: Segment, f: Function) -> float:
    """Give the value between two segments: the limit from a side, unless it is none of both."""
    value = f(segment.end)
    for limit in (segment.right, after.left):
        if abs(value - limit) <= 1e-9 * max(1.0, abs(limit)):
            return limit
    return value


def roots(segments: Segments, f: Function, scale: float = 0.0) -> tuple[Interval, ...]:
    """Find where `f`, whose segments these are, is 0: points and whole intervals."""
    found = []
    for s in segments:
        left, right = (0.0 if abs(end) <= scale else end for end in (s.left, s.right))
        if left == right == 0.0 and s.direction == 0:
            found.append(Interval(s.start, s.end, False, False))
        elif left * right < 0.0:
            x = bisect(f, s, 0.0)
            found.append(Interval(x, x))
    for s in segments[:-1]:
        if abs(f(s.end)) <= scale:
            found.append(Interval(s.end, s.end))
    return union(found)


def where(
    segments: Segments, f: Function, levels: Sequence[float], holds: Callable[[float], bool]
) -> tuple[Interval, ...]:
    """Find where a condition on f(x) holds that changes only as f passes one of `levels`."""
    found = []
    for s in segments:
        low, high = min(s.left, s.right), max(s.left, s.right)
        inner = sorted(bisect(f, s, level) for level in levels if low < level < high)
        cuts = [s.start, *inner, s.end]
        for start, end in pairwise(cuts):
            value = s.left if s.direction == 0 else f(middle(start, end))
            if start < end and holds(value):
                found.append(Interval(start, end, False, False))
    points = [Interval(s.end, s.end) for s in segments[:-1] if holds(f(s.end))]
    return union(found + points)


def middle(start: float, end: float) -> float:
    """Give a point between two ends, one or both of which may be infinite."""
    if math.isinf(start) and math.isinf(end):
        return 0.0
    if math.isinf(start):
        return end - max(1.0, abs(end))
    return start + max(1.0, abs(start)) if math.isinf(end) else start + 0.5 * (end - start)


def bisect(f: Function, segment: Segment, level: float) -> float:
    """Find where `f` passes `level` on a segment that does, to neighbouring floats.

    Halving the bits and not the interval takes 64 steps from any start, infinite ones included:
    floats of one sign are ordered as their bits are.
    """
    low, high = _index(segment.start) + 1, _index(segment.end) - 1
    rises = segment.right > segment.left
    while low < high:
        between = (low + high) // 2
        x = _float(between)
        y = f(x)
        if y == level:
            return _tidy(x)
        low, high = (between + 1, high) if (y < level) == rises else (low, between)
    x = _float(low)
    before = _float(low - 1)
    return _tidy(before if abs(f(before) - level) < abs(f(x) - level) else x)


def _tidy(x: float) -> float:
    """Give 0 for what differs from it by rounding: x phi(x) is 0 before x is."""
    return 0.0 if abs(x) < 1e-300 else x


def _index(x: float) -> int:
    (bits,) = struct.unpack("<q", struct.pack("<d", x))
    return int(bits) if bits >= 0 else -(bits & 0x7FFF_FFFF_FFFF_FFFF)


def _float(index: int) -> float:
    bits = index if index >= 0 else -index | (1 << 63)
    (x,) = struct.unpack("<d", struct.pack("<Q", bits))
    return float(x)
