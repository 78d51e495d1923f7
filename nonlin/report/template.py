"""Pages of HTML out of the templates that lie beside this file, and drawings that stand in them."""

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Template

__all__ = ["asset", "inline", "joined", "template"]


@cache
def template(name: str) -> "Template":
    """Load a template.

    Parameters
    ----------
    name : str
        Its path under ``nonlin/report``.

    Returns
    -------
    jinja2.Template
        It escapes what it inserts, and a value that is missing is an error.

    Raises
    ------
    ImportError
        If Jinja2 is not installed.
    """
    try:
        from jinja2 import Environment, StrictUndefined
    except ImportError as error:
        from nonlin.extras import missing_package

        raise ImportError(missing_package("jinja2")) from error

    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.from_string(asset(name))


def asset(name: str) -> str:
    """Read a file that lies beside this one."""
    return files("nonlin.report").joinpath(name).read_text(encoding="utf-8")


def joined(page: str) -> str:
    """Forbid a line to end before a particle or the copula that leans on a bracket or a sign.

    Browsers break there even where words are to be kept whole; U+2060, word joiner, is invisible.
    """
    return re.sub(r"([])%|²](?:</span>)?)(?=[가-힣])", "\\1\u2060", page)


def inline(svg: str, prefix: str, label: str) -> str:
    """Make an SVG file a part of a page.

    The XML prologue and the metadata go, ids get a prefix of their own (two drawings of one page
    would otherwise share glyphs and clip paths), the size becomes the container's, and the drawing
    gets its text alternative.

    Parameters
    ----------
    svg : str
        A whole SVG file.
    prefix : str
        Unique in the page.
    label : str
        What the drawing shows, for those who cannot see it.

    Returns
    -------
    str
        An ``<svg>`` element.

    Raises
    ------
    ValueError
        If there is no ``<svg>`` element.

    Examples
    --------
    >>> inline('<?xml version="1.0"?><svg width="9" id="a"><use href="#a"/></svg>', "f", "A curve")
    '<svg id="f-a" role="img" aria-label="A curve"><use href="#f-a"/></svg>'
    """
    start = svg.find("<svg")
    if start < 0:
        raise ValueError(f"expected an SVG file, got {svg[:40]!r}")
    body = re.sub(r"<metadata>.*?</metadata>\s*", "", svg[start:], flags=re.DOTALL).strip()
    body = re.sub(r'(\sid=")', rf"\1{prefix}-", body)
    body = re.sub(r'(href="#|url\(#)', rf"\1{prefix}-", body)
    opening, closing, rest = body.partition(">")
    opening = re.sub(r'\s(width|height)="[^"]*"', "", opening)
    return f'{opening} role="img" aria-label="{_attribute(label)}"{closing}{rest}'


def _attribute(value: str) -> str:
    for letter, entity in (("&", "&amp;"), ('"', "&quot;"), ("<", "&lt;"), (">", "&gt;")):
        value = value.replace(letter, entity)
    return value
