"""How a gate's facts are said: in a sentence, as plain data, as an HTML fragment."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from nonlin.facts.fact import Fact, number
from nonlin.facts.gates import GateProperties, gate_properties
from nonlin.gate import Gate
from nonlin.messages import language, text
from nonlin.messages.encoding import fitting

if TYPE_CHECKING:
    from rich.table import Table

_LEFT = "text-align:left;vertical-align:top;padding:.15em 1em .15em 0;word-break:keep-all"


def say(name: str, fact: Fact, lang: str) -> str:
    """Say one fact of a gate."""
    value = fact.value
    if value is None or value == ():
        return text("gates.none", lang)
    if isinstance(value, bool):
        return text("gates.yes" if value else "gates.no", lang)
    if name in ("at_zero", "slopes_at_one"):
        words = ("by_gate", "by_value") if len(value) == 2 else ("value", "by_gate", "by_value")
        parts = zip(words, value, strict=True)
        return ", ".join(f"{text(f'gates.part.{word}', lang)} {number(x)}" for word, x in parts)
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return number(value) if isinstance(value, float) else str(value)


def rows(known: GateProperties, lang: str | None = None) -> list[tuple[str, str, str]]:
    """List label, value and evidence of every fact, in a language."""
    lang = language(lang)
    return [
        (
            text(f"gates.facts.{name}", lang),
            say(name, fact, lang),
            text(f"gates.evidence.{fact.evidence}", lang),
        )
        for name, fact in known.facts().items()
    ]


def written(known: GateProperties, lang: str | None = None) -> str:
    """Write a line a fact."""
    return fitting("\n".join(f"{label}: {said}" for label, said, _ in rows(known, lang)))


def table(known: GateProperties, lang: str | None = None) -> Table:
    """Make a table of label, value and evidence for the terminal."""
    from rich.table import Table
    from rich.text import Text

    made = Table.grid(padding=(0, 2, 0, 0))
    made.add_column(style="dim")
    made.add_column(overflow="fold")
    made.add_column(no_wrap=True)
    for label, said, evidence in rows(known, lang):
        made.add_row(label, Text(said), Text(evidence, style="dim"))
    return made


def gate_title(gate: Gate, lang: str) -> str:
    """Return the name a reader knows a gate by."""
    if gate.record is None:
        return gate.name
    return text(f"gates.names.{gate.name}", lang)


def card(gate: Gate, lang: str | None = None) -> str:
    """Write what a gate is as a table."""
    return html(gate_properties(gate), lang)


def html(known: GateProperties, lang: str | None = None) -> str:
    """Write the gate's formulas and facts as a table."""
    lang = language(lang)
    gate = known.gate
    lines = rows(known, lang)
    if gate.record is not None:
        slopes = zip(("by_gate", "by_value"), gate.record.slopes, strict=True)
        formulas = [(text("gates.definition", lang), gate.record.formula, "")]
        formulas += [(text(f"gates.slope.{name}", lang), slope, "") for name, slope in slopes]
        lines = formulas + lines
    written = "".join(
        f'<tr><th scope="row" style="{_LEFT};font-weight:normal;opacity:.75">{escape(label)}</th>'
        f'<td style="{_LEFT}">{escape(said)}</td>'
        f'<td style="{_LEFT};white-space:nowrap;opacity:.75">{escape(evidence)}</td></tr>'
        for label, said, evidence in lines
    )
    title = escape(gate_title(gate, lang))
    return f'<table lang="{lang}"><caption style="{_LEFT}">{title}</caption>{written}</table>'
