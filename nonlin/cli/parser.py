"""The grammar of the command line; each command describes itself in its own file."""

import argparse
from collections.abc import Callable

from nonlin import __version__
from nonlin.cli import (
    compare,
    doctor,
    explore,
    phase,
    plot,
    propagate,
    report_environment,
    show,
    study,
    tutorial,
)
from nonlin.cli import list as list_command
from nonlin.cli.wording import Formatter
from nonlin.messages import languages, text

__all__ = ["build"]

Command = Callable[[argparse.Namespace, str], int]


def build(lang: str) -> argparse.ArgumentParser:
    """Build the parser; ``arguments.run(arguments, lang)`` then runs the command.

    Parameters
    ----------
    lang : str
        Language of every help text and error.

    Returns
    -------
    argparse.ArgumentParser
    """
    parser = argparse.ArgumentParser(
        prog="nonlin",
        description=text("cli.description", lang),
        epilog=text("cli.examples", lang),
        formatter_class=Formatter,
    )
    parser.add_argument(
        "--version", action="version", version=f"nonlin {__version__}", help=_help("version", lang)
    )
    _add_language(parser, lang)
    commands = parser.add_subparsers(
        dest="command", required=True, metavar="COMMAND", title=text("cli.commands", lang)
    )
    for name, command in _COMMANDS.items():
        room = getattr(command, "ROOM", f"cli.{name}")
        child = commands.add_parser(
            name,
            help=text(f"{room}.summary", lang),
            description=text(f"{room}.description", lang),
            epilog=text(f"{room}.examples", lang),
            formatter_class=Formatter,
        )
        command.add_arguments(child, lang)
        child.add_argument("--json", action="store_true", help=_help("json", lang))
        _add_language(child, lang)
        child.set_defaults(run=command.run)
    return parser


_COMMANDS = {
    "list": list_command,
    "show": show,
    "compare": compare,
    "plot": plot,
    "propagate": propagate,
    "phase": phase,
    "study": study,
    "doctor": doctor,
    "explore": explore,
    "tutorial": tutorial,
    "report-environment": report_environment,
}


def _add_language(parser: argparse.ArgumentParser, lang: str) -> None:
    # SUPPRESS: the command's missing --lang must not undo the one before the command.
    parser.add_argument(
        "--lang", choices=languages(), default=argparse.SUPPRESS, help=_help("lang", lang)
    )


def _help(name: str, lang: str) -> str:
    return text(f"cli.help.{name}", lang)
