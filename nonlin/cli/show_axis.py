"""The card of one function along an axis, for ``nonlin show``."""

from __future__ import annotations

import argparse

from nonlin.axis import AxisFunction
from nonlin.cards.axis_card import axis_plain
from nonlin.cli import terminal
from nonlin.facts.axis import axis_properties
from nonlin.facts.axis_said import table
from nonlin.messages import text

__all__ = ["show_axis"]


def show_axis(function: AxisFunction, arguments: argparse.Namespace, lang: str) -> int:
    """Print the card; give the exit code."""
    card = axis_plain(function, lang)
    if arguments.json:
        terminal.print_json(card)
        return 0
    from rich.table import Table
    from rich.text import Text

    console = terminal.console()
    console.print(Text(text(f"axis.names.{function.name}", lang), style="bold"))
    console.print(Text(card["summary"]), "")
    shown = Table.grid(padding=(0, 3, 0, 0))
    shown.add_column(style="dim", no_wrap=True)
    shown.add_column(overflow="fold")
    rows = {
        "definition": card["definition"],
        "jacobian": card["jacobian"],
        "parameters": ", ".join(f"{name} = {value}" for name, value in card["parameters"].items()),
        "paper": f"{card['paper']}\n{card['url']}",
    }
    for key, value in rows.items():
        shown.add_row(text(f"axis.card.{key}", lang), Text(value))
    console.print(shown)
    console.print()
    console.print(Text(text("axis.card.facts", lang), style="bold"))
    console.print(table(axis_properties(function), lang))
    return 0
