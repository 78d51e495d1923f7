"""The kernels whose bound is proved, and how."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction

from prove import assembly, budgets, core, limits
from prove.approximation import relative_to_square
from prove.core import NEAR, Piece
from prove.gappa import Interval

NORMAL, SUBNORMAL = "normal results", "subnormal results"
FACTORS = "alpha from 2^-400 to 2^400"
TWICE = "the same, rounded twice"
RELATIVE = "the same, relative to the result"


@dataclass(frozen=True)
class Row:
    """A bound in ULP, and what proves it where it is at most 1."""

    kernel: str
    where: str
    bound: Fraction
    by: str

    @property
    def proved(self) -> bool:
        return self.bound <= 1


@dataclass(frozen=True)
class Cores:
    """The pieces of `exact_exp`, for any n and for 0, and of `exp`."""

    exact: list[Piece]
    for_zero: list[Piece]
    short: list[Piece]


def chosen(intervals: Sequence[Interval], quick: bool) -> Sequence[Interval]:
    """All, or of a quick check the two at the ends, where errors are largest, and some between."""
    return [*intervals[:-1:16], intervals[-1]] if quick else intervals


def cores(fused: bool, quick: bool, workers: int) -> Cores:
    intervals = chosen(list(core.intervals(fused)), quick)

    def prove(short: bool, zero: bool) -> list[Piece]:
        found = pool.map(lambda interval: core.piece(short, zero, interval, fused), intervals)
        return list(found)

    with ThreadPoolExecutor(workers) as pool:
        return Cores(prove(False, False), prove(False, True), prove(True, False))


def largest(parts: Iterable[budgets.Part], added: Fraction) -> Fraction:
    return max(budgets.before_rounding(part, added) for part in parts)


def rows(fused: bool, quick: bool = False, workers: int = 1) -> Iterator[Row]:
    """Prove one kernel after the other. What is not quick is a proof."""
    for claim, holds in limits.claims():
        assert holds, claim
    found = cores(fused, quick, workers)
    yield from logistic(found, fused)
    yield from exponentials(found, fused)


def logistic(found: Cores, fused: bool) -> Iterator[Row]:
    """What rests on `exp`: sigmoid, and the derivatives of sigmoid and tanh."""
    low, high = Fraction(-3, 10), Fraction(7, 16)
    assert all(low < piece.q[0] and piece.q[1] < high for piece in found.short)
    by = f"Gappa: exp in {len(found.short)} pieces, "
    before = largest(budgets.sigmoid(found.short), assembly.of_logistic(fused))
    normal = max(budgets.rounded(before), budgets.saturated(found.short))
    yield Row("sigmoid", NORMAL, normal, by + "sigmoid")
    yield Row("sigmoid", SUBNORMAL, budgets.subnormal(before), TWICE)
    before = largest(budgets.bell(found.short), assembly.of_bell(fused))
    for name in ("sigmoid′", "tanh′"):
        yield Row(name, NORMAL, budgets.rounded(before), by + "bell")
        yield Row(name, SUBNORMAL, budgets.subnormal(before), TWICE)


def exponentials(found: Cores, fused: bool) -> Iterator[Row]:
    """What rests on `exact_exp`: tanh, ELU and its derivative, e^x."""
    by = f"Gappa: exact_exp in {len(found.exact)} pieces, "
    near_by = "Gappa: near_zero, "
    n = limits.largest_n()
    close = core.near_zero(fused)
    polynomial = relative_to_square("exponential_tail", (-NEAR, NEAR))

    added = max(assembly.of_tanh(fused, large) for large in (False, True))
    parts = list(budgets.tanh(found.exact, found.for_zero, n["tanh"]))
    assert budgets.low_parts_are_low(parts)
    near = budgets.near_zero(added, close, polynomial)
    yield Row("tanh", f"|x| >= {NEAR / 2}", budgets.rounded(largest(parts, added)), by + "tanh")
    yield Row("tanh", f"|x| <= {NEAR / 2}", budgets.rounded(near), near_by + "tanh")

    added = assembly.of_product(fused)
    parts = list(budgets.expm1(found.exact, found.for_zero, -n["elu"] - 1))
    assert budgets.low_parts_are_low(parts)
    near = budgets.near_zero(added, close, polynomial)
    any_factor = max(near, *(budgets.relative(part, added) for part in parts))
    yield Row("elu", f"x <= -{NEAR}", budgets.rounded(largest(parts, added)), by + "product")
    yield Row("elu", f"x >= -{NEAR}", budgets.rounded(near), near_by + "product")
    yield Row("elu(alpha)", FACTORS, budgets.rounded(any_factor), RELATIVE)

    slope = budgets.power(found.exact)
    assert budgets.low_parts_are_low([slope])
    before = budgets.before_rounding(slope, added)
    for name in ("elu′", "exponential", "exponential′"):
        yield Row(name, NORMAL, budgets.rounded(before), by + "product")
        yield Row(name, SUBNORMAL, budgets.subnormal(before), TWICE)
    before = budgets.relative(slope, added)
    bound = max(budgets.rounded(before), budgets.subnormal(before))
    yield Row("elu(alpha)′", FACTORS, bound, RELATIVE)
