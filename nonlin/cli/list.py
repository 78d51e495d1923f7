"""``nonlin list``: every function in the catalogue."""

import argparse
from typing import Any

import nonlin
from nonlin.cards import settings
from nonlin.cli import terminal
from nonlin.messages import text

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser, lang: str) -> None:
    """Declare nothing: the command takes only what every command takes."""


def run(arguments: argparse.Namespace, lang: str) -> int:
    """Print the catalogue.

    Parameters
    ----------
    arguments : argparse.Namespace
        With `json`.
    lang : str
        Language of the sentences.

    Returns
    -------
    int
        Exit code.
    """
    functions = [_described(name, f"document.{name}.summary", lang) for name in nonlin.names()]
    functions += [_described(name, f"gates.summary.{name}", lang) for name in nonlin.gates()]
    functions += [
        _described(name, f"axis.summary.{name}", lang) for name in nonlin.axis_functions()
    ]
    if arguments.json:
        terminal.print_json(functions)
    else:
        _print(functions, lang)
    return 0


def _described(name: str, summary: str, lang: str) -> dict[str, Any]:
    function = nonlin.get(name)
    record = function.record
    assert record is not None, "every function of the catalogue has a record"
    return {
        "name": name,
        "title": record.title,
        "group": record.group,
        "aliases": list(record.aliases),
        "parameters": dict(function.parameters),
        "summary": text(summary, lang),
        "paper": record.paper,
        "url": record.url,
    }


def _print(functions: list[dict[str, Any]], lang: str) -> None:
    from rich.text import Text

    console = terminal.console()
    keys = ("name", "parameters", "about")
    heads = [text(f"cli.list.{key}", lang) for key in keys]
    rows = {each["name"]: _row(each) for each in functions}
    widths = [max(_width(row[k]) for row in [heads, *rows.values()]) for k in range(2)]
    groups = {text(f"document.groups.{key}", lang): each for key, each in nonlin.groups().items()}
    groups[text("gates.group", lang)] = nonlin.gates()
    groups[text("axis.group", lang)] = nonlin.axis_functions()
    for number, (group, names) in enumerate(groups.items()):
        if number:
            console.print()
        console.print(Text(group, style="bold"))
        shown = terminal.table(*heads)
        shown.show_header = number == 0
        for column, width in zip(shown.columns[:2], widths, strict=True):
            column.no_wrap, column.min_width = True, width
        for name in names:
            shown.add_row(*rows[name])
        console.print(shown)
    console.print("", text("cli.list.next", lang), sep="\n")


def _row(function: dict[str, Any]) -> list[str]:
    parameters = "\n".join(settings(function["parameters"])) or "–"
    return [function["name"], parameters, function["summary"]]


def _width(cell: str) -> int:
    from rich.cells import cell_len

    return max(map(cell_len, cell.splitlines()))
