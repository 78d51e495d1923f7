"""The kernels' formulas in double, line by line as in kernels/; tests/prove compares their bits.

What a kernel does before (its bounds of x) and after (a select, a sign) is not here, and powers of
two that only keep numbers in range are left out: without underflow they change no digit.

Every fast_two_sum here is exact, for its first number is the larger or a multiple of the other's
last place: of `reduced` and `small`, because small is at most r^2 where n = 0, and otherwise below
1/4 while `reduced` is a multiple of 2^-54; of 2^n - 1 and 2^n q, because |q| < 0.42 and 2^n - 1 is
0 or at least 2^n / 2 in size; of 1 + 2^n and 2^n q, of 1 and q, of 1 and t <= 1; of 2 and E,
because E < 2^54.
"""

from __future__ import annotations

from types import SimpleNamespace as Steps
from typing import Any, NamedTuple

from prove.arithmetic import horner
from prove.sources import LN2, TAILS


class Exponential(NamedTuple):
    """e^x = 2^n (1 + high + low); high is the rounded sum of the reduced argument and `small`."""

    high: Any
    low: Any
    r: Any
    small: Any


def correction(n: Any) -> Any:
    return n * -LN2["low"]


def tail(o: Any, name: str, r: Any, r_squared: Any) -> Any:
    even, odd, half = TAILS[name]
    inner = o.fma(r, horner(o, r_squared, even), horner(o, r_squared, odd))
    return o.fma(r, inner, half)


def exact_exp_of(o: Any, reduced: Any, corrected: Any) -> Exponential:
    r = reduced + corrected
    r_squared = r * r
    small = o.fma(r_squared, tail(o, "exponential_tail", r, r_squared), corrected)
    high, low = o.fast_two_sum(reduced, small)
    return Exponential(high, low, r, small)


def exp_of(o: Any, reduced: Any, corrected: Any) -> Exponential:
    r = reduced + corrected
    r_squared = r * r
    small = o.fma(r_squared, tail(o, "short_exponential_tail", r, r_squared), corrected)
    return Exponential(reduced + small, 0, r, small)


def minus_1(o: Any, scale: Any, e: Exponential) -> tuple[Any, Any]:
    """e^x - 1 as a sum of two."""
    high, lost = o.fast_two_sum(scale - 1, o.scaled(e.high, scale))
    return high, o.scaled(e.low, scale) + lost


def plus_1(o: Any, e: Exponential) -> tuple[Any, Any]:
    """1 + high + low as a sum of two."""
    power, lost = o.fast_two_sum(1, e.high)
    return power, lost + e.low


def product(o: Any, alpha: Any, high: Any, low: Any) -> Steps:
    """alpha (high + low), for ELU and its slope."""
    rest = alpha * low
    if o.fused:
        result = o.last(alpha, high, rest)
    else:
        rounded = alpha * high
        lost = o.product_error(alpha, high, rounded) + rest
        result = o.last_sum(rounded, lost)
    return Steps(**locals())


def denominator(o: Any, scale: Any, e: Exponential) -> tuple[Any, Any]:
    """1 + e^-x as a sum of two, the second not rounded yet; e^-x = scale (1 + high)."""
    whole = 1 + scale
    whole_low = 1 - (whole - scale)
    total, lost = o.fast_two_sum(whole, o.scaled(e.high, scale))
    return total, lost + whole_low


def logistic(o: Any, total: Any, total_low: Any) -> Steps:
    """A denominator's reciprocal."""
    quotient = 1 / total
    left = o.left_over(total, quotient, 1)
    error = o.nfma(total_low, quotient, left)
    result = o.last(quotient, error, quotient)
    return Steps(**locals())


def bell(o: Any, t: Any, t_low: Any, unit: Any) -> Steps:
    """t / (1 + t unit)^2, t unit at most 1."""
    total, total_lost = o.fast_two_sum(1, o.scaled(t, unit))
    total_low = o.scaled(t_low, unit) + total_lost
    square = total * total
    square_lost = o.product_error(total, total, square)
    twice = o.scaled(total, 2)
    square_low = o.fma(twice, total_low, square_lost)
    return Steps(**vars(corrected(o, t, t_low, square, square_low)), **locals())


def by_expm1(o: Any, e_high: Any, e_low: Any, two: Any = 2, unit: Any = 1) -> Steps:
    """E / (E unit + two) for E = e_high + e_low."""
    total, lost = o.fast_two_sum(two, o.scaled(e_high, unit))
    total_low = o.scaled(e_low, unit) + lost
    return Steps(**vars(corrected(o, e_high, e_low, total, total_low)), **locals())


def corrected(o: Any, high: Any, low: Any, divisor: Any, divisor_low: Any) -> Steps:
    """(high + low) / (divisor + divisor_low): one Newton step on the quotient of the high parts."""
    inverse = 1 / divisor
    quotient = high * inverse
    left = o.left_over(quotient, divisor, high)
    part = o.nfma(quotient, divisor_low, low)
    rest = left + part
    result = o.last(rest, inverse, quotient)
    del o
    return Steps(**locals())
