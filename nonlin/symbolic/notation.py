"""Formulas as people write them: LaTeX and MathML."""

from __future__ import annotations

from html import unescape
from re import sub

from nonlin.activation import Activation
from nonlin.symbolic.algebra import Expression, facing, formula, load_sympy


def latex(activation: Activation, derivative: bool = False, bound: bool = False) -> str:
    """Write the definition, or the derivative, in LaTeX.

    Examples
    --------
    >>> import nonlin as nl
    >>> print(latex(nl.sigmoid))
    \\frac{1}{1 + e^{- x}}
    """
    sympy = load_sympy()
    # An underscore is no subscript in a parameter's name.
    words = {
        sympy.Symbol(name, real=True): rf"\mathrm{{{name}}}".replace("_", r"\_")
        for name in activation.parameters
        if "_" in name
    }

    def write(expression: Expression) -> str:
        return str(sympy.latex(expression, symbol_names=words))

    parts = cases(formula(activation, derivative, bound))
    if len(parts) == 1:
        return write(parts[0][0])
    lines = [rf"{write(piece)} & {write(condition)}" for piece, condition in parts]
    return r"\begin{cases} " + r" \\ ".join(lines) + r" \end{cases}"


def mathml(activation: Activation, derivative: bool = False, bound: bool = False) -> str:
    """Write the definition, or the derivative, in presentation MathML, without the <math> tag."""

    def write(expression: Expression) -> str:
        written = presentation(expression)
        for name in activation.parameters:
            head, _, index = name.partition("_")
            subscript = f"<msub><mi>{head}</mi><mi>{index}</mi></msub>"
            written = written.replace(subscript, f"<mi>{name}</mi>")
        return written

    parts = cases(formula(activation, derivative, bound))
    if len(parts) == 1:
        return write(parts[0][0])
    rows = (
        f"<mtr><mtd>{write(piece)}</mtd><mtd>{write(condition)}</mtd></mtr>"
        for piece, condition in parts
    )
    table = f'<mtable columnalign="left left">{"".join(rows)}</mtable>'
    return f'<mrow><mo stretchy="true">{{</mo>{table}</mrow>'


def presentation(expression: Expression) -> str:
    """Write one SymPy expression in presentation MathML that is XML as well as HTML."""
    from sympy.printing.mathml import mathml as print_mathml

    # SymPy's printer leaves the sign as it is, which no parser reads as text, and names characters
    # as only HTML knows them.
    written = str(print_mathml(expression, printer="presentation"))
    written = written.replace("<mo><</mo>", "<mo>&lt;</mo>")
    return sub(r"&(?!lt;|gt;|amp;)\w+;", lambda entity: unescape(entity[0]), written)


def cases(expression: Expression) -> list[tuple[Expression, Expression]]:
    """List (formula, condition) from top to bottom; the first condition that is met decides."""
    sympy = load_sympy()
    if not isinstance(expression, sympy.Piecewise):
        return [(expression, sympy.true)]
    parts = [(piece, facing(condition)) for piece, condition in expression.args]
    if parts[-1][1] == sympy.true:
        parts[-1] = (parts[-1][0], _otherwise([condition for _, condition in parts[:-1]]))
    return parts


def _otherwise(conditions: list[Expression]) -> Expression:
    """Say in signs that none of x > a, x > b, ... is met, which come from the right."""
    sympy = load_sympy()
    from_the_right = (sympy.StrictGreaterThan, sympy.GreaterThan)
    if not all(isinstance(condition, from_the_right) for condition in conditions):
        raise ValueError(f"pieces are listed from the right, with x on the left: {conditions}")
    return facing(sympy.Not(conditions[-1]))
