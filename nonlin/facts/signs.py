"""Zeros of what is monotone between known places, told by its signs there; exact numbers."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

__all__ = ["DIGITS", "Number", "Sign", "UnprovedError", "ascending", "between", "sign_of"]

Number = Any
Sign = Callable[[Number], int]

DIGITS = 50


class UnprovedError(Exception):
    """The zeros could not be listed."""


def between(sign: Sign, places: list[Number]) -> list[Number]:
    """List the zeros of a function that is monotone between `places`, the first and last excluded.

    A limit of 0 at an infinite end has the sign 0: what is monotone towards 0 does not pass it.
    """
    signs = [sign(place) for place in places]
    found = [place for place, s in list(zip(places, signs, strict=True))[1:-1] if s == 0]
    steps = zip(pairwise(places), pairwise(signs), strict=True)
    found += [_root(sign, *ends, before) for ends, (before, after) in steps if before * after < 0]
    return ascending(found)


def _root(sign: Sign, low: Number, high: Number, before: int) -> Number:
    """Halve until 33 digits are known."""
    import sympy

    def towards(finite: Number, side: int) -> Number:
        step = sympy.Integer(1)
        while sign(finite + side * step) == sign(finite):
            step *= 2
        return finite + side * step

    if low.is_infinite and high.is_infinite:
        middle = sympy.Integer(0)
        if sign(middle) == 0:
            return middle
        low, high = (low, middle) if sign(middle) != before else (middle, high)
    low = towards(high, -1) if low.is_infinite else low
    high = towards(low, 1) if high.is_infinite else high
    while (high - low).evalf() > 1e-33 * max(1.0, abs(low.evalf())):
        middle = ((low + high) / 2).evalf(DIGITS)
        found = sign(middle)
        if found == 0:
            return middle
        low, high = (middle, high) if found == before else (low, middle)
    return ((low + high) / 2).evalf(DIGITS)


def sign_of(value: Any, is_zero: Callable[[], bool]) -> int:
    """Tell the sign of a number, which is 0 only where `is_zero` proves it."""
    import sympy

    digits = value.evalf(DIGITS)
    if abs(digits) > sympy.Float(10) ** (8 - DIGITS):
        return 1 if digits > 0 else -1
    if value == 0 or is_zero():
        return 0
    raise UnprovedError(f"{value} may be 0")


def ascending(numbers: list[Number]) -> list[Number]:
    """Sort, and keep one of those that are equal."""
    kept: list[Number] = []
    for number in sorted(numbers, key=lambda r: r.evalf(DIGITS)):
        if not kept or abs((number - kept[-1]).evalf(DIGITS)) > 1e-30:
            kept.append(number)
    return kept
