"""A formula as an expression of SymPy, for who writes it out."""

from __future__ import annotations

import ast
import operator
from typing import Any

from nonlin.formula.evaluation import Formula
from nonlin.formula.grammar import CATALOGUE, keywords_of
from nonlin.symbolic import definition

__all__ = ["symbolic"]

_SYMPY = {"abs": "Abs", "max": "Max", "maximum": "Max", "min": "Min", "minimum": "Min"}
RELATIONS: dict[type[ast.cmpop], Any] = {
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
}


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
        case ast.Call(func=ast.Name(id="where"), args=[comparison, yes, no]):
            return sympy.Piecewise((symbolic(yes), symbolic(comparison)), (symbolic(no), True))
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return RELATIONS[type(op)](symbolic(left), symbolic(right))
        case ast.Call(func=ast.Name(id=name), args=arguments) if name in CATALOGUE:
            return definition(CATALOGUE[name]().bind(**keywords_of(node))).subs(
                sympy.Symbol("x", real=True), symbolic(arguments[0])
            )
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
