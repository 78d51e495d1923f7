"""The facts as an HTML fragment for a notebook."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from nonlin.facts.words import evidence, explain, label, say
from nonlin.messages import language

if TYPE_CHECKING:
    from nonlin.facts.record import Properties

__all__ = ["html"]

_LEFT = "text-align:left;vertical-align:top;padding:.15em 1em .15em 0;word-break:keep-all"


def html(known: Properties, lang: str | None = None) -> str:
    """Write a table of label, value and evidence; how a fact is known stands in its tooltip."""
    lang = language(lang)
    rows = []
    for name, fact in known.shown().items():
        value = escape(say(name, fact, lang)).replace("\n", "<br>")
        known_by = escape(evidence(fact, lang))
        how = escape(explain(fact, lang), quote=True)
        rows.append(
            f'<tr><th scope="row" style="{_LEFT};font-weight:normal;opacity:.75">'
            f'{escape(label(name, lang))}</th><td style="{_LEFT}">{value}</td>'
            f'<td style="{_LEFT};white-space:nowrap;opacity:.75" title="{how}">{known_by}</td></tr>'
        )
    return f'<table lang="{lang}">{"".join(rows)}</table>'
