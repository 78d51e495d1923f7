"""The card of one gate, for ``nonlin show``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nonlin.cards import settings
from nonlin.cli import terminal
from nonlin.facts.gates import gate_properties
from nonlin.facts.gates_said import gate_title, table
from nonlin.gate import Gate
from nonlin.messages import text

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["show_gate"]


def show_gate(gate: Gate, as_json: bool, lang: str) -> int:
    """Print what a gate is: its definition, its derivatives, its facts.

    Parameters
    ----------
    gate : Gate
    as_json : bool
        Whether to print plain data.
    lang : str

    Returns
    -------
    int
        Exit code.
    """
    known, record = gate_properties(gate), gate.record
    written = {} if record is None else _written(gate, lang)
    if as_json:
        described = {"name": gate.name, "title": gate_title(gate, lang)}
        parameters = {"parameters": dict(gate.parameters)}
        terminal.print_json(described | written | parameters | {"facts": known.to_json()})
        return 0
    from rich.text import Text

    console = terminal.console()
    console.print(Text(gate_title(gate, lang), style="bold"))
    if record is not None:
        console.print(Text(written["summary"]), "", sep="\n")
        console.print(_formulas(gate, written, lang), "", sep="\n")
    console.print(Text(text("cli.show.facts", lang), style="bold"))
    console.print(table(known, lang))
    return 0


def _written(gate: Gate, lang: str) -> dict[str, str]:
    record = gate.record
    assert record is not None, "a gate of the catalogue has a record"
    return {
        "summary": text(f"gates.summary.{gate.name}", lang),
        "definition": record.formula,
        "by_gate": record.slopes[0],
        "by_value": record.slopes[1],
        "paper": record.paper,
        "url": record.url,
    }


def _formulas(gate: Gate, written: dict[str, str], lang: str) -> Table:
    from rich.text import Text

    shown = _grid()
    lines = [
        (text("gates.definition", lang), written["definition"]),
        (text("gates.slope.by_gate", lang), written["by_gate"]),
        (text("gates.slope.by_value", lang), written["by_value"]),
        (
            text("cards.parameters", lang),
            "\n".join(settings(gate.parameters)) or text("cards.no_parameters", lang),
        ),
        (text("cards.paper", lang), f"{written['paper']}\n{written['url']}"),
    ]
    for label, line in lines:
        shown.add_row(label, Text(line))
    return shown


def _grid() -> Table:
    from rich.table import Table

    made = Table.grid(padding=(0, 2, 0, 0))
    made.add_column(style="dim")
    made.add_column(overflow="fold")
    made.add_column(no_wrap=True)
    return made
