"""The grammar of the command line; each command describes itself in its own file."""

import argparse
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version

from nonlin.cli import compare, phase, plot, propagate, show, study
from nonlin.cli import list as list_command
from nonlin.cli.wording import Formatter
from nonlin.messages import languages, text

__all__ = ["build", "requested_language"]

Command = Callable[[argparse.Namespace, str], int]


def requested_language(arguments: Sequence[str]) -> str | None:
    """Find ``--lang`` before parsing, so that even a wrong command line is answered in it.

    Parameters
    ----------
    arguments : sequence of str
        The command line without the program's name.

    Returns
    -------
    str or None
        The last valid language asked for, if any.

    Examples
    --------
    >>> requested_language(["list", "--lang", "ko"]), requested_language(["--lang=fr"])
    ('ko', None)
    """
    found = None
    for position, argument in enumerate(arguments):
        name, given, value = argument.partition("=")
        if name == "--lang":
            wanted = value if given else next(iter(arguments[position + 1 :]), "")
            found = wanted if wanted in languages() else found
    return found


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
        "--version", action="version", version=_version(), help=_help("version", lang)
    )
    _add_language(parser, lang)
    commands = parser.add_subparsers(
        dest="command", required=True, metavar="COMMAND", title=text("cli.commands", lang)
    )
    for name, command in _COMMANDS.items():
        child = commands.add_parser(
            name,
            help=text(f"cli.{name}.summary", lang),
            description=text(f"cli.{name}.description", lang),
            epilog=text(f"cli.{name}.examples", lang),
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
}


def _add_language(parser: argparse.ArgumentParser, lang: str) -> None:
    # SUPPRESS: the command's missing --lang must not undo the one before the command.
    parser.add_argument(
        "--lang", choices=languages(), default=argparse.SUPPRESS, help=_help("lang", lang)
    )


def _help(name: str, lang: str) -> str:
    return text(f"cli.help.{name}", lang)


def _version() -> str:
    try:
        return f"nonlin {version('nonlin')}"
    except PackageNotFoundError:
        return "nonlin"
