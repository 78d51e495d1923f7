"""A formula as lines of text, for a terminal."""

from re import sub
from typing import Any

from nonlin.symbolic.notation import cases

__all__ = ["plain"]


def plain(expression: Any) -> str:
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
    >>> print(plain(x**2 + 1))
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
