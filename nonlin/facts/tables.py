"""The facts as a table for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nonlin.facts.words import RAISED, evidence, explain, label, say
from nonlin.messages import language

if TYPE_CHECKING:
    from rich.table import Table

    from nonlin.facts.record import Properties

__all__ = ["table"]


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
