"""What `nonlin show` and `nonlin plot` do with a function along an axis."""

from __future__ import annotations

import argparse
from pathlib import Path

from nonlin.axis import AxisFunction
from nonlin.cards.axis_card import axis_plain
from nonlin.cli import terminal
from nonlin.cli.errors import WRONG_USAGE, CommandError
from nonlin.facts.axis import axis_properties
from nonlin.messages import text

__all__ = ["plot", "show"]


def show(function: AxisFunction, arguments: argparse.Namespace, lang: str) -> int:
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
    console.print(axis_properties(function).table(lang))
    return 0


def plot(function: AxisFunction, arguments: argparse.Namespace, lang: str) -> list[Path]:
    """Write the picture; give its files."""
    from nonlin import figures
    from nonlin.cli.plot import file_for
    from nonlin.figures.axis import plot_axis

    if arguments.derivative or arguments.xlim or arguments.ylim:
        raise CommandError(text("axis.no_curve", lang, name=function.name), WRONG_USAGE)
    file = file_for(arguments, function.name, lang)
    figure = plot_axis(function, lang)
    return figures.save(figure, file.with_suffix(""), [file.suffix.removeprefix(".")])
