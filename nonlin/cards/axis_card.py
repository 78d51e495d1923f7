"""The card of a function along an axis: for a notebook, and what the terminal prints."""

from __future__ import annotations

from html import escape
from typing import Any

from nonlin.axis import AxisFunction
from nonlin.cards.notebook import LABEL, VALUE
from nonlin.facts.axis import axis_properties
from nonlin.facts.axis_said import lines
from nonlin.messages import language, text

__all__ = ["axis_html", "axis_plain"]

_SCORES = (2.0, 1.0, 0.0, -1.0)
_TEMPERATURES = (0.25, 1.0, 4.0)


def axis_plain(function: AxisFunction, lang: str) -> dict[str, Any]:
    """Give the card as plain data."""
    record = function.record
    return {
        "name": function.name,
        "title": record.title,
        "group": record.group,
        "aliases": list(record.aliases),
        "summary": text(f"axis.summary.{function.name}", lang),
        "parameters": dict(function.parameters),
        "definition": record.formula,
        "jacobian": record.jacobian,
        "definition_latex": record.latex,
        "jacobian_latex": record.jacobian_latex,
        "paper": record.paper,
        "url": record.url,
        "facts": axis_properties(function).to_json(),
    }


def axis_html(function: AxisFunction, lang: str | None = None) -> str:
    """Write the card of a function along an axis as an HTML fragment.

    Parameters
    ----------
    function : AxisFunction
    lang : str, optional
        ``"en"`` or ``"ko"``; without it, the locale's.

    Returns
    -------
    str
        A ``<div>``; it needs no style sheet and no script.

    Examples
    --------
    >>> import nonlin as nl
    >>> "(0, 1)" in axis_html(nl.softmax, "en")
    True
    """
    lang = language(lang)
    record = function.record
    parameters = ", ".join(f"{name} = {value}" for name, value in function.parameters.items())
    rows = {
        text("axis.card.definition", lang): f"<code>{escape(record.formula)}</code>",
        text("axis.card.jacobian", lang): f"<code>{escape(record.jacobian)}</code>",
        **{label: escape(words) for label, words in lines(axis_properties(function), lang)},
        text("axis.card.parameters", lang): escape(parameters),
        text("axis.card.paper", lang): f'<a style="color:inherit" href="{escape(record.url)}">'
        f"{escape(record.paper)}</a>",
    }
    shown = "".join(
        f'<dt style="{LABEL}">{escape(label)}</dt><dd style="{VALUE}">{value}</dd>'
        for label, value in rows.items()
    )
    drawing = _bars(function, lang) if record.masked == 0.0 else ""
    return (
        f'<div lang="{lang}" style="max-width:48em;line-height:1.5">'
        f'<h4 style="margin:0 0 .3em">{escape(text(f"axis.names.{function.name}", lang))}</h4>'
        f'<p style="margin:0 0 .6em">{escape(text(f"axis.summary.{function.name}", lang))}</p>'
        '<div style="display:flex;flex-wrap:wrap;gap:1.5em;align-items:center">'
        f'{drawing}<dl style="margin:0;flex:1;min-width:14em">{shown}</dl></div></div>'
    )


def _bars(function: AxisFunction, lang: str) -> str:
    """Draw the shares of four scores at three temperatures, the cold one first."""
    label = text(
        "axis.card.bars",
        lang,
        name=text(f"axis.names.{function.name}", lang),
        scores=", ".join(f"{score:g}" for score in _SCORES),
        temperatures=", ".join(f"{each:g}" for each in _TEMPERATURES),
    )
    bars = []
    for group, temperature in enumerate(_TEMPERATURES):
        shares = function(_SCORES, axis=-1, temperature=temperature)
        for place, share in enumerate(shares):
            x, height = 8 + group * 72 + place * 15, 100 * float(share)
            bars.append(
                f'<rect x="{x}" y="{110 - height:.2f}" width="12" height="{height:.2f}" '
                'fill="#0072B2"/>'
            )
        bars.append(
            f'<text x="{36 + group * 72}" y="126" font-size="11" text-anchor="middle" '
            f'fill="currentColor">{temperature:g}</text>'
        )
    return (
        f'<div><svg role="img" aria-label="{escape(label, quote=True)}" width="224" height="130" '
        f'viewBox="0 0 224 130">{"".join(bars)}'
        '<line x1="4" y1="110" x2="220" y2="110" stroke="currentColor"/></svg></div>'
    )
