"""Minimax polynomials for the kernels: Remez exchange in mpmath, then coefficient-wise rounding.

``tools/coefficients.py`` applies it to the functions that ``kernels/`` approximates.

The unknown is P of given degree with ``weight(r) * (P(r) - target(r))`` of least maximum on an
interval. Rounding all coefficients at once can lose bits, so they are also fixed one by one from
the constant term upwards, the remaining ones fitted again after each; the better set is kept.
"""

from collections.abc import Callable
from dataclasses import dataclass

import mpmath

mpmath.mp.dps = 60

Real = mpmath.mpf
Function = Callable[[Real], Real]


@dataclass(frozen=True)
class Problem:
    """Approximate ``target`` on ``[lower, upper]`` with error measured through ``weight``."""

    name: str
    target: Function
    weight: Function
    lower: Real
    upper: Real
    degree: int
    precision: int
    # So many of the first coefficients are sums of two numbers.
    pairs: int = 0

    def bits(self, index: int) -> int:
        """The significand of the coefficient of r^index."""
        return self.precision * (2 if index < self.pairs else 1)


def chebyshev_points(lower: Real, upper: Real, count: int) -> list[Real]:
    middle, radius = (lower + upper) / 2, (upper - lower) / 2
    return [
        middle - radius * mpmath.cos(mpmath.pi * (2 * i + 1) / (2 * count)) for i in range(count)
    ]


def horner(coefficients: list[Real], r: Real) -> Real:
    total = Real(0)
    for coefficient in reversed(coefficients):
        total = total * r + coefficient
    return total


def levelled(problem: Problem, fixed: list[Real], nodes: list[Real]) -> list[Real]:
    """Coefficients whose weighted error alternates with equal size on the nodes."""
    start, free = len(fixed), problem.degree + 1 - len(fixed)
    matrix = mpmath.matrix(free + 1, free + 1)
    right = mpmath.matrix(free + 1, 1)
    for row, r in enumerate(nodes):
        for column in range(free):
            matrix[row, column] = r ** (start + column)
        matrix[row, free] = (-1) ** row / problem.weight(r)
        right[row] = problem.target(r) - horner(fixed, r)
    solution = mpmath.lu_solve(matrix, right)
    return fixed + [solution[i] for i in range(free)]


def extrema(problem: Problem, coefficients: list[Real], count: int) -> list[Real]:
    """The largest weighted errors of alternating sign, ``count`` of them."""
    grid = chebyshev_points(problem.lower, problem.upper, 60 * count)
    errors = [problem.weight(r) * (horner(coefficients, r) - problem.target(r)) for r in grid]
    peaks: list[tuple[Real, Real]] = []
    for r, error in zip(grid, errors, strict=True):
        if peaks and (peaks[-1][1] > 0) == (error > 0):
            if abs(error) > abs(peaks[-1][1]):
                peaks[-1] = (r, error)
        else:
            peaks.append((r, error))
    while len(peaks) > count:
        peaks.pop(0 if abs(peaks[0][1]) < abs(peaks[-1][1]) else -1)
    return [r for r, _ in peaks]


def remez(problem: Problem, fixed: list[Real]) -> list[Real]:
    count = problem.degree + 2 - len(fixed)
    nodes = chebyshev_points(problem.lower, problem.upper, count)
    coefficients = levelled(problem, fixed, nodes)
    for _ in range(12):
        found = extrema(problem, coefficients, count)
        if len(found) < count:
            break
        nodes = found
        coefficients = levelled(problem, fixed, nodes)
    return coefficients


def rounded(value: Real, precision: int) -> Real:
    with mpmath.workprec(precision):
        return +value


def largest_error(problem: Problem, coefficients: list[Real]) -> Real:
    grid = chebyshev_points(problem.lower, problem.upper, 2000)
    return max(abs(problem.weight(r) * (horner(coefficients, r) - problem.target(r))) for r in grid)


def solve(problem: Problem) -> tuple[list[Real], Real]:
    """The better of rounding all coefficients at once and refitting after each."""
    at_once = [rounded(c, problem.bits(i)) for i, c in enumerate(remez(problem, []))]
    one_by_one: list[Real] = []
    while len(one_by_one) <= problem.degree:
        best = remez(problem, one_by_one)
        one_by_one.append(rounded(best[len(one_by_one)], problem.bits(len(one_by_one))))
    candidates = [
        (coefficients, largest_error(problem, coefficients))
        for coefficients in (at_once, one_by_one)
    ]
    return min(candidates, key=lambda candidate: candidate[1])
