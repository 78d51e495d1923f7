"""What a formula may say: a whitelist of names, operators and sizes."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from nonlin.activation import Activation
from nonlin.catalogue import get
from nonlin.catalogue import names as catalogue_names

__all__ = [
    "CATALOGUE",
    "CONSTANTS",
    "FUNCTIONS",
    "OPERATORS",
    "FormulaError",
    "check",
    "keywords_of",
    "names",
    "parse",
]

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
        said = _ENGLISH[reason].format(names=", ".join(names()))
        super().__init__(f"{said}{f': {culprit}' if culprit else ''}")
        self.reason = reason
        self.culprit = culprit


_ENGLISH = {
    "empty": "the formula is empty",
    "long": f"the formula has more than {LONGEST} characters",
    "deep": "the formula is nested too deeply",
    "syntax": "this is no formula",
    "name": "unknown name (the variable is x; known are {names})",
    "call": "a function takes its arguments in plain parentheses, parameters as name=number",
    "arguments": "wrong number of arguments",
    "power": f"exponents must be numbers that multiply to at most {LARGEST_POWER} in magnitude",
    "number": "a number must be real and below 1e100",
    "forbidden": "not allowed in a formula",
    "variable": "the formula does not contain x",
    "imprecise": "its values cannot be computed to six digits; write it another way",
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
    "maximum": (np.maximum, 2),
    "minimum": (np.minimum, 2),
    "where": (np.where, 3),
}
# The functions of the catalogue that are not there by their NumPy name, with their parameters.
CATALOGUE: dict[str, Callable[[], Activation]] = {
    name: partial(get, name) for name in catalogue_names() if name != "tanh"
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
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    if "x" not in used:
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
        case ast.Call(func=ast.Name(id="where"), args=[comparison, *others]):
            if not _is_comparison(comparison):
                raise FormulaError("forbidden", ast.unparse(node)[:60])
            assert isinstance(comparison, ast.Compare)
            children = [comparison.left, comparison.comparators[0], *others]
            _arguments(node)
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
    if not isinstance(node.func, ast.Name):
        raise FormulaError("call", ast.unparse(node)[:60])
    name = node.func.id
    if name not in FUNCTIONS and name not in CATALOGUE:
        raise FormulaError("name", name[:60])
    if any(isinstance(argument, ast.Starred) for argument in node.args):
        raise FormulaError("call", ast.unparse(node)[:60])
    if node.keywords and name not in CATALOGUE:
        raise FormulaError("call", ast.unparse(node)[:60])
    if len(node.args) != (1 if name in CATALOGUE else FUNCTIONS[name][1]):
        raise FormulaError("arguments", ast.unparse(node)[:60])
    if name in CATALOGUE:
        try:
            CATALOGUE[name]().bind(**keywords_of(node))
        except (TypeError, ValueError):
            raise FormulaError("call", ast.unparse(node)[:60]) from None
    return node.args


def _is_comparison(node: ast.expr) -> bool:
    known = (ast.Gt, ast.GtE, ast.Lt, ast.LtE)
    return isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], known)


def keywords_of(node: ast.Call) -> dict[str, float | str]:
    """Give the parameters in a call of a function of the catalogue."""
    found: dict[str, float | str] = {}
    for keyword in node.keywords:
        value = keyword.value
        minus = isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.USub)
        number = value.operand if minus else value  # type: ignore[attr-defined]
        if keyword.arg is None or not isinstance(number, ast.Constant):
            raise FormulaError("call", ast.unparse(node)[:60])
        given: Any = number.value
        if type(given) is str and not minus:
            found[keyword.arg] = given
        elif type(given) in (int, float) and abs(given) < LARGEST_NUMBER:
            found[keyword.arg] = -float(given) if minus else float(given)
        else:
            raise FormulaError("call", ast.unparse(node)[:60])
    return found


def names() -> list[str]:
    """List the names that a formula may hold."""
    return sorted({*FUNCTIONS, *CATALOGUE, *CONSTANTS, "x"})
