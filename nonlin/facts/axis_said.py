"""How the facts of a function along an axis are said: in lines, tables, as plain data."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from nonlin.facts.axis import AxisProperties
from nonlin.facts.fact import Interval, number
from nonlin.messages import language, text
from nonlin.messages.encoding import fitting

if TYPE_CHECKING:
    from rich.table import Table

_LEFT = "text-align:left;vertical-align:top;padding:.15em 1em .15em 0;word-break:keep-all"

__all__ = ["html", "lines", "plain", "table", "written"]


def lines(known: AxisProperties, lang: str | None = None) -> list[tuple[str, str]]:
    """Say each fact that has an answer: its label, and its value in words."""
    lang = language(lang)
    return [
        (text(f"axis.facts.{name}", lang), _said(name, fact.value, lang))
        for name, fact in known.facts().items()
        if fact.value is not None
    ]


def written(known: AxisProperties, lang: str | None = None) -> str:
    """Write a line a fact."""
    return fitting("\n".join(f"{label}: {words}" for label, words in lines(known, lang)))


def plain(known: AxisProperties) -> dict[str, Any]:
    """Give the facts as plain data; an interval is its text."""
    return {
        name: {
            "value": str(fact.value) if isinstance(fact.value, Interval) else fact.value,
            "evidence": fact.evidence,
        }
        for name, fact in known.facts().items()
    }


def table(known: AxisProperties, lang: str | None = None) -> Table:
    """Make a table for the terminal."""
    from rich.table import Table
    from rich.text import Text

    made = Table.grid(padding=(0, 2, 0, 0))
    made.add_column(style="dim", no_wrap=True)
    made.add_column(overflow="fold")
    for label, words in lines(known, lang):
        made.add_row(label, Text(words))
    return made


def html(known: AxisProperties, lang: str | None = None) -> str:
    """Write a table for a notebook."""
    lang = language(lang)
    rows = "".join(
        f'<tr><th scope="row" style="{_LEFT};font-weight:normal;opacity:.75">{escape(label)}</th>'
        f'<td style="{_LEFT}">{escape(words)}</td></tr>'
        for label, words in lines(known, lang)
    )
    return f'<table lang="{lang}">{rows}</table>'


def _said(name: str, value: Any, lang: str) -> str:
    if name in ("shift", "cold", "hot"):
        return text(f"axis.said.{name}_{value}", lang)
    return number(value) if isinstance(value, float) else str(value)
