"""What the commands on depth share: numbers that are checked, pictures that are written."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from math import isfinite
from pathlib import Path
from re import sub
from typing import TYPE_CHECKING

from nonlin.activation import Activation
from nonlin.cli.errors import WRONG_USAGE, CommandError, unwritable
from nonlin.gate import Gate
from nonlin.messages import text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["add_picture", "answering", "positive", "whole", "write"]

_FORMATS = (".png", ".svg", ".pdf")


def add_picture(parser: argparse.ArgumentParser, command: str, lang: str) -> None:
    """Declare --plot and --out."""
    parser.add_argument("--plot", action="store_true", help=text(f"cli.{command}.help.plot", lang))
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help=text(f"cli.{command}.help.out", lang)
    )


def positive(option: str, value: float, lang: str) -> float:
    """Check a variance."""
    if not (isfinite(value) and value >= 0.0):
        fields = {"option": option, "value": value, "least": 0}
        raise CommandError(text("cli.own.not_positive", lang, **fields), WRONG_USAGE)
    return value


def whole(option: str, value: int, lang: str) -> int:
    """Check a depth or a width."""
    if value < 1:
        raise CommandError(text("cli.own.not_whole", lang, option=option, value=value), WRONG_USAGE)
    return value


@contextmanager
def answering(act: Activation | Gate, bias: float, lang: str) -> Iterator[None]:
    """Say in a sentence what the theory cannot answer."""
    from nonlin.propagation import NoCriticalPointError, NotConvergedError

    try:
        yield
    except NoCriticalPointError:
        sentence = text("cli.own.no_critical", lang, name=act.name, bias=f"{bias:g}")
        raise CommandError(sentence) from None
    except NotConvergedError:
        reason = text("cli.own.unmeasurable", lang)
        sentence = text("cli.own.not_converged", lang, name=act.name, reason=reason)
        raise CommandError(sentence) from None


def write(figure: "Figure", out: Path | None, name: str, what: str, lang: str) -> Path:
    """Save a picture under the name that was asked for, or one made of the function's."""
    from nonlin import figures

    # A formula is no file name.
    plain = sub(r"[^\w.-]+", "_", name).strip("_")[:40] or "function"
    file = out or Path(f"{plain}-{what}.png")
    if file.suffix not in _FORMATS:
        known = ", ".join(_FORMATS)
        raise CommandError(text("cli.plot.format", lang, path=file, known=known), WRONG_USAGE)
    try:
        return figures.save(figure, file.with_suffix(""), [file.suffix.removeprefix(".")])[0]
    except OSError as error:
        raise unwritable(error, error.filename or file, lang) from error
