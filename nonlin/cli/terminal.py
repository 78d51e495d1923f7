"""What reaches the terminal: rich where people read, JSON where programs do."""

import json
import os
import sys
from typing import TYPE_CHECKING, Any

from nonlin.plain import data

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

__all__ = ["console", "print_json", "table"]


def console(stderr: bool = False) -> "Console":
    """Open a console; it writes no control codes into a pipe or where ``NO_COLOR`` is set.

    Parameters
    ----------
    stderr : bool
        Write to standard error, where progress belongs.

    Returns
    -------
    rich.console.Console
    """
    from rich.console import Console

    class Piped(Console):
        def on_broken_pipe(self) -> None:
            """Raise again what rich handles: a reader that leaves is no failure here."""
            raise

    return Piped(
        stderr=stderr, highlight=False, emoji=False, no_color=bool(os.environ.get("NO_COLOR"))
    )


def table(*headings: str) -> "Table":
    """Make an empty table in the house's style.

    Parameters
    ----------
    *headings : str
        One a column.

    Returns
    -------
    rich.table.Table
    """
    from rich import box
    from rich.table import Table

    made = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False, show_edge=False)
    for heading in headings:
        made.add_column(heading, overflow="fold")
    return made


def print_json(value: Any) -> None:
    """Print plain data as JSON, readable and with its own letters.

    Parameters
    ----------
    value : object
        Dictionaries, lists, strings, numbers.
    """
    # Where the encoding lacks a letter, JSON's own escape stands for it.
    escape = not (sys.stdout.encoding or "").lower().startswith("utf")
    json.dump(data(value), sys.stdout, ensure_ascii=escape, indent=2, allow_nan=False)
    sys.stdout.write("\n")
