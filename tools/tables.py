"""The coefficients of the kernels that have a polynomial for each piece of the axis.

Run ``python tools/tables.py`` to write the headers in ``kernels/activations/tables`` anew; it
prints the largest error of each piece.

Every piece is a polynomial of degree 6 around a point of its own, fitted by least squares in
Chebyshev's points, relative to the function. The coefficients are rounded one by one from the
constant term upwards, the remaining ones fitted again after each. The constant term is exact to
2^-32: the point is chosen so that the function there is nearly a float (Gal 1986).
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import mpmath
from minimax import Function, Real, rounded
from near import CUBIC, STEEPNESS, TAILS
from pieces import (
    DEGREE,
    ONE,
    PRECISION,
    Piece,
    around_a_point,
    around_a_zero,
    fit,
    nearly_a_float,
)

FOLDER = Path(__file__).parents[1] / "kernels/activations/tables"
ENTRIES = 16
LOG_2 = mpmath.log(2)
# ln 2 = high + low, as in kernels/arithmetic/exponential.hpp.
LOG_2_HIGH = Real(float.fromhex("0x1.62e4p-1"))
LOG_2_LOW = rounded(LOG_2 - LOG_2_HIGH, PRECISION)
# A piece is longer than it need be by what rounding may move an argument across its end.
LONGER = 1 + Real(2) ** -9

TANH_PIECES = 14
EXPM1_PIECES = 16
OCTAVES = NEAR = 32
NORMAL_PIECES = 15
# The pieces in which derivatives are 0: that of x sigmoid(w), of a higher degree, and of GELU.
GATE_ROOT, GATE_DEGREE, GELU_ROOT = 2, 7, 2
# Powers of two by which the bell's coefficients are scaled down, and tails up.
SCALED = 80

Pieces = dict[str, list[Piece]]


def quarter_of_octaves(n: int) -> tuple[Real, Real]:
    """Where 1 + y lies in the n-th quarter of octaves from 1 on."""
    octave, quarter = divmod(n, 4)
    lower = Real(2) ** octave * (1 + Real(quarter) / 4) - 1
    return lower, lower + Real(2) ** octave / 4


def tanh_piece(n: int) -> Piece:
    """tanh |x| where 1 + |x| lies in the n-th quarter of octaves from 1 on.

    In the first piece the constant term is |x| itself and the rest tanh |x| / |x| - 1 times it.
    """
    if n == 0:
        ratio: Function = lambda x: mpmath.tanh(x) / x - 1 if x else Real(0)  # noqa: E731
        end = Real(1) / 4 * LONGER
        rest, error = fit(ratio, lambda _: Real(1), Real(0), end, [], DEGREE - 1)
        return Piece(Real(0), [Real(0), *rest], error, Real(0))
    lower, upper = quarter_of_octaves(n)
    return around_a_point(
        mpmath.tanh, nearly_a_float(mpmath.tanh, (lower + upper) / 2), lower, upper
    )


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


def octave_piece(
    n: int, function: Function, degree: int = DEGREE, slope_in_pairs: bool = False
) -> Piece:
    """2^n f(e^-y) around y = n ln 2, f(t) / t = 1 + O(t); the last piece is e^-r for all above."""

    def scaled(r: Real) -> Real:
        unit = Real(2) ** -n
        return function(unit * mpmath.exp(-r)) / unit

    last = n == OCTAVES - 1
    constant = Real(1) if last else rounded(scaled(Real(0)), PRECISION)
    centre = Real(0)
    if n > 0 and not last:
        centre = mpmath.findroot(lambda r: scaled(r) - constant, 0)
    # The first two coefficients of e^-r are exact, for who computes with them apart.
    fixed = [constant, Real(-1)] if last else [constant]
    reach = LOG_2 / 2 * LONGER
    coefficients, error = fit(
        lambda r: scaled(centre + r),
        lambda r: 1 / scaled(centre + r),
        -reach if n else Real(0),
        reach,
        fixed,
        degree,
        slope_in_pairs,
    )
    # The kernel multiplies what is here by -n.
    correction = LOG_2_LOW + (centre / n if n else 0)
    return Piece(centre, coefficients, error, correction)


def bell_piece(n: int) -> Piece:
    """e^-y / (1 + e^-y)^2, the derivative of sigmoid."""
    return octave_piece(n, lambda t: t / (1 + t) ** 2)


def sigmoid_piece(n: int) -> Piece:
    """e^-y / (1 + e^-y), sigmoid left of 0."""
    return octave_piece(n, lambda t: t / (1 + t))


def softplus_piece(n: int) -> Piece:
    """ln(1 + e^-y), softplus left of 0."""
    return octave_piece(n, mpmath.log1p)


def gate_slope_piece(n: int, growth: Function) -> Piece:
    """s (1 - g (1 - s)), s = e^-w / (1 + e^-w), g = x w'(x) for a given w.

    That is the derivative of x sigmoid(w) left of 0. The last piece goes without 1 - g. In the
    piece with the zero, and in the one before, which ends close to it, the point is a float.
    """
    if n == OCTAVES - 1:
        return octave_piece(n, lambda t: t / (1 + t), GATE_DEGREE, True)

    def slope(w: Real) -> Real:
        s = 1 / (1 + mpmath.exp(w))
        return Real(2) ** n * s * (1 - growth(w) * (1 - s))

    middle, reach = n * LOG_2, LOG_2 / 2 * LONGER
    if n == GATE_ROOT:
        zero = mpmath.findroot(slope, Real("1.25"))
        piece = around_a_zero(slope, zero, middle - reach, middle + reach, GATE_DEGREE)
    elif n == GATE_ROOT - 1:
        centre = nearly_a_float(slope, middle)
        piece = around_a_point(slope, centre, middle - reach, middle + reach, GATE_DEGREE, True)
    else:
        return octave_piece(n, lambda t: slope(-mpmath.log(t)) / 2**n, GATE_DEGREE, True)
    return replace(piece, correction=piece.centre / n - LOG_2_HIGH)


def silu_slope_piece(n: int) -> Piece:
    """The derivative of x sigmoid(x)."""
    return gate_slope_piece(n, lambda w: w)


def gelu_tanh_slope_piece(n: int) -> Piece:
    """The derivative of x sigmoid(w), w = 2 sqrt(2 / pi) (x + 0.044715 x^3)."""

    def growth(w: Real) -> Real:
        root = mpmath.sqrt(3 * CUBIC)
        x = 2 / root * mpmath.sinh(mpmath.asinh(1.5 * root * w / STEEPNESS) / 3)
        return STEEPNESS * x * (1 + 3 * CUBIC * x * x)

    return gate_slope_piece(n, growth)


def gelu_tanh_zero() -> tuple[Real, Real]:
    """The float next to the zero of that derivative, and what the derivative is there."""

    def slope(x: Real) -> Real:
        s = 1 / (1 + mpmath.exp(-STEEPNESS * (x + CUBIC * x**3)))
        return s * (1 + STEEPNESS * (x + 3 * CUBIC * x**3) * (1 - s))

    zero = rounded(mpmath.findroot(slope, Real("-0.75")), PRECISION)
    return zero, slope(zero)


def normal_tail_piece(n: int) -> Piece:
    """Phi(-y) e^(y^2 / 2)."""

    def tail(y: Real) -> Real:
        return mpmath.erfc(y / mpmath.sqrt(2)) / 2 * mpmath.exp(y * y / 2)

    lower, upper = normal_quarter(n)
    return around_a_point(tail, nearly_a_float(tail, (lower + upper) / 2), lower, upper)


def gelu_slope_piece(n: int) -> Piece:
    """gelu'(-y) e^(y^2 / 2) in the same pieces."""

    def slope(y: Real) -> Real:
        return mpmath.erfc(y / mpmath.sqrt(2)) / 2 * mpmath.exp(y * y / 2) - y / mpmath.sqrt(
            2 * mpmath.pi
        )

    lower, upper = normal_quarter(n)
    if n == GELU_ROOT:
        return around_a_zero(slope, mpmath.findroot(slope, Real("0.75")), lower, upper)
    sign = 1 if n < GELU_ROOT else -1
    centre = nearly_a_float(lambda y: sign * slope(y), (lower + upper) / 2)
    return around_a_point(slope, centre, lower, upper, slope_in_pairs=True)


