"""``nonlin propagate NAME``: signals and gradients through depth."""

from __future__ import annotations

import argparse
import math
from typing import TYPE_CHECKING

from nonlin.activation import Activation
from nonlin.cli import terminal
from nonlin.cli.errors import WRONG_USAGE, CommandError
from nonlin.cli.functions import add_function, one_or_gate
from nonlin.cli.theory import add_picture, answering, positive, whole, write
from nonlin.gate import Gate
from nonlin.messages import text
from nonlin.propagation.prompt import gated_table, propagation_table

if TYPE_CHECKING:
    from nonlin.propagation import GatedPropagation, Propagation

__all__ = ["add_arguments", "run"]


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
    chosen = one_or_gate(arguments, lang)
    _check(chosen, arguments, lang)
    critical = arguments.weight_variance is None
    found: Propagation | GatedPropagation
    if isinstance(chosen, Gate):
        found = through_gates = _through_gates(chosen, arguments, lang)
        table = gated_table(through_gates, lang)
    else:
        found = through = _through(chosen, arguments, lang)
        table = propagation_table(through, lang, critical)
    file = None
    if arguments.plot or arguments.out:
        from nonlin.figures.theory import propagation_figure

        figure = propagation_figure(found, lang)
        file = write(figure, arguments.out, chosen.name, "propagation", lang)
    if arguments.json:
        terminal.print_json(found.to_json() | {"file": None if file is None else str(file)})
        return 0
    terminal.console().print(table)
    if file is not None:
        print(text("cli.written", lang, path=file))
    return 0


def _check(chosen: Activation | Gate, arguments: argparse.Namespace, lang: str) -> None:
    whole("--depth", arguments.depth, lang)
    positive("--bias-variance", arguments.bias_variance, lang)
    if arguments.weight_variance is not None:
        positive("--weight-variance", arguments.weight_variance, lang)
    if arguments.width is not None:
        whole("--width", arguments.width, lang)
    if arguments.residual is not None and not math.isfinite(arguments.residual):
        fields = {"option": "--residual", "value": arguments.residual}
        raise CommandError(text("cli.own.not_finite", lang, **fields), WRONG_USAGE)
    for option, asked in (("width", arguments.width), ("bias-variance", arguments.bias_variance)):
        if asked and isinstance(chosen, Gate):
            fields = {"option": f"--{option}", "name": chosen.name}
            raise CommandError(text("cli.propagate.not_for_gates", lang, **fields), WRONG_USAGE)
    if arguments.width is not None and arguments.residual is not None:
        raise CommandError(text("cli.propagate.residual_width", lang), WRONG_USAGE)


def _through(act: Activation, arguments: argparse.Namespace, lang: str) -> Propagation:
    from nonlin.propagation import propagate

    with answering(act, arguments.bias_variance, lang):
        return propagate(
            act,
            weight_variance=arguments.weight_variance,
            bias_variance=arguments.bias_variance,
            depth=arguments.depth,
            width=arguments.width,
            residual=arguments.residual,
        )


def _through_gates(gate: Gate, arguments: argparse.Namespace, lang: str) -> GatedPropagation:
    from nonlin.propagation import propagate

    with answering(gate, 0.0, lang):
        return propagate(
            gate,
            weight_variance=arguments.weight_variance,
            depth=arguments.depth,
            residual=arguments.residual,
        )
