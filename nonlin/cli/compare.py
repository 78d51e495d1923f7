"""``nonlin compare A B C``: facts side by side."""

import argparse

from nonlin.activation import Activation
from nonlin.cli import terminal
from nonlin.cli.errors import WRONG_USAGE, CommandError
from nonlin.cli.functions import add_functions, several
from nonlin.messages import text

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser, lang: str) -> None:
    """Declare the command's arguments, described in a language."""
    add_functions(parser, "compare", lang)
    parser.add_argument("--all", action="store_true", help=text("cli.compare.help.all", lang))


def run(arguments: argparse.Namespace, lang: str) -> int:
    """Print the facts in which the functions differ.

    Parameters
    ----------
    arguments : argparse.Namespace
    lang : str

    Returns
    -------
    int
        Exit code.

    Raises
    ------
    CommandError
        For an unknown name, a formula that cannot be read, or fewer than two functions.
    """
    functions = several(arguments, lang)
    if len(functions) < 2:
        raise CommandError(text("cli.compare.few", lang), WRONG_USAGE)
    if arguments.json:
        from nonlin.facts import properties

        terminal.print_json({repr(act): properties(act).to_json(cost=True) for act in functions})
        return 0
    _print(functions, arguments.all, lang)
    return 0


def _print(functions: list[Activation], everything: bool, lang: str) -> None:
    from rich.text import Text

    from nonlin.facts import properties
    from nonlin.facts.words import label, say

    shown = terminal.table(text("cli.compare.fact", lang), *(_heading(act) for act in functions))
    # A function that is named twice is known, and timed, once.
    known = {act: properties(act).shown(cost=True) for act in functions}
    for name in known[functions[0]]:
        said = [say(name, known[act][name], lang) for act in functions]
        if everything or len(set(said)) > 1:
            shown.add_row(label(name, lang), *(Text(each) for each in said))
    console = terminal.console()
    console.print(shown if shown.row_count else text("cli.compare.same", lang))


def _heading(act: Activation) -> str:
    return act.name if act.record is None else repr(act).removeprefix("nl.")
