"""Formulas computed by walking their tree, with NumPy or with SymPy."""

from __future__ import annotations

import ast
from typing import Any

import numpy as np

from nonlin.facts.deadline import SECONDS, OutOfTimeError, within
from nonlin.formula.grammar import CONSTANTS, FUNCTIONS, OPERATORS

__all__ = ["Formula", "derivative", "symbolic"]

_SYMPY = {"abs": "Abs", "max": "Max", "min": "Min"}


class Formula:
    """A parsed formula as a function of an array; it pickles and compares by its tree."""

    def __init__(self, tree: ast.expr) -> None:
        self._tree = tree
        self._text = ast.unparse(tree)

    def __call__(self, x: Any) -> Any:
        z = np.asarray(x)
        given = z.dtype if z.dtype.kind == "f" else np.dtype(np.float64)
        with np.errstate(all="ignore"):
            y = np.broadcast_to(self._value(self._tree, z.astype(np.float64)), z.shape)
        return y.astype(given)[()]

    def _value(self, node: ast.expr, x: Any) -> Any:
        match node:
            case ast.Constant(value=value):
                return np.float64(value)  # type: ignore[arg-type]
            case ast.Name(id=name):
                return x if name == "x" else CONSTANTS[name]
            case ast.UnaryOp(op=op, operand=operand):
                return OPERATORS[type(op)](self._value(operand, x))
            case ast.BinOp(left=left, op=op, right=right):
                return OPERATORS[type(op)](self._value(left, x), self._value(right, x))
            case ast.Call(func=ast.Name(id=name), args=arguments):
                return FUNCTIONS[name][0](*(self._value(each, x) for each in arguments))
        raise AssertionError("the grammar allows nothing else")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Formula) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return _again, (self._text,)


def _again(text: str) -> Formula:
    from nonlin.formula.grammar import parse

    return Formula(parse(text))


def symbolic(node: ast.expr) -> Any:
    """Build the SymPy expression of a tree, name by name; what has no x in it is computed.

    SymPy would work out each digit of 1e99**64 and look for its factors.
    """
    import sympy

    if isinstance(node, ast.BinOp | ast.Call) and not _varies(node):
        return sympy.Float(float(Formula(node)(0.0)), 17)
    match node:
        case ast.Constant(value=value):
            return sympy.Rational(repr(value))
        case ast.Name(id=name):
            return {"x": sympy.Symbol("x", real=True), "pi": sympy.pi, "e": sympy.E}[name]
        case ast.UnaryOp(op=op, operand=operand):
            return -symbolic(operand) if isinstance(op, ast.USub) else symbolic(operand)
        case ast.BinOp(left=left, op=op, right=right):
            return _combined(op, symbolic(left), symbolic(right))
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return _called(name, [symbolic(each) for each in arguments])
    raise AssertionError("the grammar allows nothing else")


def _varies(node: ast.expr) -> bool:
    return any(isinstance(part, ast.Name) and part.id == "x" for part in ast.walk(node))


def _combined(op: ast.operator, left: Any, right: Any) -> Any:
    match op:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case ast.Div():
            return left / right
    return left**right


def _called(name: str, arguments: list[Any]) -> Any:
    import sympy

    (x, *_) = arguments
    special = {
        "expm1": lambda: sympy.exp(x) - 1,
        "log1p": lambda: sympy.log(1 + x),
        "sigmoid": lambda: 1 / (1 + sympy.exp(-x)),
        "relu": lambda: sympy.Max(x, 0),
    }
    if name in special:
        return special[name]()
    return getattr(sympy, _SYMPY.get(name, name))(*arguments)


class Slope:
    """The derivative of a formula, as SymPy finds it, as a function of an array."""

    def __init__(self, tree: ast.expr) -> None:
        import sympy

        x = sympy.Symbol("x", real=True)
        self._text = ast.unparse(tree)
        slope = sympy.diff(symbolic(tree), x)
        kinked = slope.has(sympy.sign, sympy.Heaviside, sympy.Derivative, sympy.DiracDelta)
        if kinked or symbolic(tree).has(sympy.Max, sympy.Min, sympy.Abs, sympy.sign):
            raise NotImplementedError("its derivative is not the left one at a kink")
        self._compute = sympy.lambdify(x, slope, [{"erf": FUNCTIONS["erf"][0]}, "numpy"])

    def __call__(self, x: Any) -> Any:
        z = np.asarray(x)
        given = z.dtype if z.dtype.kind == "f" else np.dtype(np.float64)
        with np.errstate(all="ignore"):
            y = np.broadcast_to(self._compute(z.astype(np.float64)), z.shape)
        return y.astype(given)[()]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Slope) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return _again_slope, (self._text,)


def _again_slope(text: str) -> Slope:
    from nonlin.formula.grammar import parse

    return Slope(parse(text))


def derivative(tree: ast.expr) -> Slope | None:
    """Differentiate with SymPy; None without it, at kinks, or where the result is not finite.

    A formula whose derivative overflows on the way to a finite limit is better measured, and so is
    one with numbers that SymPy takes too long for, or NumPy does not hold.
    """
    try:
        slope = within(SECONDS, lambda: Slope(tree))
        sample = slope(np.linspace(-30.0, 30.0, 241))
    except (OutOfTimeError, Exception):
        return None
    return slope if np.isfinite(sample).all() else None
