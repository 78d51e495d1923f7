"""A formula typed by a person becomes an activation, without running it as code."""

from nonlin.activation import Activation
from nonlin.formula.evaluation import Formula, Slope
from nonlin.formula.grammar import FormulaError, names, parse
from nonlin.formula.precision import check_precision, stable

__all__ = ["FormulaError", "from_formula", "names"]


def from_formula(formula: str, name: str | None = None) -> Activation:
    """Make an activation of a formula in x.

    Its parts may overflow where the whole does not: log(1 + exp(x)) is x at 1000.

    Parameters
    ----------
    formula : str
        Numbers, x, pi, e, + - * / ** (or ^ with a constant exponent), parentheses, and exp, expm1,
        log, log1p, sqrt, abs, sign, sin, cos, tan, atan, sinh, cosh, tanh, asinh, erf, max,
        maximum, min, minimum, where(a > b, c, d), and every function of the catalogue with its
        parameters, as in elu(x, alpha=0.5).
    name : str, optional
        What it is called; the formula itself by default.

    Returns
    -------
    Activation
        With its derivative, at a kink the one on the left.

    Raises
    ------
    FormulaError
        If the formula says anything else, or its values cannot be computed to six digits.

    Examples
    --------
    >>> mish = from_formula("x * tanh(log(1 + exp(x)))")
    >>> round(float(mish(1.0)), 6), round(float(mish.derivative(0.0)), 6)
    (0.865098, 0.6)
    """
    tree = stable(parse(formula))
    check_precision(tree)
    return Activation.from_function(Formula(tree), Slope(tree), name or formula.strip())