def normal_quarter(n: int) -> tuple[Real, Real]:
    """Where 1 + 13/16 y lies in the n-th quarter of octaves: a zero of gelu' amid a piece."""
    lower, upper = quarter_of_octaves(n)
    return lower * 16 / 13, upper * 16 / 13


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


def octaves(name: str, pieces: list[Piece], scale: Real = ONE) -> str:
    """The tables of a function of e^-y."""
    corrections = long_table([piece.correction for piece in pieces])
    powers = range(len(pieces[0].coefficients))
    coefficients = [long_table([scale * piece.coefficients[k] for piece in pieces]) for k in powers]
    return f"""constexpr LongLookup {name}_correction = {corrections};

constexpr LongLookup {name}_coefficient[{len(powers)}] = {listed(coefficients)};
"""


def near(name: str, pieces: list[Piece], scale: Real) -> str:
    """The tables of a function in pieces around floats."""
    powers = range(len(pieces[0].coefficients))
    coefficients = [long_table([scale * piece.coefficients[k] for piece in pieces]) for k in powers]
    return f"""constexpr LongLookup {name}_centre = {long_table([p.centre for p in pieces])};

constexpr LongLookup {name}_coefficient[{len(powers)}] = {listed(coefficients)};
"""


def tails(name: str, found: Pieces) -> list[str]:
    """Those of a gate's tail and of its slope."""
    scale, slope = Real(2) ** SCALED, f"{name}_tail_slope"
    return [
        near(f"{name}_tail", found[f"{name}_tail"], scale),
        near(slope, found[slope], scale),
        low_terms(slope, found[slope], scale),
    ]


