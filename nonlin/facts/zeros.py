"""All zeros of a formula on an interval, with proof.

Most activations' derivatives are polynomials in x and t = e^(cx); what is monotone between known
places is told by its signs there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

__all__ = [
    "DIGITS",
    "ExponentialPolynomial",
    "Number",
    "Sign",
    "UnprovedError",
    "ascending",
    "between",
    "read",
    "sign_of",
    "zeros",
]

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
    known = read(g, x)
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
    known = read(g, x)
    if known is not None:
        return known.zeros(start, end)
    import sympy

    def sign(place: Number) -> int:
        if place.is_infinite:
            return int(sympy.sign(sympy.limit(g, x, place)))
        return sign_of(g.subs(x, place), lambda: bool(g.subs(x, place).equals(0)))

    turns = zeros(sympy.diff(g, x), x, start, end, depth + 1)
    return between(sign, [start, *turns, end])
