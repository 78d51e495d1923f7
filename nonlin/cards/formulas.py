"""A definition and its derivative as people write them: text, LaTeX, MathML."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from re import sub
from typing import Any

from nonlin import symbolic
from nonlin.activation import Activation
from nonlin.facts import properties
from nonlin.facts.shipped import is_constant
from nonlin.symbolic.notation import cases, presentation

__all__ = ["FILE", "Formulas", "formulas", "in_lines", "math_element", "written"]


def in_lines(expression: Any) -> str:
    """Write a SymPy expression over several lines, with fractions, powers and braces.

    Parameters
    ----------
    expression : sympy.Expr

    Returns
    -------
    str

    Examples
    --------
    >>> from sympy.abc import x
    >>> print(in_lines(x**2 + 1))
     2
    x  + 1
    """
    from sympy.printing.pretty.pretty_symbology import pretty_use_unicode

    before = pretty_use_unicode(True)
    try:
        printed = _printer().doprint(_explicit(expression))
    finally:
        pretty_use_unicode(before)
    # "(x > 0)" is read in every language, SymPy's "for x > 0" in one.
    lines = (sub(r"for (\S+ [<>≤≥] \S+)", r"(\1)", line).rstrip() for line in printed.splitlines())
    return "\n".join(lines)


def _explicit(expression: Any) -> Any:
    """Write each piece's condition as the other notations do: x on its left, no "otherwise"."""
    import sympy

    if not isinstance(expression, sympy.Piecewise):
        return expression
    return sympy.Piecewise(*cases(expression), evaluate=False)


def _printer() -> Any:
    from sympy.printing.pretty.pretty import PrettyPrinter
    from sympy.printing.pretty.stringpict import prettyForm

    class Printer(PrettyPrinter):  # type: ignore[misc]
        def _print_Symbol(self, symbol: Any) -> Any:  # noqa: N802 - SymPy looks it up by class
            # An underscore is no subscript in a parameter's name.
            whole = "_" in symbol.name
            return prettyForm(symbol.name) if whole else super()._print_Symbol(symbol)

    return Printer({"wrap_line": False})


FILE = Path(__file__).with_name("formulas.json")


@dataclass(frozen=True)
class Formulas:
    """phi and phi' in three notations, and the range.

    Attributes
    ----------
    definition, derivative : str
        Lines of text, for a terminal.
    latex, derivative_latex : str
        Without dollar signs.
    mathml, derivative_mathml : str
        A ``<math>`` element each.
    range : str
        The interval of `nonlin.properties`, such as ``[0, ∞)``.
    """

    definition: str
    derivative: str
    latex: str
    derivative_latex: str
    mathml: str
    derivative_mathml: str
    range: str


@cache
def formulas(activation: Activation) -> Formulas:
    """Write out a function of the catalogue; a smooth derivative is written through phi itself.

    Parameters
    ----------
    activation : Activation

    Returns
    -------
    Formulas

    Raises
    ------
    ValueError
        If `activation` has no definition in symbols.
    ImportError
        If the parameters are not the catalogue's and SymPy is not installed.

    Examples
    --------
    >>> import nonlin as nl
    >>> print(formulas(nl.relu).definition)
    ⎧x  (x > 0)
    ⎨
    ⎩0  (x ≤ 0)
    >>> print(formulas(nl.sigmoid).derivative, formulas(nl.elu).range)
    φ⋅(1 - φ) (-1, ∞)
    """
    known = _shipped().get(activation.name) if is_constant(activation) else None
    notations = written(activation) if known is None else known
    return Formulas(**notations, range=str(properties(activation).range.value))


@cache
def _shipped() -> Mapping[str, Mapping[str, str]]:
    found: Mapping[str, Mapping[str, str]] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def written(activation: Activation) -> dict[str, str]:
    """Write the definition and the derivative in each notation, with SymPy."""
    definition = symbolic.definition(activation, bound=False)
    short = _through_value(activation)
    return {
        "definition": in_lines(definition),
        "derivative": in_lines(
            symbolic.derivative(activation, bound=False) if short is None else short
        ),
        "latex": symbolic.latex(activation),
        "derivative_latex": symbolic.latex(activation, derivative=True)
        if short is None
        else _latex(short),
        "mathml": math_element(symbolic.mathml(activation)),
        "derivative_mathml": math_element(
            symbolic.mathml(activation, derivative=True) if short is None else presentation(short)
        ),
    }


def _through_value(activation: Activation) -> Any | None:
    """Write phi' as a formula in phi, the form textbooks print; None where there is no such form.

    With t = e^x, phi and phi' of the smooth functions here are rational in t. Solving phi = y for t
    and putting that into phi' leaves a formula in y alone.
    """
    import sympy

    value = symbolic.definition(activation)
    if isinstance(value, sympy.Piecewise):
        return None
    slope = sympy.diff(value, symbolic.x())
    t, y = sympy.Symbol("t"), sympy.Symbol("phi")
    in_t = [
        sympy.simplify(part.replace(sympy.exp, lambda power: t ** (power / symbolic.x())))
        for part in (value, slope)
    ]
    if not all(part.is_rational_function(t) and part.free_symbols <= {t} for part in in_t):
        return None
    solution = sympy.solve(in_t[0] - y, t)[-1]
    return sympy.factor_terms(sympy.expand(sympy.simplify(in_t[1].subs(t, solution))))


def _latex(expression: Any) -> str:
    import sympy

    return str(sympy.latex(expression))


def math_element(content: str) -> str:
    """Put presentation MathML into the element that browsers show it from."""
    for markup, clearer in _CLEARER:
        content = sub(markup, clearer, content)
    return f'<math displaystyle="true">{content}</math>'


# What browsers need beyond the notation: SymPy's double-struck e is rare in fonts, a long name runs
# into its factor, the cells of cases stand in the middle, and without a mathematical font a brace
# does not grow.
_CLEARER = (
    ("\N{DOUBLE-STRUCK ITALIC SMALL E}", "e"),
    ("(<mi>\\w{2,}</mi>)<mo>\N{INVISIBLE TIMES}</mo>", r"\1<mo>·</mo>"),
    ("<mtd>", '<mtd style="text-align:left">'),
    ('<mo stretchy="true">', '<mo stretchy="true" style="font-size:1.8em">'),
)
