"""The facts for a terminal, for a notebook, and as plain data."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from nonlin.facts.fact import Fact
from nonlin.facts.words import RAISED, evidence, explain, label, say
from nonlin.messages import language
from nonlin.plain import data

if TYPE_CHECKING:
    from rich.table import Table

    from nonlin.facts.gates import GateProperties
    from nonlin.facts.record import Properties

__all__ = ["html", "of_gate", "plain", "table"]


def table(known: Properties, lang: str | None = None, cost: bool = False) -> Table:
    """Make a table of label, value and evidence, and below it how each fact is known.

    With `cost` the last row is what the function costs on this machine, which is timed for it.

    Raises
    ------
    ImportError
        If rich is not installed.
    """
    from rich.table import Table
    from rich.text import Text

    lang = language(lang)
    made = Table.grid(padding=(0, 2, 0, 0))
    made.add_column(style="dim", no_wrap=True)
    made.add_column(overflow="fold")
    made.add_column(style="dim", no_wrap=True)
    methods: dict[str, str] = {}
    for name, fact in known.shown(cost).items():
        mark = methods.setdefault(explain(fact, lang), str(len(methods) + 1).translate(RAISED))
        made.add_row(label(name, lang), Text(say(name, fact, lang)), evidence(fact, lang) + mark)
    made.caption = Text("\n".join(f"{mark} {how}" for how, mark in methods.items()), style="dim")
    made.caption_justify = "left"
    return made


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


def plain(known: Properties, cost: bool = False) -> dict[str, Any]:
    """Give every fact as {"value", "evidence", "how"}, and "not_proved_within" if it was not."""
    return {name: _fact(fact) for name, fact in known.shown(cost).items()}


def of_gate(known: GateProperties) -> dict[str, Any]:
    """Give every fact of a gate."""
    return {name: _fact(fact) for name, fact in known.facts().items()}


def _fact(fact: Fact) -> dict[str, Any]:
    late = {} if fact.given_up is None else {"not_proved_within": fact.given_up}
    return {"value": data(fact.value), "evidence": fact.evidence, "how": fact.how, **late}
