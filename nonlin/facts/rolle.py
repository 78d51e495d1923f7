"""All zeros of a formula on an interval, with proof.

Between two neighbouring zeros of g' the function g is monotone and has at most one zero, which its
signs at both of them tell: so the zeros of g' list those of g (Rolle). The chain g, g', g'', ...
ends at a factor whose sign is known, or at a polynomial, whose real roots can be counted (Sturm).
"""

from __future__ import annotations

from typing import Any

from nonlin.facts import exponential_polynomials
from nonlin.facts.signs import DIGITS, Number, UnprovedError, ascending, between, sign_of

__all__ = ["DIGITS", "UnprovedError", "zeros"]

DEPTH = 6


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
