"""Beyond which x a kernel's bounds of it, a constant, or nothing at all is the result."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from prove.core import LARGEST_N
from prove.enclosures import Interval, ends, iv
from prove.sources import EXPONENTIAL, HYPERBOLIC, LN2, LOGISTIC


def exp(x: float) -> Interval:
    return ends(iv.exp(iv.mpf(x)))


def beside_1(y: float) -> Interval:
    """1 - tanh y = 2 / (e^2y + 1)."""
    return ends(2 / (iv.exp(2 * iv.mpf(y)) + 1))


def largest_n() -> dict[str, int]:
    """How large |n| becomes, by what bounds x."""
    bounds = {
        "sigmoid": LOGISTIC["vanishes"],
        "tanh": 2 * HYPERBOLIC["exact"],
        "elu": -EXPONENTIAL["saturates"],
        "exponential": -EXPONENTIAL["vanishes"],
    }
    inverse, half = Fraction(LN2["inverse"]), Fraction(1, 2)
    return {name: int(Fraction(x) * inverse + half) for name, x in bounds.items()}


def claims() -> Iterator[tuple[str, bool]]:
    """What the bounds of x rest on, and whether it is so."""
    half, least = Fraction(1, 2**54), Fraction(1, 2**1075)
    yield "sigmoid is 1 from `saturates` on", exp(-LOGISTIC["saturates"])[1] < half
    yield "four times e^-`vanishes` rounds to 0", 4 * exp(-LOGISTIC["vanishes"])[1] < least
    yield "e^x - 1 is -1 down from `saturates`", exp(EXPONENTIAL["saturates"])[1] < half
    yield "e^x rounds to 0 down from `vanishes`", exp(EXPONENTIAL["vanishes"])[1] < least
    below_1 = 1 - Fraction(HYPERBOLIC["below_1"])
    yield "`below_1` is the number below 1", below_1 == 2 * half
    yield (
        "from `exact` on tanh is at most half a unit from `below_1` or 1",
        (beside_1(HYPERBOLIC["exact"])[1] <= 3 * half),
    )
    # Half a unit and a part in 2^8 of it: still within 1 ULP, whichever of the two is given.
    nearly = half * Fraction(257, 256)
    yield (
        "`nearer_1` is where 1 becomes the nearer one",
        (
            half * Fraction(255, 256) <= beside_1(HYPERBOLIC["nearer_1"])[0]
            and beside_1(HYPERBOLIC["nearer_1"])[1] <= nearly
        ),
    )
    # x is a multiple of 2^-54 where n is not 0, and so is x - n ln2_high, which is below 1/2.
    parts = Fraction(LN2["high"]) * 2**39
    yield (
        "n ln2_high and x - n ln2_high are exact",
        (parts.denominator == 1 and parts * LARGEST_N < 2**53),
    )
    yield "n is within what core.py proves", max(largest_n().values()) <= LARGEST_N
