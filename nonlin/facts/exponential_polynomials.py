"""Zeros of polynomials in x and t = e^(cx), which is what most activations' derivatives are.

For P = sum_k p_k(x) t^k the chain of derivatives of `nonlin.facts.rolle` always ends: each
lowers the degree of p_0, and once that is gone t^k is divided out, which has no zeros. The sign at
an end of the line is that of the leading term of the highest or lowest p_k.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from nonlin.facts.signs import DIGITS, Number, ascending, between, sign_of

__all__ = ["ExponentialPolynomial", "read"]


@dataclass(frozen=True)
class ExponentialPolynomial:
    """The polynomials in x and t whose product has the zeros that are sought."""

    factors: tuple[Any, ...]
    rate: Number

    def zeros(self, start: Number, end: Number) -> list[Number]:
        """List the zeros in the open interval, ascending."""
        found = [zero for factor in self.factors for zero in self._of(factor, start, end)]
        return ascending([zero for zero in found if start < zero < end])

    def _of(self, p: Any, start: Number, end: Number) -> list[Number]:
        import sympy

        x, t = p.gens
        if p.degree(t) == 0:
            return [] if p.degree(x) == 0 else list(sympy.real_roots(p.as_expr(), x))
        if p.degree(x) == 0:
            roots = sympy.real_roots(p.as_expr(), t)
            return [sympy.log(root) / self.rate for root in roots if root > 0]
        turns = _split(p.diff(x) + self.rate * t * p.diff(t), self.rate).zeros(start, end)
        return between(lambda place: self._sign(p, place), [start, *turns, end])

    def _sign(self, p: Any, place: Number) -> int:
        import sympy

        x, t = p.gens
        if place.is_infinite:
            by_t = sympy.Poly(p.as_expr(), t)
            last = by_t.LC() if (place > 0) == (self.rate > 0) else by_t.nth(0)
            leading = sympy.Poly(last, x)
            odd = place < 0 and leading.degree() % 2
            return int(sympy.sign(leading.LC())) * (-1 if odd else 1)
        if place.has(sympy.Float):
            return sign_of(_value(p, self.rate, place), lambda: False)
        value = p.as_expr().subs({x: place, t: sympy.exp(self.rate * place)})
        return sign_of(value, lambda: bool(sympy.simplify(value) == 0))


def read(g: Any, x: Any) -> ExponentialPolynomial | None:
    """Read `g` as a quotient of polynomials in x and e^(cx) whose denominator has no zeros.

    Examples
    --------
    >>> from sympy import Symbol, exp, oo
    >>> x = Symbol("x", real=True)
    >>> read(exp(x) - 2, x).zeros(-oo, oo)
    [log(2)]
    """
    import sympy

    t = sympy.Symbol("t", positive=True)
    rewritten = sympy.expand_power_exp(g.rewrite(sympy.exp)) if g.has(sympy.tanh) else g
    powers = {power: power.exp / x for power in rewritten.atoms(sympy.exp)}
    if not all(rate.is_Rational for rate in powers.values()):
        return None
    rate = sympy.Rational(1, sympy.ilcm(1, 1, *(rate.q for rate in powers.values())))
    in_t = rewritten.xreplace({power: t ** (each / rate) for power, each in powers.items()})
    numerator, denominator = sympy.fraction(sympy.together(in_t))
    if not (numerator.is_polynomial(x, t) and denominator.is_nonzero):
        return None
    p = sympy.Poly(numerator, x, t)
    # Only where the coefficients are rational can roots be counted.
    return _split(p, rate) if p.domain in (sympy.ZZ, sympy.QQ) else None


def _value(p: Any, rate: Number, place: Number) -> Number:
    import mpmath
    import sympy

    with mpmath.workdps(DIGITS + 10):
        point = mpmath.mpf(place)
        value = _compiled(p)(point, mpmath.exp(mpmath.mpf(rate.p) / rate.q * point))
    return sympy.Float(value, DIGITS)


@lru_cache(maxsize=64)
def _compiled(p: Any) -> Any:
    import sympy

    return sympy.lambdify(p.gens, sympy.horner(p.as_expr()), modules="mpmath")


def _split(p: Any, rate: Number) -> ExponentialPolynomial:
    _, factors = p.factor_list()
    t = p.gens[1]
    return ExponentialPolynomial(
        tuple(factor for factor, _ in factors if factor.as_expr() != t), rate
    )
