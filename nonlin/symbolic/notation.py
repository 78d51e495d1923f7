"""Formulas as people write them: LaTeX and MathML."""

from __future__ import annotations

from nonlin.activation import Activation
from nonlin.symbolic.algebra import Expression, Number, formula, load_sympy, pieces, x


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

    parts = _cases(formula(activation, derivative, bound))
    if len(parts) == 1:
        return write(parts[0][0])
    lines = [rf"{write(piece)} & {write(condition)}" for piece, condition in parts]
    return r"\begin{cases} " + r" \\ ".join(lines) + r" \end{cases}"


def mathml(activation: Activation, derivative: bool = False, bound: bool = False) -> str:
    """Write the definition, or the derivative, in presentation MathML, without the <math> tag."""
    from sympy.printing.mathml import mathml as print_mathml

    def write(expression: Expression) -> str:
        # The printer leaves the sign as it is, which no HTML parser reads as text.
        written = str(print_mathml(expression, printer="presentation"))
        written = written.replace("<mo><</mo>", "<mo>&lt;</mo>")
        for name in activation.parameters:
            head, _, index = name.partition("_")
            subscript = f"<msub><mi>{head}</mi><mi>{index}</mi></msub>"
            written = written.replace(subscript, f"<mi>{name}</mi>")
        return written

    parts = _cases(formula(activation, derivative, bound))
    if len(parts) == 1:
        return write(parts[0][0])
    rows = (
        f"<mtr><mtd>{write(piece)}</mtd><mtd>{write(condition)}</mtd></mtr>"
        for piece, condition in parts
    )
    table = f'<mtable columnalign="left left">{"".join(rows)}</mtable>'
    return f'<mrow><mo stretchy="true">{{</mo>{table}</mrow>'


def _cases(expression: Expression) -> list[tuple[Expression, Expression]]:
    """List (formula, condition) from right to left, each condition written out."""
    return [(piece, _condition(start, end)) for start, end, piece in reversed(pieces(expression))]


def _condition(start: Number, end: Number) -> Expression:
    sympy = load_sympy()
    if end.is_infinite:
        return sympy.Gt(x(), start)
    return sympy.Le(x(), end) if start.is_infinite else sympy.And(start < x(), x() <= end)
