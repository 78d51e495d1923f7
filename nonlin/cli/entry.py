"""The program: parse, run one command, turn what a user did wrong into one sentence."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence

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
from nonlin.cli.errors import INTERRUPTED, CommandError, missing
from nonlin.cli.wording import Formatter, translated
from nonlin.messages import language, languages, text
from nonlin.messages.encoding import ERRORS, spoken_by
from nonlin.messages.requested import requested_language

__all__ = ["build", "main"]

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


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``nonlin`` with a command line.

    Parameters
    ----------
    arguments : sequence of str, optional
        The command line without the program's name; `sys.argv` if not given.

    Returns
    -------
    int
        0 if all went well, 1 after a failure, 2 after wrong usage, 130 after Ctrl-C.

    Examples
    --------
    >>> main(["show", "rleu", "--lang", "en"])
    2
    """
    line = list(sys.argv[1:] if arguments is None else arguments)
    lang = language(requested_language(line))
    # JSON has escapes of its own for letters that the encoding lacks.
    lang = lang if "--json" in line else spoken_by(lang)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=ERRORS)
    try:
        with translated(lang):
            parsed = build(lang).parse_args(line)
        code = int(parsed.run(parsed, lang))
        sys.stdout.flush()
        return code
    except SystemExit as leave:
        return leave.code if isinstance(leave.code, int) else 1
    except CommandError as error:
        return _say(error, lang)
    except ImportError as error:
        known = missing(error, lang)
        if known is None:
            raise
        return _say(known, lang)
    except KeyboardInterrupt:
        print(f"\n{text('cli.interrupted', lang)}", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader (``| head``) has left; Python's own flush at exit must not complain either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _say(error: CommandError, lang: str) -> int:
    print(text("cli.error", lang, sentence=error), file=sys.stderr)
    return error.code
