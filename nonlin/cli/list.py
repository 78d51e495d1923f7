"""``nonlin list``: every function in the catalogue."""

import argparse
from typing import Any

import nonlin
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
    functions = [_described(name, lang) for name in nonlin.names()]
    if arguments.json:
        terminal.print_json(functions)
    else:
        _print(functions, lang)
    return 0


def _described(name: str, lang: str) -> dict[str, Any]:
    activation = nonlin.get(name)
    record = activation.record
    assert record is not None, "every function of the catalogue has a record"
    return {
        "name": name,
        "title": record.title,
        "parameters": dict(activation.parameters),
        "summary": text(f"document.{name}.summary", lang),
        "paper": record.paper,
        "url": record.url,
    }


def _print(functions: list[dict[str, Any]], lang: str) -> None:
    keys = ("name", "title", "parameters", "about")
    shown = terminal.table(*(text(f"cli.list.{key}", lang) for key in keys))
    shown.columns[0].no_wrap = shown.columns[1].no_wrap = True
    for each in functions:
        given = each["parameters"].items()
        parameters = "\n".join(f"{name} = {value}" for name, value in given)
        shown.add_row(each["name"], each["title"], parameters or "–", each["summary"])
    console = terminal.console()
    console.print(shown)
    console.print(text("cli.list.next", lang))
