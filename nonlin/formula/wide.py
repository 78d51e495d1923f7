"""Numbers m 2^e whose exponent does not overflow, so that exp(1000) is a number on the way to one.

A formula such as x tanh(log(1 + exp(x))) is finite where one of its parts is not. Its parts are
computed as pairs of a float64 m, 1/2 <= |m| < 1, and a whole number e, as arrays.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

# ln 2 in two parts, of which the first times a whole number up to 2^20 is exact.
LN2_HIGH, LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
LN2 = LN2_HIGH + LN2_LOW
# The exponent of 0; beyond the largest one a number is infinite, as exponents themselves end.
NOTHING, LARGEST = -1e300, 1e300


class Wide:
    """An array of m 2^e."""

    __slots__ = ("e", "m")

    def __init__(self, m: Any, e: Any = 0.0) -> None:
        mantissa, shift = np.frexp(np.asarray(m, dtype=np.float64))
        exponent = np.asarray(e, dtype=np.float64) + shift
        mantissa = np.where(exponent > LARGEST, mantissa * np.inf, mantissa)
        self.m = np.where(exponent < NOTHING, 0.0 * mantissa, mantissa)
        gone = (self.m == 0.0) | ~np.isfinite(self.m)
        self.e = np.where(gone, np.where(self.m == 0.0, NOTHING, 0.0), exponent)

    def number(self) -> Any:
        """Give it as float64."""
        return np.ldexp(self.m, np.clip(self.e, -3000.0, 3000.0).astype(np.int64))

    def __add__(self, other: Wide) -> Wide:
        top = np.maximum(self.e, other.e)
        down = [np.maximum(w.e - top, -2000.0).astype(np.int64) for w in (self, other)]
        return Wide(np.ldexp(self.m, down[0]) + np.ldexp(other.m, down[1]), top)

    def __neg__(self) -> Wide:
        return self * Wide(-1.0)

    def __sub__(self, other: Wide) -> Wide:
        return self + -other

    def __mul__(self, other: Wide) -> Wide:
        return Wide(self.m * other.m, self.e + other.e)

    def __truediv__(self, other: Wide) -> Wide:
        return Wide(self.m / other.m, self.e - other.e)

    def power(self, exponent: float) -> Wide:
        """Raise to a constant power."""
        direct = np.power(self.number(), exponent)
        usual = (np.abs(direct) < 1e300) & (np.abs(direct) > 1e-300)
        whole = np.floor(self.e * exponent)
        rest = np.where(self.m == 0.0, 0.0, self.e * exponent - whole)
        raised = np.where(self.m == 0.0, 0.0**exponent if exponent >= 0 else np.inf, 1.0)
        powers = np.power(np.where(self.m == 0.0, 1.0, self.m), exponent) * np.exp2(rest)
        far = Wide(np.where(self.m == 0.0, raised, powers), np.where(self.m == 0.0, 0.0, whole))
        return chosen(usual, Wide(np.where(usual, direct, 1.0)), far)


def chosen(condition: Any, yes: Wide, no: Wide) -> Wide:
    """Take `yes` where the condition holds, else `no`."""
    made = Wide(0.0)
    made.m, made.e = np.where(condition, yes.m, no.m), np.where(condition, yes.e, no.e)
    return made


def exp(w: Wide) -> Wide:
    """e^w: the whole part of w / ln 2 is the exponent."""
    u = w.number()
    k = np.where(np.isfinite(u), np.floor(u / LN2), 0.0)
    rest = np.clip((u - k * LN2_HIGH) - k * LN2_LOW, -1.0, 1.0)
    return Wide(np.where(np.isfinite(u), np.exp(rest), np.exp(u)), k)


def log(w: Wide) -> Wide:
    """The natural logarithm."""
    usual = np.abs(w.e) < 1000.0
    near = np.log(np.where(usual, w.number(), 1.0))
    return Wide(np.where(usual, near, np.log(w.m) + w.e * LN2))


def log1p(w: Wide) -> Wide:
    """log(1 + w)."""
    return chosen(w.e > 60.0, log(w), Wide(np.log1p(np.where(w.e > 60.0, 1.0, w.number()))))


def expm1(w: Wide) -> Wide:
    """e^w - 1."""
    u = w.number()
    return chosen(u > 40.0, exp(w), Wide(np.expm1(np.minimum(u, 50.0))))


def sinh(w: Wide) -> Wide:
    """(e^w - e^-w) / 2."""
    u = w.number()
    far = (exp(w) - exp(-w)) * Wide(0.5)
    return chosen(np.abs(u) > 20.0, far, Wide(np.sinh(np.clip(u, -30.0, 30.0))))


def cosh(w: Wide) -> Wide:
    """(e^w + e^-w) / 2."""
    return (exp(w) + exp(-w)) * Wide(0.5)


def asinh(w: Wide) -> Wide:
    """log(w + sqrt(w^2 + 1)), odd."""
    far = log(Wide(2.0 * np.abs(w.m), w.e)) * Wide(np.sign(w.m))
    return chosen(w.e > 500.0, far, Wide(np.arcsinh(np.where(w.e > 500.0, 1.0, w.number()))))


def by_numbers(f: Callable[..., Any]) -> Callable[[Wide], Wide]:
    """Make a function of float64 one of wide numbers."""
    return lambda w: Wide(f(w.number()))
