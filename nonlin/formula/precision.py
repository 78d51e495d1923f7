"""Whether a formula's numbers are right: written so that digits stay, and compared with mpmath."""

from __future__ import annotations

import ast
from typing import Any

import numpy as np

from nonlin.formula.evaluation import COMPARED, Formula
from nonlin.formula.grammar import CATALOGUE, CONSTANTS, FormulaError, keywords_of

__all__ = ["check_precision", "stable"]

# Where a formula is looked at, and what it may be off relative to itself and to what it is there.
SIZES = np.concatenate([np.geomspace(1e-9, 1e-4, 6), np.geomspace(1e-3, 2e3, 26)]) * 1.0173
GRID = np.concatenate([-SIZES, SIZES])
RELATIVE, OF_SCALE, DIGITS = 1e-6, 1e-9, 80
# Beyond, sinh and cosh are half of their one exponential to all digits.
HYPERBOLIC = 1e4


def stable(tree: ast.expr) -> ast.expr:
    """Write log(1 + u) as log1p(u), and exp(u) - 1 as expm1(u)."""
    return ast.fix_missing_locations(_Stable().visit(tree))  # type: ignore[no-any-return]


def _is_one(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == 1


def _called(name: str, argument: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(name, ast.Load()), [argument], [])


def _is_exp(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "exp"


class _Stable(ast.NodeTransformer):
    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        match node:
            case ast.Call(func=ast.Name(id="log"), args=[ast.BinOp(left=a, op=ast.Add(), right=b)]):
                if _is_one(a) or _is_one(b):
                    return _called("log1p", b if _is_one(a) else a)
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        match node:
            case ast.BinOp(left=ast.Call(args=[u]) as a, op=ast.Sub(), right=b):
                if _is_exp(a) and _is_one(b):
                    return _called("expm1", u)
            case ast.BinOp(left=a, op=ast.Sub(), right=ast.Call(args=[u]) as b):
                if _is_one(a) and _is_exp(b):
                    return ast.UnaryOp(ast.USub(), _called("expm1", u))
        return node


def check_precision(tree: ast.expr) -> None:
    """Raise FormulaError unless float64 gives what the formula says, if mpmath is there to tell."""
    try:
        import mpmath
    except ImportError:
        return
    y = np.asarray(Formula(tree)(GRID))
    with mpmath.workdps(DIGITS):
        exact = [_exact(tree, mpmath.mpf(float(x)), mpmath) for x in GRID]
        known = [i for i, v in enumerate(exact) if v is not None and mpmath.isfinite(v)]
        scale = max((abs(exact[i]) for i in known if abs(GRID[i]) <= 4.0), default=mpmath.mpf(1))
        for i in known:
            if abs(exact[i]) > 1e300:
                continue
            off = abs(mpmath.mpf(float(y[i])) - exact[i]) if np.isfinite(y[i]) else mpmath.inf
            size = abs(exact[i])
            if off > max(RELATIVE * size, OF_SCALE * scale):
                raise FormulaError("imprecise")


def _exact(node: ast.expr, x: Any, mpmath: Any) -> Any:
    """Compute a node in high precision; None where it has no real value."""
    try:
        value = _value(node, x, mpmath)
        return None if isinstance(value, mpmath.mpc) and value.imag else mpmath.re(value)
    except (ZeroDivisionError, ValueError, OverflowError):
        return None


def _value(node: ast.expr, x: Any, mpmath: Any) -> Any:
    if not any(isinstance(part, ast.Name) and part.id == "x" for part in ast.walk(node)):
        # A number is that of float64, as in cos(10 ** 64), unless float64 has none.
        number = float(Formula(node)(0.0))
        if np.isfinite(number):
            return mpmath.mpf(number)
    match node:
        case ast.Constant(value=value):
            return mpmath.mpf(float(value))  # type: ignore[arg-type]
        case ast.Name(id=name):
            return x if name == "x" else mpmath.mpf(CONSTANTS[name])
        case ast.UnaryOp(op=op, operand=operand):
            value = _value(operand, x, mpmath)
            return -value if isinstance(op, ast.USub) else value
        case ast.BinOp(left=left, op=op, right=right):
            return _combined(op, _value(left, x, mpmath), _value(right, x, mpmath))
        case ast.Call(func=ast.Name(id="where"), args=[ast.Compare() as test, yes, no]):
            a, b = (_value(each, x, mpmath) for each in (test.left, test.comparators[0]))
            return _value(yes if COMPARED[type(test.ops[0])](a, b) else no, x, mpmath)
        case ast.Call(func=ast.Name(id=name), args=arguments):
            given = [_value(each, x, mpmath) for each in arguments]
            if name in CATALOGUE:
                act = CATALOGUE[name]().bind(**keywords_of(node))
                return mpmath.mpf(float(act(float(given[0]))))
            ours: dict[str, Any] = {
                "abs": abs,
                "max": max,
                "maximum": max,
                "min": min,
                "minimum": min,
            }
            if name in ("sinh", "cosh", "tanh") and abs(given[0]) > HYPERBOLIC:
                return _far_out(name, given[0], mpmath)
            if name in ("exp", "expm1"):
                _refuse_huge(given[0], mpmath)
            return (ours.get(name) or getattr(mpmath, name))(*given)
    raise AssertionError("the grammar allows nothing else")


def _far_out(name: str, x: Any, mpmath: Any) -> Any:
    """Compute a hyperbolic function by its one exponential: mpmath's own takes x bits for it."""
    if name != "tanh":
        _refuse_huge(x, mpmath)
    sign = 1 if x > 0 or name == "cosh" else -1
    return mpmath.mpf(sign) if name == "tanh" else sign * mpmath.exp(abs(x)) / 2


def _refuse_huge(x: Any, mpmath: Any) -> None:
    """Raise OverflowError where e^x would take as many digits of ln 2 as x has before its point."""
    if abs(x) > mpmath.mpf(10) ** 1000:
        raise OverflowError


def _combined(op: ast.operator, a: Any, b: Any) -> Any:
    match op:
        case ast.Add():
            return a + b
        case ast.Sub():
            return a - b
        case ast.Mult():
            return a * b
        case ast.Div():
            return a / b
    return a**b
