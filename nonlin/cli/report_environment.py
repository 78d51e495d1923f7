"""``nonlin report-environment``: what a report of a fault has to say of an installation."""

import argparse
from collections.abc import Iterator, Mapping
from typing import Any

from nonlin.cli import terminal
from nonlin.messages import text
from nonlin.messages.columns import aligned

__all__ = ["ROOM", "add_arguments", "run"]

ROOM = "cli.report_environment"


def add_arguments(parser: argparse.ArgumentParser, lang: str) -> None:
    """Declare nothing: the command takes only what every command takes."""


def run(arguments: argparse.Namespace, lang: str) -> int:
    """Print the installation; it needs NumPy alone, so that no missing extra hides it.

    Parameters
    ----------
    arguments : argparse.Namespace
        With `json`.
    lang : str
        Language of the words.

    Returns
    -------
    int
        Exit code.
    """
    # The other commands do without looking for every package.
    from nonlin.installation import installation

    found = installation()
    if arguments.json:
        terminal.print_json(found)
        return 0
    for head, said in _columns(list(_lines(found, lang))):
        print(f"{head}  {said}".rstrip())
    return 0


def _columns(lines: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    heads = aligned([[head] for head, _ in lines], 80, left=1)
    return zip((head for (head,) in heads), (said for _, said in lines), strict=True)


def _lines(found: Mapping[str, Any], lang: str) -> Iterator[tuple[str, str]]:
    """What stands in each line: a word, then what it is here; a word stands once."""

    def word(key: str, **fields: object) -> str:
        return text(f"{ROOM}.{key}", lang, **fields)

    yield "nonlin", found["nonlin"]
    yield "Python", found["python"]
    yield word("system"), found["system"]
    name = found["processor"] or word("unknown")
    yield word("processor"), word("cores", name=name, count=found["cores"])
    for key in ("instruction_set", "threads", "encoding"):
        yield word(key), str(found[key])
    variables = [f"{name}={value}" for name, value in found["variables"].items()]
    packages = [f"{name} {number}" for name, number in found["packages"].items()]
    extras = [
        word("missing", name=name, packages=", ".join(extra["missing"]))
        if extra["missing"]
        else word("installed", name=name)
        for name, extra in found["extras"].items()
    ]
    for key, several in (("variables", variables), ("packages", packages), ("extras", extras)):
        for number, each in enumerate(several or [word("none")]):
            yield "" if number else word(key), each
