"""The textbook definition as a SymPy expression, and its derivative."""

from __future__ import annotations

from typing import Any

from nonlin.activation import Activation

Expression = Any
Number = Any


def load_sympy() -> Any:
    """Import SymPy, or say which extra brings it."""
    try:
        import sympy
    except ImportError:
        raise ImportError(
            'formulas and proofs need SymPy: pip install "nonlin[symbolic]"'
        ) from None
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
    return activation.record.definition(x(), *values)


def numbers(activation: Activation) -> dict[str, float]:
    """Return the parameters that are numbers; the others are words that pick a formula."""
    parameters = activation.parameters.items()
    return {name: value for name, value in parameters if not isinstance(value, str)}


def _number(name: str, value: float, bound: bool) -> Expression:
    sympy = load_sympy()
    return sympy.Rational(repr(value)) if bound else sympy.Symbol(name, real=True)


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
    return sympy.Piecewise(*((sympy.diff(e, x()), condition) for e, condition in expression.args))


def formula(activation: Activation, slope: bool, bound: bool) -> Expression:
    """Return the definition, or if `slope` the derivative."""
    return (derivative if slope else definition)(activation, bound)


def pieces(expression: Expression) -> list[tuple[Number, Number, Expression]]:
    """Split into (start, end, formula), left to right; a piece holds its end, not its start."""
    sympy = load_sympy()
    if not isinstance(expression, sympy.Piecewise):
        return [(-sympy.oo, sympy.oo, expression)]
    found = []
    for piece, condition in expression.as_expr_set_pairs():
        found.append((condition.inf, condition.sup, piece))
    return sorted(found, key=lambda piece: piece[0])
