"""A formula computed by walking its tree: phi and phi' at once, in numbers that do not overflow.

Each node gives its value and its derivative by x (forward differentiation), the latter from the
left: where a and b meet, the larger of them left of x is the one whose derivative is smaller.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from nonlin.formula import wide
from nonlin.formula.grammar import CATALOGUE, CONSTANTS, keywords_of
from nonlin.formula.wide import Wide, chosen

__all__ = ["Formula", "Slope"]

ONE, TWO = Wide(1.0), Wide(2.0)
# Where the limits at infinity are read off, which with these is sooner.
FAR, EXPONENTIALS = 2.0**1000, {"exp", "expm1", "sinh", "cosh"}


class Dual(NamedTuple):
    """A value and its derivative."""

    value: Wide
    slope: Wide


def _erf(x: Any) -> Any:
    from math import erf

    return np.vectorize(erf, otypes=[np.float64])(x)


def _atan_slope(w: Wide) -> Wide:
    return ONE / (ONE + w * w)


# Each with its derivative.
SMOOTH: dict[str, tuple[Callable[[Wide], Wide], Callable[[Wide], Wide]]] = {
    "exp": (wide.exp, wide.exp),
    "expm1": (wide.expm1, wide.exp),
    "log": (wide.log, lambda w: ONE / w),
    "log1p": (wide.log1p, lambda w: ONE / (ONE + w)),
    "sqrt": (lambda w: w.power(0.5), lambda w: w.power(-0.5) / TWO),
    "sin": (wide.by_numbers(np.sin), wide.by_numbers(np.cos)),
    "cos": (wide.by_numbers(np.cos), wide.by_numbers(lambda u: -np.sin(u))),
    "tan": (wide.by_numbers(np.tan), lambda w: wide.by_numbers(np.cos)(w).power(-2.0)),
    "atan": (wide.by_numbers(np.arctan), _atan_slope),
    "sinh": (wide.sinh, wide.cosh),
    "cosh": (wide.cosh, wide.sinh),
    "tanh": (wide.by_numbers(np.tanh), lambda w: wide.cosh(w).power(-2.0)),
    "asinh": (wide.asinh, lambda w: (ONE + w * w).power(-0.5)),
    "erf": (
        wide.by_numbers(_erf),
        lambda w: wide.exp(-(w * w)) * Wide(2.0 / np.sqrt(np.pi)),
    ),
    "sign": (lambda w: Wide(np.sign(w.m)), lambda w: Wide(0.0 * w.m)),
}
BOUNDED = ("tanh", "erf", "atan")
COMPARED: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
}


def dual(node: ast.expr, x: Wide, left: bool) -> Dual:
    """Compute a node and its derivative; with `left`, comparisons as they are just left of x."""
    match node:
        case ast.Constant(value=value):
            return Dual(Wide(float(value)), Wide(0.0))  # type: ignore[arg-type]
        case ast.Name(id="x"):
            return Dual(x, ONE)
        case ast.Name(id=name):
            return Dual(Wide(CONSTANTS[name]), Wide(0.0))
        case ast.UnaryOp(op=op, operand=operand):
            a = dual(operand, x, left)
            return Dual(-a.value, -a.slope) if isinstance(op, ast.USub) else a
        case ast.BinOp(left=base, op=ast.Pow(), right=exponent):
            return _power(dual(base, x, left), float(dual(exponent, x, left).value.number()))
        case ast.BinOp(left=first, op=op, right=second):
            return _combined(op, dual(first, x, left), dual(second, x, left))
        case ast.Call(func=ast.Name(id=name), args=arguments):
            if name == "where":
                return _where(arguments, x, left)
            return _called(node, name, [dual(each, x, left) for each in arguments])
    raise AssertionError("the grammar allows nothing else")


def _power(a: Dual, p: float) -> Dual:
    if p == 0.0:
        return Dual(ONE, Wide(0.0))
    return Dual(a.value.power(p), Wide(p) * a.value.power(p - 1.0) * a.slope)


def _combined(op: ast.operator, a: Dual, b: Dual) -> Dual:
    match op:
        case ast.Add():
            return Dual(a.value + b.value, a.slope + b.slope)
        case ast.Sub():
            return Dual(a.value - b.value, a.slope - b.slope)
        case ast.Mult():
            return Dual(a.value * b.value, a.slope * b.value + a.value * b.slope)
    quotient = a.value / b.value
    return Dual(quotient, (a.slope - quotient * b.slope) / b.value)


def _called(node: ast.Call, name: str, given: list[Dual]) -> Dual:
    a = given[0]
    if name in ("max", "maximum", "min", "minimum"):
        for b in given[1:]:
            a = _larger(a, b, 1.0 if name.startswith("max") else -1.0)
        return a
    if name == "abs":
        return _larger(a, Dual(-a.value, -a.slope), 1.0)
    if name in SMOOTH:
        f, derivative = SMOOTH[name]
        # 0 times the infinite derivative of something constant is 0.
        flat = a.slope.m == 0.0
        steepness = derivative(a.value)
        if name in BOUNDED:
            # So far out that it has settled, whatever its argument does.
            flat = flat | ((steepness.m == 0.0) & np.isinf(a.slope.m))
        slope = steepness * a.slope
        return Dual(f(a.value), chosen(flat, Wide(np.zeros_like(a.slope.m)), slope))
    act = CATALOGUE[name]().bind(**keywords_of(node))
    u = a.value.number()
    # Going left in x is going right in u where u falls.
    beside = np.where(a.slope.m < 0.0, np.nextafter(u, np.inf), u)
    return Dual(Wide(act(u)), Wide(act.derivative(beside)) * a.slope)


def _larger(a: Dual, b: Dual, sign: float) -> Dual:
    gap, turn = (a.value - b.value).m * sign, (a.slope - b.slope).m * sign
    first = (gap > 0.0) | ((gap == 0.0) & (turn <= 0.0)) | np.isnan(gap)
    return Dual(chosen(first, a.value, b.value), chosen(first, a.slope, b.slope))


def _where(arguments: list[ast.expr], x: Wide, left: bool) -> Dual:
    comparison, yes, no = arguments
    assert isinstance(comparison, ast.Compare)
    a, b = (dual(each, x, left) for each in (comparison.left, comparison.comparators[0]))
    gap = (a.value - b.value).m
    if left:
        gap = np.where(gap == 0.0, -(a.slope - b.slope).m, gap)
    met = COMPARED[type(comparison.ops[0])](gap, 0.0)
    first, second = dual(yes, x, left), dual(no, x, left)
    return Dual(chosen(met, first.value, second.value), chosen(met, first.slope, second.slope))


class Formula:
    """A parsed formula as a function of an array; it pickles and compares by its tree."""

    derivative = False

    def __init__(self, tree: ast.expr) -> None:
        self._tree = tree
        self._text = ast.unparse(tree)
        used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        self._reach = 2.0**26 if used & EXPONENTIALS else FAR

    def __call__(self, x: Any) -> Any:
        z = np.asarray(x)
        given = z.dtype if z.dtype.kind == "f" else np.dtype(np.float64)
        with np.errstate(all="ignore"):
            y = self._far(z.astype(np.float64))
            return np.broadcast_to(y, z.shape).astype(given)[()]

    def _far(self, z: Any) -> Any:
        """Compute it; by its asymptote where exponents are no whole numbers any more."""
        near = np.clip(z, -self._reach, self._reach)
        found = dual(self._tree, Wide(near), self.derivative)
        slope = found.slope.number()
        if self.derivative:
            # As that of x^2 does.
            grows = np.isinf(z) & (np.abs(slope) > 1e-4 * self._reach)
            end = np.where(grows, np.sign(slope) * np.inf, slope)
            return np.where(np.isinf(z) & ~grows & self._waves(z), np.nan, end)
        far = np.isfinite(z) & (near != z)
        y = found.value.number()
        y = y + np.where(far, slope * np.where(far, z - near, 0.0), 0.0)
        # What is about as large as x grows without limit; what is a rounding error of it is 0.
        size = np.abs(y) / self._reach
        rounding = (size > 1e-20) & (self._reach == FAR)
        grows = (size > 1e-4) | (~rounding & self._grows(z))
        end = np.where(grows, np.sign(y) * np.inf, np.where(rounding, 0.0, y))
        return np.where(np.isinf(z), end, y)

    def _at(self, z: Any, parts: tuple[float, ...]) -> Any:
        """Compute value and slope at these parts of the way to where limits are read off."""
        ends = [Wide(np.copysign(part * self._reach, z)) for part in parts]
        found = [dual(self._tree, end, self.derivative) for end in ends]
        return np.stack([(each.value.number(), each.slope.number()) for each in found])

    def _grows(self, z: Any) -> Any:
        """Tell whether it grows as a root does, by more than a wave might between two places."""
        if not np.isinf(z).any():
            return False
        near, far = np.abs(self._at(z, (1.0 / 16.0, 1.0)))[:, 0]
        return (far > 1e3) & (far > 1.5 * near)

    def _waves(self, z: Any) -> Any:
        """Tell whether the derivative takes other values at places that are near, so far out."""
        if not np.isinf(z).any():
            return False
        slopes = self._at(z, (1.0, 0.999, 0.997, 0.992))[:, 1]
        spread = np.ptp(slopes, axis=0)
        return spread > np.maximum(1e-2 * np.abs(slopes).max(axis=0), 1e-6)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self._text == other._text

    def __hash__(self) -> int:
        return hash((type(self), self._text))

    def __reduce__(self) -> tuple[Any, tuple[type, str]]:
        return _again, (type(self), self._text)


class Slope(Formula):
    """The derivative of a formula, from the left."""

    derivative = True


def _again(kind: type[Formula], text: str) -> Formula:
    from nonlin.formula.grammar import parse

    return kind(parse(text))
