"""The coefficients of the kernels that have a polynomial for each piece of the axis.

Run ``python tools/pieces.py`` to write ``kernels/activations/pieces.hpp`` anew; it prints the
largest error of each piece.

Every piece is a polynomial of degree 6 around a point of its own, fitted by least squares in
Chebyshev's points, relative to the function. The coefficients are rounded one by one from the
constant term upwards, the remaining ones fitted again after each. The constant term is exact to
2^-32: the point is chosen so that the function there is nearly a float (Gal 1986).
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import mpmath
from minimax import Function, Real, chebyshev_points, horner, rounded

HEADER = Path(__file__).parents[1] / "kernels/activations/pieces.hpp"
DEGREE, PRECISION, ENTRIES = 6, 24, 16
LOG_2 = mpmath.log(2)
# ln 2 = high + low, as in kernels/elementary.hpp.
LOG_2_HIGH = Real(float.fromhex("0x1.62e4p-1"))
LOG_2_LOW = rounded(LOG_2 - LOG_2_HIGH, PRECISION)
# A piece is longer than it need be by what rounding may move an argument across its end.
LONGER = 1 + Real(2) ** -9

TANH_PIECES = 14
EXPM1_PIECES = 16
BELL_PIECES = 32
# Powers of two by which the bell's coefficients are scaled down.
SCALED = 80


@dataclass(frozen=True)
class Piece:
    """A polynomial around ``centre``, where ``correction`` is what the kernel adds to get there."""

    centre: Real
    coefficients: list[Real]
    error: Real
    correction: Real


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
    target: Function, weight: Function, lower: Real, upper: Real, fixed: list[Real], degree: int
) -> tuple[list[Real], Real]:
    """Rounded coefficients and the largest weighted error."""
    coefficients = list(fixed)
    while len(coefficients) <= degree:
        best = least_squares(target, weight, lower, upper, coefficients, degree)
        coefficients.append(rounded(best[0], PRECISION))
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


def tanh_piece(n: int) -> Piece:
    """tanh |x| where 1 + |x| lies in the n-th quarter of octaves from 1 on.

    In the first piece the constant term is |x| itself and the rest tanh |x| / |x| - 1 times it.
    """
    if n == 0:
        ratio: Function = lambda x: mpmath.tanh(x) / x - 1 if x else Real(0)  # noqa: E731
        end = Real(1) / 4 * LONGER
        rest, error = fit(ratio, lambda _: Real(1), Real(0), end, [], DEGREE - 1)
        return Piece(Real(0), [Real(0), *rest], error, Real(0))
    octave, quarter = divmod(n, 4)
    lower = Real(2) ** octave * (1 + Real(quarter) / 4) - 1
    upper = lower + Real(2) ** octave / 4
    return around_a_point(
        mpmath.tanh, nearly_a_float(mpmath.tanh, (lower + upper) / 2), lower, upper
    )


def around_a_point(function: Function, centre: Real, lower: Real, upper: Real) -> Piece:
    coefficients, error = fit(
        lambda z: function(centre + z),
        lambda z: 1 / function(centre + z),
        lower - centre,
        upper - centre,
        [rounded(function(centre), PRECISION)],
        DEGREE,
    )
    return Piece(centre, coefficients, error, Real(0))


def expm1_piece(n: int) -> Piece:
    """e^v - 1 where 1 - 3/4 v lies in the n-th quarter of octaves from 1 on.

    In the first piece the constant term is v itself and the rest (e^v - 1) / v - 1 times it.
    """
    octave, quarter = divmod(n, 4)
    first = Real(2) ** octave * (1 + Real(quarter) / 4)
    upper = (1 - first) * 4 / 3
    lower = (1 - first - Real(2) ** octave / 4) * 4 / 3
    if n == 0:
        ratio: Function = lambda v: mpmath.expm1(v) / v - 1 if v else Real(0)  # noqa: E731
        rest, error = fit(ratio, lambda _: Real(1), lower * LONGER, Real(0), [], DEGREE - 1)
        return Piece(Real(0), [Real(0), *rest], error, Real(0))
    centre = -nearly_a_float(lambda y: -mpmath.expm1(-y), -(lower + upper) / 2)
    return around_a_point(mpmath.expm1, centre, lower, upper)


def bell_piece(n: int) -> Piece:
    """2^n e^-y / (1 + e^-y)^2 around y = n ln 2; the last piece is e^-r for all n that follow."""

    def bell(r: Real) -> Real:
        power = mpmath.exp(-r)
        return power / (1 + Real(2) ** -n * power) ** 2

    last = n == BELL_PIECES - 1
    constant = Real(1) if last else rounded(bell(Real(0)), PRECISION)
    centre = Real(0)
    if n > 0 and not last:
        centre = mpmath.findroot(lambda r: bell(r) - constant, 0)
    # The first two coefficients of e^-r are exact, for who computes with them apart.
    fixed = [constant, Real(-1)] if last else [constant]
    reach = LOG_2 / 2 * LONGER
    coefficients, error = fit(
        lambda r: bell(centre + r),
        lambda r: 1 / bell(centre + r),
        -reach if n else Real(0),
        reach,
        fixed,
        DEGREE,
    )
    # The kernel multiplies what is here by -n.
    correction = LOG_2_LOW + (centre / n if n else 0)
    return Piece(centre, coefficients, error, correction)


def float_literal(number: Real) -> str:
    significand, power = float(rounded(number, PRECISION)).hex().split("p")
    return f"{significand.rstrip('0').rstrip('.')}p{power}F"


def table(numbers: list[Real]) -> str:
    """A Lookup."""
    return "{{" + ", ".join(map(float_literal, numbers)) + "}}"


def long_table(numbers: list[Real]) -> str:
    near, far = numbers[:ENTRIES][::-1], numbers[ENTRIES:][::-1]
    return "{" + table(near) + ", " + table(far) + "}"


def quarters_table(numbers: list[Real]) -> str:
    """In the order of the last bits of a float's exponent and first two of its significand.

    The float is half of what the pieces are quarters of, so they begin where these bits are 8.
    """
    order = [numbers[n] if (n := (i + 8) % ENTRIES) < len(numbers) else Real(0) for i in range(16)]
    return table(order)


def quarters(name: str, pieces: list[Piece]) -> str:
    """The tables of a function in quarters of octaves."""
    centres = quarters_table([piece.centre for piece in pieces])
    coefficients = [
        quarters_table([piece.coefficients[k] for piece in pieces]) for k in range(DEGREE + 1)
    ]
    return f"""constexpr Lookup {name}_centre = {centres};

