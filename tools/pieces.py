"""Polynomials for pieces of the axis, fitted and rounded: see tables.py."""

from __future__ import annotations

from dataclasses import dataclass

import mpmath
from minimax import Function, Real, chebyshev_points, horner, rounded

DEGREE, PRECISION = 6, 24
ZERO, ONE = Real(0), Real(1)


@dataclass(frozen=True)
class Piece:
    """A polynomial around ``centre``, where ``correction`` is what the kernel adds to get there.

    Around a zero the constant term is 0, and what is there instead ``remainder``.
    """

    centre: Real
    coefficients: list[Real]
    error: Real
    correction: Real
    remainder: Real = ZERO


def least_squares(
    target: Function, weight: Function, lower: Real, upper: Real, fixed: list[Real], degree: int
) -> list[Real]:
    """The coefficients above the fixed ones."""
    points = chebyshev_points(lower, upper, 60)
    free = range(len(fixed), degree + 1)
    matrix = mpmath.matrix([[weight(r) * r**power for power in free] for r in points])
    right = mpmath.matrix([weight(r) * (target(r) - horner(fixed, r)) for r in points])
    return list(mpmath.lu_solve(matrix.T * matrix, matrix.T * right))


def fit(
    target: Function,
    weight: Function,
    lower: Real,
    upper: Real,
    fixed: list[Real],
    degree: int,
    slope_in_pairs: bool = False,
) -> tuple[list[Real], Real]:
    """Rounded coefficients, that of r to a sum of two floats on demand, and the largest error."""
    coefficients = list(fixed)
    while len(coefficients) <= degree:
        best = least_squares(target, weight, lower, upper, coefficients, degree)
        pair = slope_in_pairs and len(coefficients) == 1
        coefficients.append(rounded(best[0], 2 * PRECISION if pair else PRECISION))
    grid = chebyshev_points(lower, upper, 400)
    return coefficients, max(abs(weight(r) * (horner(coefficients, r) - target(r))) for r in grid)


def nearly_a_float(function: Function, near: Real) -> Real:
    """A float close to ``near`` at which the function is close to a float, too."""
    unit = Real(2) ** (mpmath.floor(mpmath.log(near, 2)) - PRECISION + 1)

    def distance(x: Real) -> Real:
        value = function(x)
        return abs(value - rounded(value, PRECISION)) / value

    start = rounded(near, PRECISION)
    return min((start + k * unit for k in range(-300, 301)), key=distance)


def around_a_point(
    function: Function,
    centre: Real,
    lower: Real,
    upper: Real,
    degree: int = DEGREE,
    slope_in_pairs: bool = False,
) -> Piece:
    coefficients, error = fit(
        lambda z: function(centre + z),
        lambda z: 1 / function(centre + z),
        lower - centre,
        upper - centre,
        [rounded(function(centre), PRECISION)],
        degree,
        slope_in_pairs,
    )
    return Piece(centre, coefficients, error, Real(0))


def around_a_zero(
    function: Function, zero: Real, lower: Real, upper: Real, degree: int = DEGREE
) -> Piece:
    """Around the float next to a zero."""
    centre = rounded(zero, PRECISION)
    remainder = rounded(function(centre), PRECISION)
    coefficients, error = fit(
        lambda z: function(centre + z) - remainder,
        lambda z: 1 / function(centre + z),
        lower - centre,
        upper - centre,
        [Real(0)],
        degree,
        slope_in_pairs=True,
    )
    return Piece(centre, coefficients, error, Real(0), remainder)
