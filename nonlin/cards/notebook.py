"""The card as a notebook shows it."""

from html import escape

from nonlin.activation import Activation
from nonlin.cards.card import KINDS, Card, Point, card, said
from nonlin.cards.curve import curve
from nonlin.cards.verdicts import reference
from nonlin.facts.words import evidence, say
from nonlin.messages import language, text

__all__ = ["LABEL", "VALUE", "html"]

# Jupyter's own style floats a list's terms and gives them a fifth of the width.
_STACKED = "float:none;width:auto"
LABEL = f"{_STACKED};opacity:.75;font-size:.85em"
VALUE = f"{_STACKED};margin:0 0 .4em"

_BADGE = {
    "holds": "#12703a",
    "fails": "#b42318",
    "depends": "#8a5300",
    "undecided": "#0b57b0",
    "unjudged": "#545d68",
}


def html(activation: Activation, lang: str | None = None) -> str:
    """Write the card of a function as an HTML fragment.

    Parameters
    ----------
    activation : Activation
    lang : str, optional
        ``"en"`` or ``"ko"``; without it, the locale's.

    Returns
    -------
    str
        A ``<div>`` with its formulas, curve and properties; it needs no style sheet and no script.

    Raises
    ------
    ImportError
        If the parameters are not the catalogue's and SymPy is not installed.

    Examples
    --------
    >>> import nonlin as nl
    >>> "[0, ∞)" in html(nl.relu, "en")
    True
    """
    lang = language(lang)
    shown = card(activation, lang, reference())
    drawing = curve(activation, escape(text("cards.curve", lang, name=shown.title), quote=True))
    return (
        f'<div lang="{lang}" style="max-width:48em;line-height:1.5">'
        f'<h4 style="margin:0 0 .3em">{escape(shown.title)}</h4>'
        f'<p style="margin:0 0 .6em">{escape(shown.summary or repr(activation))}</p>'
        '<div style="display:flex;flex-wrap:wrap;gap:1.5em;align-items:center">'
        f"<div>{drawing}</div>{_facts(shown, lang)}</div>{_points(shown, lang)}</div>"
    )


def _facts(shown: Card, lang: str) -> str:
    facts = {}
    if shown.formulas:
        facts["definition"] = shown.formulas.mathml
        facts["derivative"] = shown.formulas.derivative_mathml
        facts["range"] = escape(_range(shown, lang))
    if shown.parameters:
        facts["parameters"] = escape(shown.settings)
    if shown.paper:
        facts["paper"] = (
            f'<a style="color:inherit" href="{escape(shown.url or "")}">{escape(shown.paper)}</a>'
        )
    rows = (
        f'<dt style="{LABEL}">{escape(text(f"cards.{key}", lang))}</dt>'
        f'<dd style="{VALUE}">{value}</dd>'
        for key, value in facts.items()
    )
    return f'<dl style="margin:0;flex:1;min-width:14em">{"".join(rows)}</dl>' if facts else ""


def _range(shown: Card, lang: str) -> str:
    """Write the range, and that it was not proved if that took too long."""
    assert shown.range is not None, "a function with formulas has a range"
    written = say("range", shown.range, lang)
    late = shown.range.given_up is not None
    return f"{written} ({evidence(shown.range, lang)})" if late else written


def _points(shown: Card, lang: str) -> str:
    blocks = []
    for kind in KINDS:
        points = shown.points.get(kind, ())
        if points:
            items = "".join(f"<li>{_point(point, lang)}</li>" for point in points)
            heading = escape(text(f"cards.{kind}", lang))
            blocks.append(
                f'<dt style="{_STACKED}"><b>{heading}</b></dt><dd style="{_STACKED};margin:0">'
                f'<ul style="margin:0 0 .5em;padding-left:1.4em">{items}</ul></dd>'
            )
    return f'<dl style="margin:.6em 0 0">{"".join(blocks)}</dl>' if blocks else ""


def _point(point: Point, lang: str) -> str:
    words, see = said(point, lang)
    sentence = f"{escape(words)} <small>{point.claim}</small>"
    if see:
        sentence = f"{escape(words)}<br><small>{escape(see)}</small>"
    if not point.verdict:
        return sentence
    word = escape(text(f"report.verdict.{point.verdict}", lang))
    badge = (
        f'<span style="color:#fff;background:{_BADGE[point.verdict]};border-radius:1em;'
        f'padding:0 .5em;font-size:.8em">{word}</span>'
    )
    if point.repeated or not point.finding:
        return f"{sentence} {badge}"
    return f"{sentence} {badge}<br><small>{escape(point.finding)}</small>"
