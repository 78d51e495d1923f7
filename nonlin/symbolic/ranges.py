"""Limits and ranges, proved from the definition."""

from __future__ import annotations

from dataclasses import dataclass

from nonlin.activation import Activation
from nonlin.symbolic.algebra import (
    Expression,
    Number,
    definition,
    derivative,
    load_sympy,
    pieces,
    x,
)


def limits(activation: Activation) -> tuple[Number, Number]:
    """Return the limits at -inf and +inf, as SymPy numbers.

    Examples
    --------
    >>> import nonlin as nl
    >>> limits(nl.elu)
    (-1, oo)
    """
    sympy = load_sympy()
    parts = pieces(definition(activation))
    left = sympy.limit(parts[0][2], x(), -sympy.oo)
    return left, sympy.limit(parts[-1][2], x(), sympy.oo)


@dataclass(frozen=True, slots=True)
class Range:
    """The infimum and supremum of a function's values, and whether it attains them."""

    lower: Number
    upper: Number
    lower_attained: bool
    upper_attained: bool

    def __str__(self) -> str:
        left = "[" if self.lower_attained else "("
        right = "]" if self.upper_attained else ")"
        return f"{left}{_plain(self.lower)}, {_plain(self.upper)}{right}"


def _plain(number: Number) -> str:
    return str(number).replace("oo", "inf")


def value_range(activation: Activation) -> Range:
    """Prove the range: limits at the ends of each piece and the values where the slope is 0.

    Examples
    --------
    >>> import nonlin as nl
    >>> print(value_range(nl.sigmoid), value_range(nl.relu))
    (0, 1) [0, inf)
    """
    return expression_range(definition(activation))


def derivative_range(activation: Activation) -> Range:
    """Prove the range of the derivative, as `value_range` does the function's.

    Examples
    --------
    >>> import nonlin as nl
    >>> print(derivative_range(nl.sigmoid))
    (0, 1/4]
    """
    return expression_range(derivative(activation))


def expression_range(expression: Expression) -> Range:
    """Prove the range of an expression in x that is smooth on each of its pieces."""
    sympy = load_sympy()
    approached: list[Number] = []
    attained: list[Number] = []
    for start, end, piece in pieces(expression):
        approached += [sympy.limit(piece, x(), start, "+"), sympy.limit(piece, x(), end, "-")]
        attained += [piece.subs(x(), end)] if end.is_finite else []
        slope = sympy.diff(piece, x())
        inside = sympy.Interval.open(start, end)
        critical = inside if slope.equals(0) else sympy.solveset(slope, x(), inside)
        if critical == inside:
            attained.append(piece)
        elif not isinstance(critical, sympy.FiniteSet | sympy.EmptySet.__class__):
            raise ValueError(f"the zeros of {slope} could not be listed")
        else:
            attained += [piece.subs(x(), point) for point in critical]
    values = approached + attained
    lower, upper = sympy.Min(*values), sympy.Max(*values)
    return Range(lower, upper, lower in attained, upper in attained)
