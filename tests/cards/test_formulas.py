"""Expected formulas are the document's, written by hand."""

import xml.etree.ElementTree as ElementTree
from html import unescape

import pytest
import sympy

import nonlin as nl
from nonlin import symbolic
from nonlin.cards import formulas


@pytest.mark.parametrize(
    ("name", "definition", "derivative", "range_"),
    [
        ("sigmoid", "   1\n───────\n     -x\n1 + ℯ", "φ⋅(1 - φ)", "(0, 1)"),
        ("tanh", " x    -x\nℯ  - ℯ\n────────\n x    -x\nℯ  + ℯ", "     2\n1 - φ", "(-1, 1)"),
        ("relu", "⎧x  (x > 0)\n⎨\n⎩0  (x ≤ 0)", "⎧1  (x > 0)\n⎨\n⎩0  (x ≤ 0)", "[0, ∞)"),
        (
            "leaky_relu",
            "⎧       x          (x > 0)\n⎨\n⎩negative_slope⋅x  (x ≤ 0)",
            "⎧      1         (x > 0)\n⎨\n⎩negative_slope  (x ≤ 0)",
            "(-∞, ∞)",
        ),
        (
            "elu",
            "⎧    x       (x > 0)\n⎪\n⎨  ⎛ x    ⎞\n⎪α⋅⎝ℯ  - 1⎠  (x ≤ 0)\n⎩",
            "⎧ 1    (x > 0)\n⎪\n⎨   x\n⎪α⋅ℯ   (x ≤ 0)\n⎩",
            "(-1, ∞)",
        ),
        (
            "hard_tanh",
            "⎧max_val  (x > max_val)\n⎪\n⎨   x     (x > min_val)\n⎪\n⎩min_val  (x ≤ min_val)",
            "⎧0  (x > max_val)\n⎪\n⎨1  (x > min_val)\n⎪\n⎩0  (x ≤ min_val)",
            "[-1, 1]",
        ),
    ],
)
def test_text(name, definition, derivative, range_):
    written = formulas(nl.get(name))
    assert written.definition == definition
    assert written.derivative == derivative
    assert written.range == range_


@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
def test_the_short_derivative_is_the_derivative(name):
    activation = nl.get(name)
    x, phi = symbolic.x(), sympy.Symbol("phi")
    short = sympy.sympify(formulas(activation).derivative_latex.replace("\\left", "").replace(
        "\\right", "").replace("\\phi (", "phi*(").replace("\\phi", "phi").replace("^{2}", "**2"),
        locals={"phi": phi})  # fmt: skip
    value = symbolic.definition(activation)
    assert sympy.simplify(short.subs(phi, value) - sympy.diff(value, x)) == 0


@pytest.mark.parametrize("name", nl.names())
def test_mathml_is_well_formed_and_has_no_double_struck_e(name):
    written = formulas(nl.get(name))
    for markup in (written.mathml, written.derivative_mathml):
        # HTML's named entities and its bare > are no XML.
        plain = markup.replace("&InvisibleTimes;", "").replace("<mo>></mo>", "<mo>&gt;</mo>")
        assert ElementTree.fromstring(plain).tag == "math"
        assert "ⅇ" not in unescape(markup)


def test_latex_of_the_smooth_and_the_kinked():
    assert formulas(nl.sigmoid).latex == r"\frac{1}{1 + e^{- x}}"
    assert formulas(nl.tanh).derivative_latex == r"1 - \phi^{2}"
    assert formulas(nl.relu).derivative_latex == (
        r"\begin{cases} 1 & x > 0 \\ 0 & x \leq 0 \end{cases}"
    )


def test_the_range_follows_the_parameter():
    assert formulas(nl.elu.bind(alpha=2.0)).range == "(-2, ∞)"


@pytest.mark.parametrize("name", nl.names())
def test_text_has_plain_conditions(name):
    written = formulas(nl.get(name))
    for lines in (written.definition, written.derivative):
        assert not set(lines) & set("¬∨∧")
