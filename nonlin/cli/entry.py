"""The program: parse, run one command, turn what a user did wrong into one sentence."""

import os
import sys
from collections.abc import Sequence

from nonlin.cli.errors import INTERRUPTED, CommandError, missing
from nonlin.cli.parser import build
from nonlin.cli.wording import translated
from nonlin.messages import language, text
from nonlin.messages.encoding import ERRORS, spoken_by
from nonlin.messages.requested import requested_language

__all__ = ["main"]


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
