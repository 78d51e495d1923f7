"""A formula typed by a person becomes an activation, without running it as code."""

from nonlin.activation import Activation
from nonlin.formula.evaluation import Formula, derivative
from nonlin.formula.grammar import FormulaError, parse

__all__ = ["FormulaError", "from_formula"]


def from_formula(formula: str, name: str | None = None) -> Activation:
    """Make an activation of a formula in x.

    Parameters
    ----------
    formula : str
        Numbers, x, pi, e, + - * / ** (or ^ with a constant exponent), parentheses, and exp, expm1,
        log, log1p, sqrt, abs, sign, sin, cos, tan, atan, sinh, cosh, tanh, asinh, erf, sigmoid,
        relu, max, min.
    name : str, optional
        What it is called; the formula itself by default.

    Returns
    -------
    Activation
        With the derivative that SymPy finds, where there is no kink; else phi' is measured.

    Raises
    ------
    FormulaError
        If the formula says anything else.

    Examples
    --------
    >>> mish = from_formula("x * tanh(log(1 + exp(x)))")
    >>> round(float(mish(1.0)), 6), round(float(mish.derivative(0.0)), 6)
    (0.865098, 0.6)
    """
    tree = parse(formula)
    return Activation.from_function(Formula(tree), derivative(tree), name or formula.strip())
