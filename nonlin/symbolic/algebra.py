"""The textbook definition as a SymPy expression, and its derivative."""

from __future__ import annotations

import math
from typing import Any

from nonlin.activation import Activation
from nonlin.extras import missing_package

Expression = Any
Number = Any


def load_sympy() -> Any:
    """Import SymPy, or say which extra brings it."""
    try:
        import sympy
    except ImportError as error:
        raise ImportError(missing_package("sympy")) from error
    return sympy


def x() -> Expression:
    """Return the symbol that stands for the pre-activation: x, a real number."""
    return load_sympy().Symbol("x", real=True)


def definition(activation: Activation, bound: bool = True) -> Expression:
    """Return the textbook definition of `activation` as a SymPy expression in x.

    Parameters
    ----------
    activation : Activation
        A member of the catalogue.
    bound : bool
        Whether the parameters' values stand in it, as the exact rationals they are written as
        (0.01 is 1/100), or their symbols.

    Returns
    -------
    sympy.Expr

    Raises
    ------
    ValueError
        If `activation` was made by `from_function`: there is no formula to start from.

    Examples
    --------
    >>> import nonlin as nl
    >>> definition(nl.sigmoid)
    1/(1 + exp(-x))
    """
    if activation.record is None:
        raise ValueError(f"{activation!r} has no definition in symbols, only a Python function")
    values = [
        value if isinstance(value, str) else _number(name, value, bound)
        for name, value in activation.parameters.items()
    ]
    values += [_number(name, digits, bound) for name, digits in activation.record.constants.items()]
    return activation.record.definition(x(), *values)


def facing(relation: Expression) -> Expression:
    """Write a relation with x on its left, as people do; other conditions as they are."""
    if not isinstance(relation, load_sympy().core.relational.Relational):
        return relation
    facing = relation.reversed if relation.rhs.has(x()) else relation
    return facing.reversedsign if facing.lhs == -x() else facing


def numbers(activation: Activation) -> dict[str, float | str]:
    """Return the parameters that are finite numbers, and the definition's constants in digits.

    The others pick a formula: words do, and infinity, which stands for a bound that is not there.
    """
    parameters = activation.parameters.items()
    finite = {n: v for n, v in parameters if not isinstance(v, str) and math.isfinite(v)}
    return finite | dict(activation.record.constants if activation.record else {})


def _number(name: str, value: float | str, bound: bool) -> Expression:
    sympy = load_sympy()
    if isinstance(value, float) and math.isinf(value):
        return sympy.oo if value > 0 else -sympy.oo
    return sympy.Rational(str(value)) if bound else sympy.Symbol(name, real=True)


def derivative(activation: Activation, bound: bool = True) -> Expression:
    """Differentiate the definition; where a piece ends, the left piece's derivative holds.

    Examples
    --------
    >>> import nonlin as nl
    >>> derivative(nl.relu)
    Piecewise((1, x > 0), (0, True))
    """
    sympy = load_sympy()
    expression = definition(activation, bound)
    if not isinstance(expression, sympy.Piecewise):
        return sympy.simplify(sympy.diff(expression, x()))
    pieces = ((sympy.diff(e, x()), _with_left_end(c)) for e, c in expression.args)
    return sympy.Piecewise(*pieces)


def _with_left_end(condition: Expression) -> Expression:
    """Give the point where two pieces meet to the left one: x < a becomes x <= a, x >= a x > a."""
    sympy = load_sympy()
    condition = facing(condition)
    if isinstance(condition, sympy.StrictLessThan):
        return sympy.Le(*condition.args)
    if isinstance(condition, sympy.GreaterThan):
        return sympy.Gt(*condition.args)
    if isinstance(condition, sympy.And | sympy.Or):
        return condition.func(*map(_with_left_end, condition.args))
    return condition


def formula(activation: Activation, slope: bool, bound: bool) -> Expression:
    """Return the definition, or if `slope` the derivative."""
    return (derivative if slope else definition)(activation, bound)


def pieces(expression: Expression) -> list[tuple[Number, Number, Expression]]:
    """Split into (start, end, formula), left to right; a piece holds its end, not its start."""
    sympy = load_sympy()
    if not isinstance(expression, sympy.Piecewise):
        return [(-sympy.oo, sympy.oo, expression)]
    found = []
    for piece, where in expression.as_expr_set_pairs():
        intervals = where.args if isinstance(where, sympy.Union) else (where,)
        found += [(interval.inf, interval.sup, piece) for interval in intervals]
    return sorted(found, key=lambda piece: piece[0])
