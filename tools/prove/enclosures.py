"""Intervals of mpmath, and their ends as rational numbers."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from mpmath import iv

iv.prec = 200
Interval = tuple[Fraction, Fraction]

__all__ = ["Interval", "enclosed", "ends", "iv"]


def rational(x: Any) -> Fraction:
    """An end of an mpmath interval, a number of its own type, as it is."""
    sign, mantissa, exponent, _ = x
    return Fraction((-1) ** sign * int(mantissa)) * Fraction(2) ** exponent


def enclosed(lower: Fraction, upper: Fraction) -> Any:
    """The interval between two rational numbers, rounded outward."""
    low = iv.mpf(lower.numerator) / lower.denominator
    high = iv.mpf(upper.numerator) / upper.denominator
    return iv.mpf([low.a, high.b])


def ends(x: Any) -> Interval:
    return rational(x._mpi_[0]), rational(x._mpi_[1])