constexpr Lookup {name}_coefficient[{DEGREE + 1}] = {listed(coefficients)};
"""


def listed(tables: list[str]) -> str:
    return "{" + ", ".join(tables) + "}"


def header(tanh: list[Piece], expm1: list[Piece], bell: list[Piece]) -> str:
    powers = range(DEGREE + 1)
    power = "{" + ", ".join(map(float_literal, bell[-1].coefficients)) + "}"
    down = Real(2) ** -SCALED

    return f"""// Written by tools/pieces.py.
#pragma once

#include "../vectors.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::activations {{

#if NONLIN_HAS_FMA

{quarters("tanh", tanh)}
{quarters("expm1", expm1)}
constexpr float power_coefficient[{DEGREE + 1}] = {power};

constexpr LongLookup bell_correction = {long_table([piece.correction for piece in bell])};

constexpr LongLookup bell_coefficient[{DEGREE + 1}] = {
        listed([long_table([down * piece.coefficients[k] for piece in bell]) for k in powers])
    };

#endif

}}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
"""


def pieces(function: Callable[[int], Piece], count: int) -> list[Piece]:
    with ProcessPoolExecutor() as pool:
        found = list(pool.map(function, range(count)))
    errors = ", ".join(f"{float(mpmath.log(piece.error, 2)):.1f}" for piece in found)
    print(f"{function.__name__}: error 2^ {errors}")
    return found


def main() -> None:
    tanh, expm1 = pieces(tanh_piece, TANH_PIECES), pieces(expm1_piece, EXPM1_PIECES)
    HEADER.write_text(header(tanh, expm1, pieces(bell_piece, BELL_PIECES)))
    subprocess.run([Path(sys.executable).with_name("clang-format"), "-i", HEADER], check=True)


if __name__ == "__main__":
    main()
