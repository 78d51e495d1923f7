"""How far the polynomials of the kernels are from the functions that they stand for.

Everything here is a rational number. With T the Taylor polynomial of e^r of degree 20, the rest of
the series is below |r|^21 / 21! e^|r|; the difference of two polynomials on an interval is bounded
by the sum of its absolute coefficients about the middle.
"""

from __future__ import annotations

import functools
from fractions import Fraction
from math import comb, factorial

from prove.sources import TAILS

DEGREE = 20
Interval = tuple[Fraction, Fraction]


@functools.cache
def difference(name: str) -> tuple[Fraction, ...]:
    """The coefficients of (r^2 P(r) - (T(r) - 1 - r)) / r^2."""
    even, odd, half = TAILS[name]
    coefficients = [Fraction(0)] * (DEGREE - 1)
    coefficients[0] = Fraction(half)
    for k, number in enumerate(odd):
        coefficients[2 * k + 1] = Fraction(number)
    for k, number in enumerate(even):
        coefficients[2 * k + 2] = Fraction(number)
    return tuple(c - Fraction(1, factorial(k + 2)) for k, c in enumerate(coefficients))


def about(polynomial: tuple[Fraction, ...], middle: Fraction) -> list[Fraction]:
    """The coefficients about another point."""
    powers = [Fraction(1)]
    for _ in polynomial:
        powers.append(powers[-1] * middle)
    return [
        sum(
            (comb(k, j) * polynomial[k] * powers[k - j] for k in range(j, len(polynomial))),
            Fraction(0),
        )
        for j in range(len(polynomial))
    ]


def relative_to_square(name: str, interval: Interval, parts: int = 4) -> Fraction:
    """A bound of |r^2 P(r) - (e^r - 1 - r)| / r^2 on an interval within [-1/2, 1/2]."""
    lower, upper = interval
    radius = (upper - lower) / (2 * parts)
    largest = Fraction(0)
    for part in range(parts):
        middle = lower + (2 * part + 1) * radius
        coarse = Fraction(round(middle * 2**40), 2**40)
        reach = radius + abs(middle - coarse)
        shifted = about(difference(name), coarse)
        largest = max(largest, sum((abs(c) * reach**k for k, c in enumerate(shifted)), Fraction(0)))
    size = max(abs(lower), abs(upper))
    return largest + 2 * size ** (DEGREE - 1) / factorial(DEGREE + 1)


def error_of_tail(name: str, interval: Interval) -> Fraction:
    """A bound of |r^2 P(r) - (e^r - 1 - r)| on an interval."""
    return relative_to_square(name, interval) * max(abs(interval[0]), abs(interval[1])) ** 2
