"""Formulas as a reader and a parser see them."""

from xml.etree import ElementTree

import pytest

import nonlin as nl
from nonlin import symbolic


def test_latex():
    assert symbolic.latex(nl.sigmoid) == r"\frac{1}{1 + e^{- x}}"
    assert symbolic.latex(nl.relu) == r"\begin{cases} x & x > 0 \\ 0 & x \leq 0 \end{cases}"
    assert r"\mathrm{negative\_slope}" in symbolic.latex(nl.leaky_relu, derivative=True)
    assert r"\frac{x}{20}" in symbolic.latex(nl.leaky_relu.bind(negative_slope=0.05), bound=True)


# Letters of the Greek alphabet, and indices below them.
WRITTEN = {
    "alpha": "α", "beta": "β", "mu": "μ", "sigma": "σ", "alpha_p": "αp", "alpha_n": "αn",
}  # fmt: skip


@pytest.mark.parametrize("derivative", [False, True])
@pytest.mark.parametrize("name", nl.names())
def test_mathml_is_well_formed(name, derivative):
    written = symbolic.mathml(nl.get(name), derivative)
    tree = ElementTree.fromstring(f"<math>{written}</math>")
    text = "".join(tree.itertext())
    written_out = symbolic.derivative if derivative else symbolic.definition
    for symbol in written_out(nl.get(name), bound=False).free_symbols:
        assert WRITTEN.get(symbol.name, symbol.name) in text
