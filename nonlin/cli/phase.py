"""``nonlin phase NAME``: where networks of a function can be deep."""

import argparse
from typing import TYPE_CHECKING

import numpy as np

from nonlin.activation import Activation
from nonlin.cli import terminal
from nonlin.cli.functions import add_function, one
from nonlin.cli.theory import add_picture, answering, write
from nonlin.messages import text
from nonlin.propagation.prompt import line_table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from nonlin.propagation import CriticalLine

__all__ = ["add_arguments", "run"]

BIASES = (0.0, 0.01, 0.05, 0.1, 0.2, 0.5, 1.0)


def add_arguments(parser: argparse.ArgumentParser, lang: str) -> None:
    """Declare the command's arguments, described in a language."""
    add_function(parser, lang)
    add_picture(parser, "phase", lang)


def run(arguments: argparse.Namespace, lang: str) -> int:
    """Print the critical line, and draw the phase diagram if asked.

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
        For an unknown function, or one that the theory cannot answer for.
    """
    from nonlin.propagation import critical_line

    act = one(arguments, lang)
    file = None
    with answering(act, 0.0, lang):
        line = critical_line(act, BIASES)
        if arguments.plot or arguments.out:
            file = write(_figure(act, lang), arguments.out, act.name, "phase", lang)
    if arguments.json:
        terminal.print_json(line.to_json() | {"file": None if file is None else str(file)})
        return 0
    _print(line, lang)
    if file is not None:
        print(text("cli.written", lang, path=file))
    return 0


def _figure(act: Activation, lang: str) -> "Figure":
    """Draw the diagram over weight variances in whose midst the critical line lies."""
    from nonlin.figures.theory import phase_figure
    from nonlin.propagation import critical_line, phase_diagram

    # Squares lie closer together near 0, where the line bends most.
    line = critical_line(act, np.linspace(0.0, 1.0, 41) ** 2)
    if not line.found.any():
        return phase_figure(phase_diagram(act), None, lang)
    highest = max(1.25 * np.nanmax(line.weight_variances), 2.0 * np.nanmin(line.weight_variances))
    weights = highest * np.arange(1, 101) / 100.0
    return phase_figure(phase_diagram(act, weights), line, lang)


def _print(line: "CriticalLine", lang: str) -> None:
    console = terminal.console()
    console.print(line_table(line, lang))
    console.print(text("cli.phase.use" if line.found.any() else "cli.phase.nowhere", lang))
