"""The core that every float64 exponential rests on: e^x = 2^n (1 + q), piece by piece.

The reduced argument is `reduced` = x - n ln2_high, an exact difference, and what is exact is
    z = x - n ln 2 = reduced - n (ln2_low + d),   Q = e^z - 1,
d being what ln2_high and ln2_low leave of ln 2. With T(r) = r^2 P(r) in exact arithmetic,
approximation.py proves |T(r) - (e^r - 1 - r)| <= eps for the computed r, and by the mean value
theorem
    (e^r - 1 - r) - (e^z - 1 - z) = g (r - z),   g = e^s - 1 for an s between z and r.
With these two Gappa bounds what is computed less Q.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from prove.approximation import error_of_tail
from prove.arithmetic import Terms, literal
from prove.enclosures import enclosed, ends, iv
from prove.formulas import correction, exact_exp_of, exp_of, tail
from prove.gappa import Interval, bounds, script
from prove.sources import LN2

# No caller's n is further from 0: e^-1456 is the least power (exponential_domain).
LARGEST_N = 2200
PIECES = 40
# How far r and z may be from `reduced`.
APART = Fraction(1, 2**31)
# What underflows in r^2 P(r), beside a 1; Gappa's numbers have no least exponent.
UNDERFLOW = Fraction(1, 2**1000)
# Where n is 0 and e^r - 1 is small, its error is relative to r.
NEAR = Fraction(1, 64)
HINTS = (
    "r - z -> (r - (reduced + c)) + (c + n * l) + n * d",
    "c + n * l -> c - n * -l",
    "r - reduced -> (r - (reduced + c)) + c",
    "z - reduced -> -n * (l + d)",
)


def expm1(interval: Interval) -> Interval:
    return ends(iv.exp(enclosed(*interval)) - 1)


def left_of_ln2() -> Interval:
    """d, what the two parts leave of ln 2."""
    return ends(iv.log(2) - iv.mpf(LN2["high"]) - iv.mpf(LN2["low"]))


def reach(fused: bool) -> Fraction:
    """A bound of |reduced|: n is the integer nearest to x times ln2's inverse.

    That product is n + f, |f| <= 1/2 and, without a fused instruction, its own rounding; so
    x - n ln2_high = f / inverse + n (1 / inverse - ln2_high).
    """
    inverse, high = Fraction(LN2["inverse"]), Fraction(LN2["high"])
    rounding = Fraction(0) if fused else Fraction(LARGEST_N + 1, 2**53)
    return (Fraction(1, 2) + rounding) / inverse + LARGEST_N * abs(1 / inverse - high)


def edges(fused: bool) -> list[Fraction]:
    """Pieces of equal length, cut where the unit of r's or high's last place changes."""
    end = reach(fused)
    inner = [float(end) * k / PIECES for k in range(1 - PIECES, PIECES)]
    units = [k / 8 for k in (-2, -1, 1, 2)]
    inner += units + [math.log1p(unit) for unit in units]
    cut = {Fraction(round(x * 2**40), 2**40) for x in inner}
    return sorted(cut | {-NEAR, NEAR, -end, end})


@dataclass(frozen=True)
class Piece:
    """A bound of |q - Q| for lower <= reduced <= upper and any n, or 0 alone."""

    lower: Fraction
    upper: Fraction
    for_zero: bool
    error: Fraction

    @property
    def q(self) -> Interval:
        """Where Q is."""
        apart = Fraction(0) if self.for_zero else APART
        return expm1((self.lower - apart, self.upper + apart))


def for_any(short: bool, interval: Interval, fused: bool) -> tuple[str, list[str]]:
    """The script about one of the two cores on a piece, for any n."""
    o, exact = Terms(fused), Terms(rounds=False, prefix="e")
    name = "short_exponential_tail" if short else "exponential_tail"
    reduced, n = o.variable("reduced"), o.variable("n")
    c = correction(n)
    e = (exp_of if short else exact_exp_of)(o, reduced, c)
    square = exact.exactly(f"{e.r.name} * {e.r.name}")
    polynomial = tail(exact, name, e.r, square)
    total = e.high.name if short else f"reduced + {e.small.name}"
    definitions = [
        *o.definitions,
        *exact.definitions,
        f"T = {square.name} * {polynomial.name};",
        *(
            f"{letter} = {what};"
            for letter, what in (
                ("l", literal(LN2["low"])),
                ("c", c.name),
                ("r", e.r.name),
                ("small", e.small.name),
            )
        ),
        "z = reduced - n * (l + d);",
        "Q = z + T - eps - g * (r - z);",
        f"off = {total} - Q;",
        "apart = r - reduced;",
        "further = z - reduced;",
    ]
    widened = (interval[0] - APART, interval[1] + APART)
    eps = error_of_tail(name, widened)
    given = {
        "reduced": interval,
        "n": (Fraction(-LARGEST_N), Fraction(LARGEST_N)),
        "d": left_of_ln2(),
        "eps": (-eps, eps),
        "g": expm1(widened),
    }
    hints = [
        "reduced + small - Q -> (small - (T + c)) + eps + (c + n * l) + n * d + g * (r - z)",
        *HINTS,
    ]
    if short:
        hints.append(f"{total} - Q -> ({total} - (reduced + small)) + (reduced + small - Q)")
    return script(definitions, given, goals := ["off", "apart", "further"], hints), goals


def for_zero(short: bool, interval: Interval, fused: bool) -> tuple[str, list[str]]:
    """The same for n = 0, where nothing is to correct and r = z = reduced."""
    o, exact = Terms(fused), Terms(rounds=False, prefix="e")
    name = "short_exponential_tail" if short else "exponential_tail"
    r = o.variable("r")
    e = (exp_of if short else exact_exp_of)(o, r, 0)
    square = exact.exactly("r * r")
    polynomial = tail(exact, name, r, square)
    total = e.high.name if short else f"r + {e.small.name}"
    definitions = [
        *o.definitions,
        *exact.definitions,
        f"T = {square.name} * {polynomial.name};",
        f"small = {e.small.name};",
        "Q = r + T - eps;",
        f"off = {total} - Q;",
    ]
    eps = error_of_tail(name, interval)
    hints = ["r + small - Q -> (small - T) + eps"]
    if short:
        hints.append(f"{total} - Q -> ({total} - (r + small)) + (r + small - Q)")
    return script(definitions, {"r": interval, "eps": (-eps, eps)}, ["off"], hints), ["off"]


def piece(short: bool, zero: bool, interval: Interval, fused: bool = True) -> Piece:
    text, goals = (for_zero if zero else for_any)(short, interval, fused)
    name = f"{'exp' if short else 'exact_exp'}{'_zero' if zero else ''}_{float(interval[0]):+.4f}"
    error, *apart = bounds(name if fused else f"{name}_v2", text, goals)
    assert all(each <= APART for each in apart)
    return Piece(*interval, zero, error + UNDERFLOW)


def intervals(fused: bool = True) -> Iterator[Interval]:
    return itertools.pairwise(edges(fused))


def near_zero(fused: bool = True) -> tuple[Fraction, Fraction]:
    """For n = 0 and 2^-64 <= |r| <= NEAR: bounds of |small - T| / T and |T| / r^2."""
    o, exact = Terms(fused), Terms(rounds=False, prefix="e")
    r = o.variable("r")
    e = exact_exp_of(o, r, 0)
    square = exact.exactly("r * r")
    polynomial = tail(exact, "exponential_tail", r, square)
    definitions = [
        *o.definitions,
        *exact.definitions,
        f"T = {square.name} * {polynomial.name};",
        f"small = {e.small.name};",
        f"P = {polynomial.name};",
        "off = (small - T) / T;",
    ]
    given = {"r": (-NEAR, NEAR), "|r|": (Fraction(1, 2**64), NEAR)}
    text = script(definitions, given, goals := ["P", "off"])
    largest, relative = bounds("near_zero" if fused else "near_zero_v2", text, goals)
    return relative, largest
