"""What follows from a definition: formulas, the derivative, limits, the range, a reference.

SymPy, and mpmath under it, are imported when a function is called: `import nonlin` needs neither.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from nonlin.activation import Activation

Expression = Any
Number = Any


def _sympy() -> Any:
    try:
        import sympy
    except ImportError:
        raise ImportError(
            'formulas and proofs need SymPy: pip install "nonlin[symbolic]"'
        ) from None
    return sympy


def x() -> Expression:
    """Return the symbol that stands for the pre-activation: x, a real number."""
    return _sympy().Symbol("x", real=True)


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
    sympy = _sympy()
    if activation.record is None:
        raise ValueError(f"{activation!r} has no definition in symbols, only a Python function")
    if bound:
        values = [sympy.Rational(repr(value)) for value in activation.parameters.values()]
    else:
        values = [sympy.Symbol(name, real=True) for name in activation.parameters]
    return activation.record.definition(x(), *values)


def derivative(activation: Activation, bound: bool = True) -> Expression:
    """Differentiate the definition; where a piece ends, the left piece's derivative holds.

    Examples
    --------
    >>> import nonlin as nl
    >>> derivative(nl.relu)
    Piecewise((1, x > 0), (0, True))
    """
    sympy = _sympy()
    expression = definition(activation, bound)
    if not isinstance(expression, sympy.Piecewise):
        return sympy.simplify(sympy.diff(expression, x()))
    return sympy.Piecewise(*((sympy.diff(e, x()), condition) for e, condition in expression.args))


def latex(activation: Activation, derivative: bool = False, bound: bool = False) -> str:
    """Write the definition, or the derivative, in LaTeX.

    Examples
    --------
    >>> import nonlin as nl
    >>> print(latex(nl.sigmoid))
    \\frac{1}{1 + e^{- x}}
    """
    sympy = _sympy()
    # An underscore is no subscript in a parameter's name.
    words = {
        sympy.Symbol(name, real=True): rf"\mathrm{{{name}}}".replace("_", r"\_")
        for name in activation.parameters
        if "_" in name
    }
    return str(sympy.latex(_formula(activation, derivative, bound), symbol_names=words))


def mathml(activation: Activation, derivative: bool = False, bound: bool = False) -> str:
    """Write the definition, or the derivative, in presentation MathML, without the <math> tag."""
    from sympy.printing.mathml import mathml as write

    written = str(write(_formula(activation, derivative, bound), printer="presentation"))
    for name in activation.parameters:
        head, _, index = name.partition("_")
        subscript = f"<msub><mi>{head}</mi><mi>{index}</mi></msub>"
        written = written.replace(subscript, f"<mi>{name}</mi>")
    return written


def _formula(activation: Activation, slope: bool, bound: bool) -> Expression:
    return (derivative if slope else definition)(activation, bound)


def pieces(expression: Expression) -> list[tuple[Number, Number, Expression]]:
    """Split into (start, end, formula), left to right; a piece holds its end, not its start."""
    sympy = _sympy()
    if not isinstance(expression, sympy.Piecewise):
        return [(-sympy.oo, sympy.oo, expression)]
    found = []
    for piece, condition in expression.as_expr_set_pairs():
        found.append((condition.inf, condition.sup, piece))
    return sorted(found, key=lambda piece: piece[0])


def limits(activation: Activation) -> tuple[Number, Number]:
    """Return the limits at -inf and +inf, as SymPy numbers.

    Examples
    --------
    >>> import nonlin as nl
    >>> limits(nl.elu)
    (-1, oo)
    """
    sympy = _sympy()
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
    sympy = _sympy()
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


@lru_cache(maxsize=128)
def _lambdified(activation: Activation, slope: bool) -> Callable[[Any], Any]:
    sympy = _sympy()
    expression = _formula(activation, slope, bound=True)
    return sympy.lambdify(x(), expression, modules="mpmath")  # type: ignore[no-any-return]


def oracle(activation: Activation, derivative: bool = False) -> Callable[[Any], Any]:
    """Return the definition, or its derivative, as a function of mpmath numbers, to 40 digits.

    The working precision doubles until two evaluations agree to 2^-140, so no cancellation is
    left in the result. Infinite arguments give the limit, NaN gives NaN.

    Examples
    --------
    >>> import nonlin as nl
    >>> print(oracle(nl.tanh, derivative=True)(30))
    3.50260434586...e-26
    """
    import mpmath

    function = _lambdified(activation, derivative)

    def evaluate(z: Any) -> Any:
        point = mpmath.mpf(z)
        if not mpmath.isfinite(point):
            return _at_infinity(activation, derivative, point)
        previous, precision = None, 192
        while precision <= 1 << 16:
            with mpmath.workprec(precision):
                y = mpmath.mpf(function(point))
                settled = previous is not None and abs(y - previous) <= abs(y) * 2.0**-140
                if settled and (y != 0 or precision >= 4096):
                    return y
                previous, precision = y, 2 * precision
        raise ArithmeticError(f"{activation!r} did not settle at {point}")

    return evaluate


def _at_infinity(activation: Activation, slope: bool, point: Any) -> Any:
    import mpmath

    if mpmath.isnan(point):
        return point
    sympy = _sympy()
    parts = pieces(_formula(activation, slope, bound=True))
    part, end = (parts[-1], sympy.oo) if point > 0 else (parts[0], -sympy.oo)
    limit = sympy.limit(part[2], x(), end)
    if limit.is_infinite:
        return mpmath.inf if limit > 0 else -mpmath.inf
    return mpmath.mpf(limit.p) / limit.q if limit.is_Rational else mpmath.mpf(limit.evalf(50))
