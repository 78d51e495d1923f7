"""``nonlin plot``: curves into a file."""

import argparse
import re
from math import isfinite
from pathlib import Path
from re import sub

from nonlin.axis import AxisFunction
from nonlin.catalogue.along_axis import find_axis_function
from nonlin.cli import terminal
from nonlin.cli.errors import WRONG_USAGE, CommandError, unwritable
from nonlin.cli.functions import add_functions, several_or_gates
from nonlin.gate import Gate
from nonlin.messages import text

__all__ = ["add_arguments", "run"]

_NEGATIVE = re.compile(r"-(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$|-inf(inity)?$|-nan$", re.IGNORECASE)
_XLIM = (-10.0, 10.0)
_FORMATS = (".png", ".svg", ".pdf")


def add_arguments(parser: argparse.ArgumentParser, lang: str) -> None:
    """Declare the command's arguments, described in a language."""

    def help_of(name: str) -> str:
        return text(f"cli.plot.help.{name}", lang)

    add_functions(parser, "plot", lang)
    parser.add_argument("--derivative", action="store_true", help=help_of("derivative"))
    for name in ("xlim", "ylim"):
        parser.add_argument(
            f"--{name}", nargs=2, type=float, metavar=("A", "B"), help=help_of(name)
        )
    # argparse knows -1.5 for a number, but takes -1.5e3 and -inf for options.
    parser._negative_number_matcher = _NEGATIVE
    parser.add_argument("--document", action="store_true", help=help_of("document"))
    parser.add_argument("--out", type=Path, metavar="PATH", help=help_of("out"))


def run(arguments: argparse.Namespace, lang: str) -> int:
    """Draw and write the figure, or the document's five.

    Parameters
    ----------
    arguments : argparse.Namespace
    lang : str
        Language of the figures' text.

    Returns
    -------
    int
        Exit code.

    Raises
    ------
    CommandError
        For an unknown name, limits that do not rise, or a path that cannot be written.
    """
    draw = _document if arguments.document else _curves
    try:
        files = draw(arguments, lang)
    except OSError as error:
        raise unwritable(error, error.filename or arguments.out, lang) from error
    if arguments.json:
        terminal.print_json({"files": [str(file) for file in files]})
    else:
        for file in files:
            print(text("cli.written", lang, path=file))
    return 0


def _document(arguments: argparse.Namespace, lang: str) -> list[Path]:
    from nonlin import figures

    if arguments.names or arguments.formula:
        raise CommandError(text("cli.plot.names_and_document", lang), WRONG_USAGE)
    for option in ("derivative", "xlim", "ylim"):
        if getattr(arguments, option):
            sentence = text("cli.plot.option_and_document", lang, option=f"--{option}")
            raise CommandError(sentence, WRONG_USAGE)
    return figures.document_figures(arguments.out or Path("nonlin-figures"), lang)


def _curves(arguments: argparse.Namespace, lang: str) -> list[Path]:
    from nonlin import figures

    along_axis = [find_axis_function(name) for name in arguments.names]
    if len(along_axis) == 1 and along_axis[0] is not None and not arguments.formula:
        return _along_axis(along_axis[0], arguments, lang)
    if not (arguments.names or arguments.formula):
        raise CommandError(text("cli.plot.nothing", lang), WRONG_USAGE)
    acts = list(dict.fromkeys(several_or_gates(arguments, lang)))
    gates = [act.name for act in acts if isinstance(act, Gate)]
    if gates and len(acts) > 1:
        raise CommandError(text("gates.alone", lang, name=gates[0]), WRONG_USAGE)
    # A formula is no file name.
    plain = [sub(r"[^\w.-]+", "_", act.name).strip("_")[:40] or "function" for act in acts]
    file = _file(arguments, "-".join(plain), lang)
    figure = figures.plot(
        *acts,
        derivative=arguments.derivative,
        xlim=_limits(arguments, "xlim", lang) or _XLIM,
        ylim=_limits(arguments, "ylim", lang),
        lang=lang,
    )
    return figures.save(figure, file.with_suffix(""), [file.suffix.removeprefix(".")])


def _along_axis(function: AxisFunction, arguments: argparse.Namespace, lang: str) -> list[Path]:
    from nonlin import figures
    from nonlin.figures.axis import plot_axis

    if arguments.derivative or arguments.xlim or arguments.ylim:
        raise CommandError(text("axis.no_curve", lang, name=function.name), WRONG_USAGE)
    file = _file(arguments, function.name, lang)
    figure = plot_axis(function, lang)
    return figures.save(figure, file.with_suffix(""), [file.suffix.removeprefix(".")])


def _file(arguments: argparse.Namespace, name: str, lang: str) -> Path:
    file: Path = arguments.out or Path(f"{name}.png")
    if file.suffix not in _FORMATS:
        known = ", ".join(_FORMATS)
        raise CommandError(text("cli.plot.format", lang, path=file, known=known), WRONG_USAGE)
    return file


def _limits(arguments: argparse.Namespace, option: str, lang: str) -> tuple[float, float] | None:
    given = getattr(arguments, option)
    if given is None:
        return None
    low, high = given
    # "not <" also refuses NaN.
    if not (isfinite(low) and isfinite(high) and low < high):
        raise CommandError(text("cli.plot.limits", lang, option=f"--{option}"), WRONG_USAGE)
    return low, high
