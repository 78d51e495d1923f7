"""What gates multiply near 0: the tails of SiLU and both GELU, and their slopes.

kernels/activations/near.hpp takes them from 32 pieces of the axis.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import mpmath
from minimax import Function, Real
from pieces import ZERO, Piece, around_a_point, around_a_zero, nearly_a_float

# Of a slope's polynomials, for the piece with its zero.
SLOPE_DEGREE = 7
# w(x) of gelu_tanh is this times x + CUBIC x^3.
STEEPNESS, CUBIC = 2 * mpmath.sqrt(2 / mpmath.pi), Real("0.044715")


@dataclass(frozen=True)
class Places:
    """The 32 pieces of y >= 0 in which y (bend y + steepness) is nearest to an integer."""

    bend: Real
    steepness: Real

    def ends(self, n: int) -> tuple[Real, Real]:
        """Where the n-th begins and ends, a little longer for what rounding may move."""

        def y(place: Real) -> Real:
            # The root of a square, written so that no bend is one, too.
            root = mpmath.sqrt(self.steepness**2 + 4 * self.bend * place)
            return 2 * place / (self.steepness + root)

        longer = Real(2) ** -16
        return y(max(n - Real("0.5"), ZERO)) * (1 - longer), y(n + Real("0.5")) * (1 + longer)


GELU_PLACES = Places(Real("0.625"), Real("1.09375"))
GELU_TANH_PLACES = Places(Real("0.75"), Real("1.09375"))
SILU_PLACES = Places(ZERO, Real("1.4375"))


def normal_near(y: Real) -> Real:
    """Phi(-y)."""
    return mpmath.erfc(y / mpmath.sqrt(2)) / 2


def gelu_near(y: Real) -> Real:
    """gelu'(-y)."""
    return normal_near(y) - y * mpmath.npdf(y)


def sigmoid_near(y: Real) -> Real:
    """sigmoid(-y)."""
    return 1 / (1 + mpmath.exp(y))


def silu_near(y: Real) -> Real:
    """silu'(-y)."""
    return sigmoid_near(y) * (1 - y * sigmoid_near(-y))


def gelu_tanh_gate_near(y: Real) -> Real:
    """sigmoid(-w) for the w of gelu_tanh."""
    return sigmoid_near(STEEPNESS * (y + CUBIC * y**3))


def gelu_tanh_near(y: Real) -> Real:
    """gelu_tanh'(-y)."""
    w, growth = STEEPNESS * (y + CUBIC * y**3), STEEPNESS * (y + 3 * CUBIC * y**3)
    return sigmoid_near(w) * (1 - growth * sigmoid_near(-w))


def near_piece(function: Function, places: Places, n: int) -> Piece:
    """A tail that is 1/2 at 0."""
    lower, upper = places.ends(n)
    middle = nearly_a_float(function, (lower + upper) / 2) if n else ZERO
    return around_a_point(function, middle, lower, upper)


def near_slope_piece(function: Function, places: Places, zero: str, n: int) -> Piece:
    """The slope of such a function, which is 0 next to `zero`."""
    lower, upper = places.ends(n)
    root = mpmath.findroot(function, Real(zero))
    if lower < root < upper:
        return around_a_zero(function, root, lower, upper, SLOPE_DEGREE)
    sign = 1 if upper < root else -1
    middle = nearly_a_float(lambda y: sign * function(y), (lower + upper) / 2) if n else ZERO
    return around_a_point(function, middle, lower, upper, SLOPE_DEGREE, slope_in_pairs=True)


# A gate's tail and its slope, by the number of a piece.
TAILS = {
    "gelu": (
        partial(near_piece, normal_near, GELU_PLACES),
        partial(near_slope_piece, gelu_near, GELU_PLACES, "0.75"),
    ),
    "gelu_tanh": (
        partial(near_piece, gelu_tanh_gate_near, GELU_TANH_PLACES),
        partial(near_slope_piece, gelu_tanh_near, GELU_TANH_PLACES, "0.75"),
    ),
    "silu": (
        partial(near_piece, sigmoid_near, SILU_PLACES),
        partial(near_slope_piece, silu_near, SILU_PLACES, "1.25"),
    ),
}
