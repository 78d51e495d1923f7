"""How a gate's facts are said: in a sentence, as plain data, as an HTML fragment."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING, Any

from nonlin.facts.fact import Fact, Interval, number
from nonlin.messages import language, text

if TYPE_CHECKING:
    from nonlin.facts.gates import GateProperties
    from nonlin.gate import Gate

_LEFT = "text-align:left;vertical-align:top;padding:.15em 1em .15em 0"


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


def plain(fact: Fact) -> dict[str, Any]:
    """Give one fact as plain data."""
    return {"value": _plain(fact.value), "evidence": fact.evidence, "how": fact.how}


def _plain(value: Any) -> Any:
    if isinstance(value, Interval):
        return {
            "lower": _plain(value.lower),
            "upper": _plain(value.upper),
            "lower_attained": value.lower_attained,
            "upper_attained": value.upper_attained,
        }
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, float) and math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return value


def gate_title(gate: Gate, lang: str) -> str:
    """Return the name a reader knows a gate by."""
    if gate.record is None:
        return gate.name
    return text(f"gates.names.{gate.name}", lang)


def html(known: GateProperties, lang: str | None = None) -> str:
    """Write the gate's formulas and facts as a table."""
    from nonlin.facts.gates import rows

    lang = language(lang)
    gate = known.gate
    lines = [(label, said, evidence) for label, said, evidence in rows(known, lang)]
    if gate.record is not None:
        slopes = zip(("by_gate", "by_value"), gate.record.slopes, strict=True)
        formulas = [(text("gates.definition", lang), gate.record.formula, "")]
        formulas += [(text(f"gates.slope.{name}", lang), slope, "") for name, slope in slopes]
        lines = formulas + lines
    written = "".join(
        f'<tr><th scope="row" style="{_LEFT};font-weight:normal;opacity:.75">{escape(label)}</th>'
        f'<td style="{_LEFT}">{escape(said)}</td>'
        f'<td style="{_LEFT};opacity:.75">{escape(evidence)}</td></tr>'
        for label, said, evidence in lines
    )
    title = escape(gate_title(gate, lang))
    return f'<table lang="{lang}"><caption style="{_LEFT}">{title}</caption>{written}</table>'
