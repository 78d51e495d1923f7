"""What Gappa proved, added up to a bound in ULP of each kernel.

A kernel is a function F of q, e^x = 2^n (1 + q), for each n. On a piece of the reduced argument
core.py bounds |q - Q|; by the mean value theorem F moves by at most that times the largest |F'|
there, which is enclosed in intervals. assembly.py bounds what the kernel's own operations add
before the last rounding. That last rounding adds half a unit of the *exact* value: where the sum of
the other errors is below one unit, a number before rounding that lies beyond a power of two is
rounded to that power or nearer to the exact value.

Where the result is subnormal, the last product rounds once more. There a unit is at least twice as
large as that of the number before: with an error of e units before its rounding, the result is
within 1/2 + (1/2 + e) / 2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from prove.assembly import LOW
from prove.core import NEAR, Piece
from prove.enclosures import enclosed, ends, iv

HALF = Fraction(1, 2)
# From here on the lesser of 1 and 2^n is a number next to nothing, in an interval.
FAR = 60
# An assembly's error is absolute; its exact result is nowhere below an eighth.
RELATIVE = 8

Exact = Callable[[Any], Any]


@dataclass(frozen=True)
class Part:
    """A function of q and its derivative, for one n or many, on the pieces that belong to it."""

    function: Exact
    slope: Exact
    pieces: Iterable[Piece]


def exponent(x: Fraction) -> int:
    """e for 2^e <= x < 2^(e + 1)."""
    e = x.numerator.bit_length() - x.denominator.bit_length()
    return e if Fraction(2) ** e <= x else e - 1


def unit(least: Fraction) -> Fraction:
    """The unit in the last place of the smallest number in an interval."""
    return Fraction(2) ** (exponent(least) - 52)


def around(piece: Piece) -> Any:
    """Where q and Q are."""
    lower, upper = piece.q
    return enclosed(lower - piece.error, upper + piece.error)


def size(x: Any) -> tuple[Fraction, Fraction]:
    lower, upper = ends(x)
    if lower <= 0 <= upper:
        return Fraction(0), max(-lower, upper)
    return min(abs(lower), abs(upper)), max(abs(lower), abs(upper))


def before_rounding(part: Part, added: Fraction) -> Fraction:
    """The largest error in ULP of the exact result, the last rounding left out."""
    worst = Fraction(0)
    for piece in part.pieces:
        q = around(piece)
        least, most = size(part.function(q))
        steepest = size(part.slope(q))[1]
        error = piece.error * steepest + RELATIVE * added * most
        worst = max(worst, error / unit(least))
    return worst


def relative(part: Part, added: Fraction) -> Fraction:
    """The same where a factor moves the result to any place between two powers of two."""
    worst = Fraction(0)
    for piece in part.pieces:
        q = around(piece)
        least, _ = size(part.function(q))
        worst = max(worst, piece.error * size(part.slope(q))[1] / least + RELATIVE * added)
    return worst * 2**53


def two_to(n: int) -> Any:
    return iv.mpf(2) ** n


def negligible() -> Any:
    """2^-|n| for any n from FAR on."""
    return iv.mpf([0, 2.0**-FAR])


def sigmoid(pieces: list[Piece]) -> Iterator[Part]:
    """1 / (1 + 2^n (1 + q)), times 2^n where that is far."""
    for n in range(-53, FAR):
        yield reciprocal(iv.mpf(1), two_to(n), pieces)
    yield reciprocal(negligible(), iv.mpf(1), pieces)


def reciprocal(one: Any, s: Any, pieces: list[Piece]) -> Part:
    def function(q: Any) -> Any:
        return 1 / (one + s * (1 + q))

    def slope(q: Any) -> Any:
        return s / (one + s * (1 + q)) ** 2

    return Part(function, slope, pieces)


def bell(pieces: list[Piece]) -> Iterator[Part]:
    """t / (1 + t)^2 / 2^n, t = 2^n (1 + q), n <= 0."""
    left = [piece for piece in pieces if piece.lower < 0]
    for n in range(1 - FAR, 1):
        yield rescaled_bell(two_to(n), pieces if n else left)
    yield rescaled_bell(negligible(), pieces)


def rescaled_bell(s: Any, pieces: list[Piece]) -> Part:
    def function(q: Any) -> Any:
        return (1 + q) / (1 + s * (1 + q)) ** 2

    def slope(q: Any) -> Any:
        return (1 - s * (1 + q)) / (1 + s * (1 + q)) ** 3

    return Part(function, slope, pieces)


def tanh(pieces: list[Piece], for_zero: list[Piece], last: int) -> Iterator[Part]:
    """E / (E + 2), E = 2^n (1 + q) - 1, n >= 0; near 0 the result is relative to x."""
    for n in range(last + 1):
        s = two_to(n)

        def function(q: Any, s: Any = s) -> Any:
            e = s * (1 + q) - 1
            return e / (e + 2)

        def slope(q: Any, s: Any = s) -> Any:
            return 2 * s / (s * (1 + q) + 1) ** 2

        # From n = 54 on, 2^n - 1 has lost the 1.
        lost = [replace(piece, error=piece.error + Fraction(1, 2**n)) for piece in pieces]
        beside = lost if n > 53 else pieces
        yield Part(function, slope, beside if n else [p for p in for_zero if p.lower >= NEAR])


def expm1(pieces: list[Piece], for_zero: list[Piece], first: int) -> Iterator[Part]:
    """2^n (1 + q) - 1 left of 0."""
    for n in range(first, 1):
        s = two_to(n)
        chosen = pieces if n else [p for p in for_zero if p.upper <= -NEAR]
        yield Part(lambda q, s=s: s * (1 + q) - 1, lambda q, s=s: s, chosen)


def power(pieces: list[Piece]) -> Part:
    """e^x without its power of two, 1 + q."""
    return Part(lambda q: 1 + q, lambda q: iv.mpf(1), pieces)


def rounded(before: Fraction) -> Fraction:
    """The bound with the last rounding."""
    assert before < 1
    return HALF + before


def subnormal(before: Fraction) -> Fraction:
    """The bound where a subnormal number is rounded a second time."""
    return HALF + (HALF + before) / 2


def near_zero(added: Fraction, close: tuple[Fraction, Fraction], polynomial: Fraction) -> Fraction:
    """e^x - 1 for n = 0 and |x| <= NEAR, in ULP before rounding; tanh errs by no more, relatively.

    What is computed beside x is T (1 + f); `close` bounds |f| and T / x^2, and T is within
    `polynomial` x^2. Below 2^-60 the result is x, rounded once with a factor: e^x - 1 and tanh x
    are within x^2 of it. |e^x - 1| >= |x| (1 - |x|).
    """
    relative, largest = close
    of_square = relative * largest + polynomial
    most = max(of_square * NEAR, Fraction(1, 2**60))
    return (most / (1 - NEAR) + RELATIVE * added) * 2**53


def saturated(pieces: list[Piece]) -> Fraction:
    """Sigmoid for n <= -54, where the sum 1 + 2^n has lost 2^n: the result is 1, rounded or not.

    2^n q is below half the unit under 1, and the exact result 1 - 2^n (1 + q) at most.
    """
    largest = max(piece.q[1] + piece.error for piece in pieces)
    assert all(piece.q[0] > -HALF for piece in pieces)
    assert largest < HALF
    return (1 + largest) / 2


def low_parts_are_low(parts: Iterable[Part]) -> bool:
    """Say whether a sum's low part is as small as assembly.py supposes of one between 1 and 2.

    It is 2^n times q's, at most half a unit of q, and what the sum's rounding lost, half a unit.
    """
    for part in parts:
        for piece in part.pieces:
            q = around(piece)
            largest = size(q)[1]
            least = size(part.function(q))[0]
            scale = size(part.slope(q))[1]
            if 2 * scale * unit(largest) / 2 / least + Fraction(1, 2**53) > LOW:
                return False
    return True
