"""The definition in high precision: what the kernels are tested against."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from nonlin.activation import Activation
from nonlin.symbolic.algebra import formula, load_sympy, numbers, pieces, x


@lru_cache(maxsize=128)
def _lambdified(activation: Activation, slope: bool) -> Callable[..., Any]:
    sympy = load_sympy()
    symbols = [sympy.Symbol(name, real=True) for name in numbers(activation)]
    expression = formula(activation, slope, bound=False)
    modules = [{"erfc": _erfc}, "mpmath"]
    return sympy.lambdify((x(), *symbols), expression, modules=modules)  # type: ignore[no-any-return]


def _erfc(z: Any) -> Any:
    """1 - erf(z); so far out that mpmath's overflows, the first term of its asymptotic series.

    What that leaves out is 1 / (2 z^2) of it.
    """
    import mpmath

    if z > mpmath.ldexp(1, 256):
        return mpmath.exp(-z * z) / (z * mpmath.sqrt(mpmath.pi))
    return mpmath.erfc(z)


def oracle(activation: Activation, derivative: bool = False) -> Callable[[Any], Any]:
    """Return the definition, or its derivative, as a function of mpmath numbers, to 40 digits.

    Parameters have the values of their floating-point numbers: 0.01 is the double nearest to it.
    The working precision starts where terms as small as e^(-x^2) or x^4 still count beside 1 and
    doubles until two evaluations agree to 2^-140, so no cancellation is left in the result.
    Infinite arguments give the limit, NaN where there is none, and NaN gives NaN.

    Examples
    --------
    >>> import nonlin as nl
    >>> print(oracle(nl.tanh, derivative=True)(30))
    3.50260430507861e-26
    """
    import mpmath

    function = _lambdified(activation, derivative)
    with mpmath.workprec(192):
        parameters = [mpmath.mpf(value) for value in numbers(activation).values()]

    def evaluate(z: Any) -> Any:
        point = mpmath.mpf(z)
        if not mpmath.isfinite(point):
            return _at_infinity(activation, derivative, point)
        previous, precision = None, _first_precision(point)
        while precision <= 1 << 16:
            with mpmath.workprec(precision):
                try:
                    y = mpmath.mpf(function(point, *parameters))
                except ZeroDivisionError:
                    # What vanishes beside 1 is in a denominator: with more digits, or as far out.
                    if precision >= 1 << 14:
                        return _at_infinity(activation, derivative, point * mpmath.inf)
                    precision = 2 * precision
                    continue
                settled = previous is not None and abs(y - previous) <= abs(y) * 2.0**-140
                if settled and (y != 0 or precision >= 4096):
                    return y
                # The second evaluation only confirms the first.
                precision = precision + 128 if previous is None else 2 * precision
                previous = y
        raise ArithmeticError(f"{activation!r} did not settle at {point}")

    return evaluate


def _first_precision(point: Any) -> int:
    """Bits enough for e^-x, e^(-x^2) and x^3 beside 1 where a double can tell them from 0."""
    import mpmath

    magnitude = float(min(abs(point), 1e3))
    _, exponent = mpmath.frexp(point)
    linear = 3 * magnitude if magnitude < 800 else 0
    square = 1.5 * magnitude**2 if magnitude < 40 else 0
    return int(192 + 3 * abs(int(exponent)) + linear + square)


def _at_infinity(activation: Activation, slope: bool, point: Any) -> Any:
    import mpmath

    if mpmath.isnan(point):
        return point
    sympy = load_sympy()
    parts = pieces(formula(activation, slope, bound=True))
    part, end = (parts[-1], sympy.oo) if point > 0 else (parts[0], -sympy.oo)
    limit = sympy.limit(part[2], x(), end)
    if not limit.is_number:  # an oscillation has bounds, and no limit
        return mpmath.nan
    if limit.is_infinite:
        return mpmath.inf if limit > 0 else -mpmath.inf
    with mpmath.workprec(192):
        return mpmath.mpf(limit.p) / limit.q if limit.is_Rational else mpmath.mpf(limit.evalf(60))
