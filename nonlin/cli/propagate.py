"""``nonlin propagate NAME``: signals and gradients through depth."""

import argparse
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from nonlin.cli import terminal
from nonlin.cli.errors import WRONG_USAGE, CommandError
from nonlin.cli.functions import add_function, one
from nonlin.cli.theory import add_picture, answering, positive, short, whole, write
from nonlin.messages import text

if TYPE_CHECKING:
    from nonlin.propagation import Propagation

__all__ = ["add_arguments", "run"]

# So many layers are printed at most, evenly spread.
ROWS = 12
_SUMMARY = ("q_star", "chi1", "c_star", "xi_q", "xi_c", "max_depth")


def add_arguments(parser: argparse.ArgumentParser, lang: str) -> None:
    """Declare the command's arguments, described in a language."""
    add_function(parser, lang, taken=("width",))
    for name, kind, default in (
        ("weight_variance", float, None),
        ("bias_variance", float, 0.0),
        ("depth", int, 50),
        ("width", int, None),
        ("residual", float, None),
    ):
        parser.add_argument(
            f"--{name.replace('_', '-')}",
            type=kind,
            default=default,
            metavar="N" if kind is int else "V",
            help=text(f"cli.propagate.help.{name}", lang),
        )
    add_picture(parser, "propagate", lang)


def run(arguments: argparse.Namespace, lang: str) -> int:
    """Print what happens to signals and gradients, layer by layer.

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
        For an unknown function, numbers that no network has, or what the theory cannot answer.
    """
    found, critical = _found(arguments, lang)
    file = None
    if arguments.plot or arguments.out:
        from nonlin.figures.propagation import propagation_figure

        figure = propagation_figure(found, lang)
        file = write(figure, arguments.out, found.activation.name, "propagation", lang)
    if arguments.json:
        terminal.print_json(_plain(found) | {"file": None if file is None else str(file)})
        return 0
    _print(found, critical, lang)
    if file is not None:
        print(text("cli.written", lang, path=file))
    return 0


def _found(arguments: argparse.Namespace, lang: str) -> "tuple[Propagation, bool]":
    from nonlin.propagation import critical_initialization, propagate

    act = one(arguments, lang)
    bias = positive("--bias-variance", arguments.bias_variance, lang)
    depth = whole("--depth", arguments.depth, lang)
    width = None if arguments.width is None else whole("--width", arguments.width, lang)
    if width is not None and arguments.residual is not None:
        raise CommandError(text("cli.propagate.residual_width", lang), WRONG_USAGE)
    if arguments.residual is not None and not math.isfinite(arguments.residual):
        fields = {"option": "--residual", "value": arguments.residual}
        raise CommandError(text("cli.own.not_finite", lang, **fields), WRONG_USAGE)
    critical = arguments.weight_variance is None
    with answering(act, bias, lang):
        if critical:
            weight = critical_initialization(act, bias).weight_variance
        else:
            weight = positive("--weight-variance", arguments.weight_variance, lang)
        found = propagate(
            act,
            weight_variance=weight,
            bias_variance=bias,
            depth=depth,
            width=width,
            residual=arguments.residual,
        )
    return found, critical


def _plain(found: "Propagation") -> dict[str, Any]:
    from nonlin.facts.plain import data

    arrays = ("lengths", "correlations", "gradient_factors", "gradients", "gradient_intervals")
    plain: dict[str, Any] = {"activation": repr(found.activation)}
    for name in ("weight_variance", "bias_variance", "depth", "width", "residual", "phase"):
        plain[name] = getattr(found, name)
    plain |= {name: data(getattr(found, name)) for name in _SUMMARY}
    for name in arrays:
        value = getattr(found, name)
        plain[name] = None if value is None else data(value.tolist())
    return plain


def _print(found: "Propagation", critical: bool, lang: str) -> None:
    from rich.table import Table
    from rich.text import Text

    def word(key: str, **fields: object) -> str:
        return text(f"cli.propagate.{key}", lang, **fields)

    console = terminal.console()
    weight, bias = short(found.weight_variance), short(found.bias_variance)
    title = word("title", name=found.activation.name, weight=weight, bias=bias)
    console.print(Text(title, style="bold"))
    if critical:
        console.print(word("critical"))
    facts = Table.grid(padding=(0, 3, 0, 0))
    facts.add_column(style="dim")
    facts.add_row(word("phase"), word(f"phases.{found.phase}"))
    for name in _SUMMARY:
        value = getattr(found, name)
        if math.isnan(value):
            written = word("unknown")
        else:
            unlimited = name == "max_depth" and math.isinf(value)
            written = word("unlimited") if unlimited else short(value)
        facts.add_row(word(name), written)
    console.print(facts)
    console.print()
    console.print(_layers(found, lang))


def _layers(found: "Propagation", lang: str) -> Any:
    names = ["layer", "length", "correlation", "gradient"]
    names += ["interval"] if found.gradient_intervals is not None else []
    shown = terminal.table(*(text(f"cli.propagate.{name}", lang) for name in names))
    layers = np.unique(np.linspace(1, found.depth, min(ROWS, found.depth)).round().astype(int))
    for layer in layers.tolist():
        values = [found.lengths, found.correlations, found.gradients]
        row = [str(layer), *(f"{float(value[layer - 1]):.5g}" for value in values)]
        if found.gradient_intervals is not None:
            low, high = found.gradient_intervals[layer - 1]
            row.append(f"{low:.3g} – {high:.3g}")
        shown.add_row(*row)
    return shown
