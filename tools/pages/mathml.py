"""Formulas as MathML, which browsers draw themselves: no script, no fetching."""

import re
from typing import Any

from docutils import nodes
from latex2mathml.converter import convert

__all__ = ["mathml", "setup"]


# A prime stands high by itself; as a superscript it would be raised twice, and hardly be seen.
_PRIME = re.compile(r"<msup>(<mi>[^<]+</mi>)(?:<mrow>)?<mi>&#x02032;</mi>(?:</mrow>)?</msup>")


def mathml(formula: str, display: str) -> str:
    """Write a formula of LaTeX as an element.

    Examples
    --------
    >>> "<mi>f</mi><mo>′</mo>" in mathml("f'(x)", "inline")
    True
    """
    return _PRIME.sub(r"\1<mo>′</mo>", convert(formula, display=display))


def _inline(self: Any, node: nodes.math) -> None:
    self.body.append(mathml(node.astext(), "inline"))
    raise nodes.SkipNode


def _block(self: Any, node: nodes.math_block) -> None:
    formula = mathml(node.astext(), "block")
    # Wide formulas scroll by themselves on a narrow screen, also with the keyboard.
    self.body.append(f'<div class="math" tabindex="0" role="group">{formula}</div>\n')
    raise nodes.SkipNode


def setup(app: Any) -> dict[str, bool]:
    """Register the renderer under the name "mathml"."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
