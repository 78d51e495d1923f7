"""Minimax polynomials for the kernels: Remez exchange in mpmath, then coefficient-wise rounding.

Run ``python tools/minimax.py`` to print every coefficient table that ``kernels/`` contains.

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
    at_once = [rounded(coefficient, problem.precision) for coefficient in remez(problem, [])]
    one_by_one: list[Real] = []
    while len(one_by_one) <= problem.degree:
        best = remez(problem, one_by_one)
        one_by_one.append(rounded(best[len(one_by_one)], problem.precision))
    candidates = [
        (coefficients, largest_error(problem, coefficients))
        for coefficients in (at_once, one_by_one)
    ]
    return min(candidates, key=lambda candidate: candidate[1])


def exponential_tail(r: Real) -> Real:
    """(e^r - 1 - r) / r^2."""
    if abs(r) < Real("1e-12"):
        return Real(1) / 2 + r / 6 + r * r / 24
    return (mpmath.expm1(r) - r) / (r * r)


HALF_LOG_2 = mpmath.log(2) / 2 * (1 + Real(2) ** -10)
# A little longer on one side: that keeps the exchange's nodes off r = 0, where the weight is 0.
WIDER = 1 + Real(2) ** -10


def relative_to_expm1(r: Real) -> Real:
    """What an error of P weighs in r + r^2 P(r) = e^r - 1, relative to that."""
    return r * r / abs(mpmath.expm1(r))


def atanh_tail(z: Real) -> Real:
    """(2 atanh(s) - 2 s) / s^3, z = s^2."""
    if z < Real("1e-20"):
        return Real(2) / 3 + 2 * z / 5
    s = mpmath.sqrt(z)
    return (2 * mpmath.atanh(s) - 2 * s) / s**3


def scaled_erfc(u: Real) -> Real:
    """(1 + 2 z) e^(z^2) erfc(z), u = (z - 4) / (z + 4)."""
    z = 4 * (1 + u) / (1 - u)
    return (1 + 2 * z) * mpmath.exp(z * z) * mpmath.erfc(z)


def tanh_shrink_tail(z: Real) -> Real:
    """((x - tanh x) / x^3 - 1/3) / x^2, z = x^2."""
    if z < Real("1e-10"):
        return -Real(2) / 15 + 17 * z / 315 - 62 * z * z / 2835
    x = mpmath.sqrt(z)
    return ((x - mpmath.tanh(x)) / x**3 - Real(1) / 3) / z


PROBLEMS = (
    Problem(
        "exponential_tail<float>",
        exponential_tail,
        relative_to_expm1,
        -HALF_LOG_2,
        HALF_LOG_2 * WIDER,
        5,
        24,
    ),
    Problem(
        "exponential_tail<double>",
        exponential_tail,
        relative_to_expm1,
        -HALF_LOG_2,
        HALF_LOG_2 * WIDER,
        10,
        53,
    ),
    Problem("atanh_tail", atanh_tail, lambda z: z / 2, Real("1e-12"), Real(1) / 9 * WIDER, 11, 53),
    Problem(
        "scaled_erfc_polynomial",
        scaled_erfc,
        lambda u: 1 / scaled_erfc(u),
        Real(-1),
        Real(24) / 32,
        22,
        53,
    ),
    Problem(
        "tanh_shrink_tail", tanh_shrink_tail, lambda z: z, Real("1e-12"), Real(25) / 64, 11, 53
    ),
)


def main() -> None:
    for problem in PROBLEMS:
        coefficients, error = solve(problem)
        suffix = "F" if problem.precision == 24 else ""
        print(f"{problem.name}: weighted error 2^{float(mpmath.log(error, 2)):.2f}")
        for coefficient in coefficients:
            print(f"    {float(coefficient).hex()}{suffix},")


if __name__ == "__main__":
    main()
