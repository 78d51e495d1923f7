"""What a formula may say: a whitelist of names, operators and sizes."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["CONSTANTS", "FUNCTIONS", "OPERATORS", "FormulaError", "check", "parse"]

LONGEST = 500
DEEPEST = 40
LARGEST_POWER = 64
LARGEST_NUMBER = 1e100


class FormulaError(ValueError):
    """A formula that says something which is not allowed.

    Attributes
    ----------
    reason : str
        The key of a sentence.
    culprit : str
        The part of the formula it is about.
    """

    def __init__(self, reason: str, culprit: str = "") -> None:
        super().__init__(f"{_ENGLISH[reason]}{f': {culprit}' if culprit else ''}")
        self.reason = reason
        self.culprit = culprit


_ENGLISH = {
    "empty": "the formula is empty",
    "long": f"the formula has more than {LONGEST} characters",
    "deep": "the formula is nested too deeply",
    "syntax": "this is no formula",
    "name": "unknown name (the variable is x)",
    "call": "a function takes its arguments in plain parentheses",
    "arguments": "wrong number of arguments",
    "power": f"exponents must be numbers that multiply to at most {LARGEST_POWER} in magnitude",
    "number": "a number must be real and below 1e100",
    "forbidden": "not allowed in a formula",
    "variable": "the formula does not contain x",
}


def _erf(x: Any) -> Any:
    from math import erf

    return np.vectorize(erf, otypes=[np.float64])(x)


def _sigmoid(x: Any) -> Any:
    from nonlin.catalogue.functions import sigmoid

    return sigmoid(x)


# Each with the number of arguments it takes; SymPy knows them by the same names but for a few.
FUNCTIONS: dict[str, tuple[Callable[..., Any], int]] = {
    "exp": (np.exp, 1),
    "expm1": (np.expm1, 1),
    "log": (np.log, 1),
    "log1p": (np.log1p, 1),
    "sqrt": (np.sqrt, 1),
    "abs": (np.abs, 1),
    "sign": (np.sign, 1),
    "sin": (np.sin, 1),
    "cos": (np.cos, 1),
    "tan": (np.tan, 1),
    "atan": (np.arctan, 1),
    "sinh": (np.sinh, 1),
    "cosh": (np.cosh, 1),
    "tanh": (np.tanh, 1),
    "asinh": (np.arcsinh, 1),
    "erf": (_erf, 1),
    "sigmoid": (_sigmoid, 1),
    "relu": (lambda x: np.maximum(x, 0.0), 1),
    "max": (np.maximum, 2),
    "min": (np.minimum, 2),
}
CONSTANTS = {"pi": np.pi, "e": np.e}
OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.true_divide,
    ast.Pow: np.power,
    ast.USub: np.negative,
    ast.UAdd: np.positive,
}


def parse(formula: str) -> ast.expr:
    """Parse a formula, of which nothing is ever executed as code.

    Raises
    ------
    FormulaError
        If it says anything that the whitelist does not allow.
    """
    if not formula.strip():
        raise FormulaError("empty")
    if len(formula) > LONGEST:
        raise FormulaError("long")
    try:
        tree = ast.parse(formula.strip().replace("^", "**"), mode="eval").body
    except (SyntaxError, ValueError):
        raise FormulaError("syntax", formula) from None
    except (RecursionError, MemoryError):
        raise FormulaError("deep") from None
    check(tree)
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    if "x" not in names:
        raise FormulaError("variable")
    return tree


def check(node: ast.expr, depth: int = 0, power: float = 1.0) -> None:
    """Refuse whatever is not on the whitelist; `power` is the product of the exponents around."""
    if depth > DEEPEST:
        raise FormulaError("deep")
    children: list[ast.expr] = []
    match node:
        case ast.Constant():
            _check_number(node)
        case ast.Name(id=name):
            if name != "x" and name not in CONSTANTS:
                raise FormulaError("name", name)
        case ast.UnaryOp(op=op, operand=operand) if type(op) in OPERATORS:
            children = [operand]
        case ast.BinOp(left=base, op=ast.Pow(), right=exponent):
            # ((9**64)**64)**64 has more digits than a computer has time for.
            power *= max(1.0, _exponent(exponent))
            if power > LARGEST_POWER:
                raise FormulaError("power", ast.unparse(node)[:60])
            children = [base]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            children = [left, right]
        case ast.Call():
            children = _arguments(node)
        case _:
            raise FormulaError("forbidden", ast.unparse(node)[:60])
    for child in children:
        check(child, depth + 1, power)


def _check_number(node: ast.Constant) -> None:
    value: Any = node.value
    if type(value) not in (int, float) or not abs(value) < LARGEST_NUMBER:
        raise FormulaError("number", ast.unparse(node)[:60])


def _exponent(node: ast.expr) -> float:
    """Give the magnitude of an exponent, a number or a quotient of two."""
    plain = node.operand if isinstance(node, ast.UnaryOp) else node
    quotient = isinstance(plain, ast.BinOp) and isinstance(plain.op, ast.Div)
    parts = [plain.left, plain.right] if quotient else [plain]  # type: ignore[attr-defined]
    numbers: list[Any] = [part.value for part in parts if isinstance(part, ast.Constant)]
    if len(numbers) < len(parts) or any(type(number) not in (int, float) for number in numbers):
        raise FormulaError("power", ast.unparse(node)[:60])
    top, bottom = [*numbers, 1][:2]
    # A fraction of long numbers is a root of a degree that SymPy would work out.
    if not (bottom and max(abs(top), abs(bottom)) <= LARGEST_POWER):
        raise FormulaError("power", ast.unparse(node)[:60])
    return float(abs(top) / abs(bottom))


def _arguments(node: ast.Call) -> list[ast.expr]:
    if not isinstance(node.func, ast.Name) or node.keywords:
        raise FormulaError("call", ast.unparse(node)[:60])
    if node.func.id not in FUNCTIONS:
        raise FormulaError("name", node.func.id[:60])
    if len(node.args) != FUNCTIONS[node.func.id][1]:
        raise FormulaError("arguments", ast.unparse(node)[:60])
    if any(isinstance(argument, ast.Starred) for argument in node.args):
        raise FormulaError("call", ast.unparse(node)[:60])
    return node.args
