"""What is proved of a derivative."""

from __future__ import annotations

import math
from typing import Any

from nonlin import symbolic
from nonlin.activation import Activation
from nonlin.catalogue.functions import elu, sigmoid, tanh
from nonlin.facts import properties, proved
from nonlin.study.results import Number

HALF_WIDTH = 10
TINY = 0.05


def proved_fact(activation: Activation, name: str) -> Any:
    """The value of a fact of `nonlin.properties`, proved however long that takes."""
    found = properties(activation, math.inf)[name]
    if found.evidence != "proved":
        raise ArithmeticError(f"the {name} of {activation!r} was not proved")
    return found.value


def differences(activation: Activation) -> list[Any]:
    """The derivative minus the textbook's, simplified, on each half line; ELU's f'' - f' as well.

    Left of 0 ELU's second derivative is its first: so is every further one, and all exist.
    """
    import sympy

    z = sympy.Symbol("z", positive=True)
    slope, x = symbolic.derivative(activation, bound=False), symbolic.x()
    found = []
    for side in (-1, 1):
        here = slope.subs(x, side * z)
        found.append(sympy.simplify((here - _textbook(activation, side * z)).rewrite(sympy.exp)))
        if side < 0 and activation.name == "elu":
            found.append(sympy.simplify(side * sympy.diff(here, z) - here))
    return found


def _textbook(activation: Activation, x: Any) -> Any:
    """The derivative at x as textbooks write it; x is known to be positive or negative."""
    import sympy

    value = symbolic.definition(activation, bound=False).subs(symbolic.x(), x)
    parameters = [sympy.Symbol(name, real=True) for name in activation.parameters]
    forms: dict[str, Any] = {
        "sigmoid": lambda: value * (1 - value),
        "tanh": lambda: 1 - value**2,
        "relu": lambda: sympy.Integer(1 if x.is_positive else 0),
        "leaky_relu": lambda slope: sympy.Integer(1) if x.is_positive else slope,
        "elu": lambda alpha: sympy.Integer(1) if x.is_positive else alpha * sympy.exp(x),
    }
    return forms[activation.name](*parameters)


def is_scaled_sigmoid() -> bool:
    """Whether tanh(x) = 2 sigmoid(2x) - 1, by their definitions."""
    import sympy

    x = symbolic.x()
    scaled = 2 * symbolic.definition(sigmoid).subs(x, 2 * x) - 1
    difference = (symbolic.definition(tanh) - scaled).rewrite(sympy.exp)
    return bool(sympy.simplify(difference) == 0)


def one_sided_slopes(activation: Activation, bound: bool = True) -> tuple[Any, Any]:
    """The limits of the derivative at 0 from the left and from the right."""
    import sympy

    parts = symbolic.pieces(symbolic.derivative(activation, bound))
    ends = ((parts[0], "-"), (parts[-1], "+"))
    left, right = (sympy.limit(piece, symbolic.x(), 0, side) for (_, _, piece), side in ends)
    return left, right


def join_of_elu() -> list[Number]:
    """Where ELU's pieces meet: the alpha that lets the slopes agree, and what the bend jumps by."""
    import sympy

    left, right = one_sided_slopes(elu, bound=False)
    (alpha,) = sympy.solve(sympy.Eq(left, right), sympy.Symbol("alpha", real=True))
    pieces = symbolic.pieces(symbolic.derivative(elu))
    bends = [sympy.diff(piece, symbolic.x()) for _, _, piece in pieces]
    below, above = (bend.subs(symbolic.x(), 0) for bend in bends)
    return [
        Number("alpha_of_one_slope", float(alpha)),
        Number("second_derivative_jump", float(above - below)),
    ]


def small_slope(activation: Activation) -> list[Number]:
    """An even slope that falls from 0 on: its supremum, and where it is below a twentieth."""
    import sympy

    z = sympy.Symbol("z", positive=True)
    slope = symbolic.derivative(activation).subs(symbolic.x(), z).rewrite(sympy.exp)
    (crossing,) = sympy.solve(sympy.Eq(slope, sympy.Rational(str(TINY))), z)
    beyond = float(crossing)
    return [
        Number("largest_slope", proved_fact(activation, "lipschitz")),
        Number("slope_is_tiny_beyond", beyond),
        Number("share_of_range_tiny", 1 - beyond / HALF_WIDTH, unit="share"),
        Number("share_of_normal_tiny", math.erfc(beyond / math.sqrt(2)), unit="share"),
    ]


def largest_second_derivative(activation: Activation) -> float:
    """The supremum of |phi''| of a function that is smooth everywhere."""
    segments = proved.segments(activation, 2)
    return max(abs(end) for segment in segments for end in (segment.left, segment.right))


def slope_jump(activation: Activation) -> float:
    """How far the slope jumps at 0."""
    left, right = one_sided_slopes(activation)
    return float(abs(right - left))
