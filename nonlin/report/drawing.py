"""SVG drawings of matplotlib's, made fit to stand together inside one HTML page."""

import re

__all__ = ["inline"]


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
