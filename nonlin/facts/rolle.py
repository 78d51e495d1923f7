"""All zeros of a formula on an interval, with proof.

Between two neighbouring zeros of g' the function g is monotone and has at most one zero, which its
signs at both of them tell: so the zeros of g' list those of g (Rolle). The chain g, g', g'', ...
ends at a factor whose sign is known, or at a polynomial, whose real roots can be counted (Sturm).
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from nonlin.facts import exponential_polynomials

__all__ = ["DIGITS", "UnprovedError", "zeros"]

Number = Any
Sign = Callable[[Number], int]

DEPTH = 6
DIGITS = 50


class UnprovedError(Exception):
    """The zeros could not be listed."""


def zeros(g: Any, x: Any, start: Number, end: Number, depth: int = 0) -> list[Number]:
    """List the zeros of `g` in the open interval from `start` to `end`, ascending.

    Parameters
    ----------
    g : sympy.Expr
        Smooth there, and not 0 throughout.
    x : sympy.Symbol
    start, end : sympy.Expr
        Numbers or infinities.

    Returns
    -------
    list of sympy.Expr
        Exact, or to 33 digits.

    Raises
    ------
    UnprovedError
        If the chain of derivatives does not end, or a sign cannot be told.

    Examples
    --------
    >>> from sympy import Symbol, exp, oo
    >>> x = Symbol("x", real=True)
    >>> [round(float(zero), 12) for zero in zeros(exp(x) - x - 2, x, -oo, oo)]
    [-1.841405660437, 1.146193220621]
    """
    import sympy

    if depth > DEPTH:
        raise UnprovedError(f"the zeros of {g} could not be listed")
    known = exponential_polynomials.read(g, x)
    if known is not None:
        return known.zeros(start, end)
    found: list[Number] = []
    for factor in sympy.Mul.make_args(_product(g)):
        power = factor.exp if factor.is_Pow else sympy.Integer(1)
        if factor.is_nonzero or not factor.has(x) or power.is_negative:
            continue
        base = factor.base if factor.is_Pow and power.is_positive else factor
        found += _factor(base, x, start, end, depth)
    return ascending(found)


def _product(g: Any) -> Any:
    import sympy

    # An error function stays apart: its derivative is elementary, that of its multiple is not. A
    # root keeps its denominator for the same reason.
    if g.has(sympy.erf):
        return g
    rooted = any(not power.exp.is_Integer for power in g.atoms(sympy.Pow) if power.exp.is_Rational)
    return sympy.simplify(g) if rooted else sympy.factor(sympy.simplify(g))


def _factor(g: Any, x: Any, start: Number, end: Number, depth: int) -> list[Number]:
    known = exponential_polynomials.read(g, x)
    if known is not None:
        return known.zeros(start, end)
    import sympy

    def sign(place: Number) -> int:
        if place.is_infinite:
            return int(sympy.sign(sympy.limit(g, x, place)))
        return sign_of(g.subs(x, place), lambda: bool(g.subs(x, place).equals(0)))

    turns = zeros(sympy.diff(g, x), x, start, end, depth + 1)
    return between(sign, [start, *turns, end])


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