def low_terms(name: str, pieces: list[Piece], scale: Real = ONE) -> str:
    """What the first two coefficients leave out."""
    slopes = [scale * piece.coefficients[1] for piece in pieces]
    remainders = [scale * piece.remainder for piece in pieces]
    low = remainders, [c - rounded(c, PRECISION) for c in slopes]
    is_long = len(pieces) > ENTRIES
    tables = list(map(long_table if is_long else quarters_table, low))
    kind = "LongLookup" if is_long else "Lookup"
    return f"constexpr {kind} {name}_low[2] = {listed(tables)};\n"


def listed(tables: list[str]) -> str:
    return "{" + ", ".join(tables) + "}"


# The functions and how many pieces each has.
FUNCTIONS: dict[str, tuple[Callable[[int], Piece], int]] = {
    "tanh": (tanh_piece, TANH_PIECES),
    "expm1": (expm1_piece, EXPM1_PIECES),
    "normal_tail": (normal_tail_piece, NORMAL_PIECES),
    "gelu_slope": (gelu_slope_piece, NORMAL_PIECES),
    "bell": (bell_piece, OCTAVES),
    "sigmoid": (sigmoid_piece, OCTAVES),
    "softplus": (softplus_piece, OCTAVES),
    "silu_slope": (silu_slope_piece, OCTAVES),
    "gelu_tanh_slope": (gelu_tanh_slope_piece, OCTAVES),
    **{f"{name}_tail": (tail, NEAR) for name, (tail, _) in TAILS.items()},
    **{f"{name}_tail_slope": (slope, NEAR) for name, (_, slope) in TAILS.items()},
}


def texts(found: Pieces) -> dict[str, list[str]]:
    """The tables that each header holds, by its name."""
    bell = found["bell"]
    power = listed(list(map(float_literal, bell[-1].coefficients)))
    zero = listed(list(map(float_literal, gelu_tanh_zero())))
    return {
        "tanh": [quarters("tanh", found["tanh"])],
        "expm1": [quarters("expm1", found["expm1"])],
        "gelu": [
            quarters("normal_tail", found["normal_tail"]),
            quarters("gelu_slope", found["gelu_slope"]),
            low_terms("gelu_slope", found["gelu_slope"]),
        ],
        "bell": [
            f"constexpr float power_coefficient[{DEGREE + 1}] = {power};\n",
            octaves("bell", bell, Real(2) ** -SCALED),
        ],
        "sigmoid": [octaves("sigmoid", found["sigmoid"])],
        "softplus": [octaves("softplus", found["softplus"])],
        "silu": [
            octaves("silu_slope", found["silu_slope"]),
            low_terms("silu_slope", found["silu_slope"]),
        ],
        "gelu_tanh": [
            octaves("gelu_tanh_slope", found["gelu_tanh_slope"]),
            low_terms("gelu_tanh_slope", found["gelu_tanh_slope"]),
            f"constexpr float gelu_tanh_zero[2] = {zero};\n",
        ],
        **{f"{name}_tail": tails(name, found) for name in TAILS},
    }


def headers(each: Callable[..., Iterable[Piece]] = map) -> tuple[dict[str, str], Pieces]:
    """The headers by name and the pieces in them; ``each`` computes those, one by one or not."""
    found = {name: list(each(f, range(count))) for name, (f, count) in FUNCTIONS.items()}
    return {name: header("\n".join(tables)) for name, tables in texts(found).items()}, found


def header(tables: str) -> str:
    return f"""// Written by tools/tables.py.
#pragma once

#include "../../vectors/vector.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::tables {{

{tables}
}}  // namespace nonlin::NONLIN_INSTRUCTION_SET::tables
"""


def report(name: str, pieces: list[Piece]) -> None:
    errors = ", ".join(f"{float(mpmath.log(piece.error, 2)):.1f}" for piece in pieces)
    print(f"{name}: error 2^ {errors}")


def main() -> None:
    with ProcessPoolExecutor() as pool:
        written, found = headers(pool.map)
    paths = [FOLDER / f"{name}.hpp" for name in written]
    for path, text in zip(paths, written.values(), strict=True):
        path.write_text(text)
    subprocess.run([Path(sys.executable).with_name("clang-format"), "-i", *paths], check=True)
    for name, pieces in found.items():
        report(name, pieces)


if __name__ == "__main__":
    main()
