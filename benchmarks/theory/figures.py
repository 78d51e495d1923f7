"""One figure a function: lengths, correlations and gradient factors, predicted and measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy import stats

from nonlin.figures import new_figure, save, spoken, typeset
from nonlin.study_figures.style import study_style
from theory.summary import Summary
from theory.words import say

# What explodes is drawn up to here, near the end of float32.
LARGEST = 1e30
COLOURS = {"ordered": "#0072B2", "critical": "#009E73", "chaotic": "#D55E00"}
Array = NDArray[np.float64]


def draw(title: str, found: Sequence[Summary], lang: str) -> Figure:
    """Draw the three panels, a colour a phase; theory is the thin black line."""
    with study_style():
        figure = new_figure(7.2, 2.9)
        axes = figure.subplots(1, 3)
        _panel(axes[0], found, lambda x: x.measured.lengths, lambda x: x.theory.lengths, lang)
        _panel(
            axes[1], found, lambda x: x.measured.correlations, lambda x: x.theory.correlations, lang
        )
        _panel(
            axes[2],
            found,
            lambda x: x.measured.factors,
            lambda x: x.theory.gradient_factors[:-1],
            lang,
        )
        _scale(axes[0], [x.theory.lengths for x in found])
        _scale(axes[2], [x.theory.gradient_factors[:-1] for x in found])
        axes[1].set_ylim(top=1.03)
        for panel, key in zip(axes, ("length", "correlation", "factor"), strict=True):
            panel.set(title=say(f"figure.{key}", lang), xlabel=say("figure.layer", lang))
        handles, labels = axes[0].get_legend_handles_labels()
        # Phases come in pairs with their theory, whose entry is one and the last.
        order = [*range(0, len(labels), 2), 1]
        unique = {labels[i]: handles[i] for i in order}
        figure.legend(
            unique.values(), unique.keys(), loc="outside lower center", ncols=4, frameon=False
        )
        figure.suptitle(title)
        return typeset(figure, lang)


def _panel(
    axes: Axes,
    found: Sequence[Summary],
    measured: Callable[[Summary], Array],
    predicted: Callable[[Summary], Array],
    lang: str,
) -> None:
    for summary in found:
        phase = summary.measured.point.phase
        values, theory = _drawn(measured(summary)), _drawn(predicted(summary))
        layers = np.arange(1, values.shape[1] + 1)
        half = stats.t.ppf(0.975, len(values) - 1) * values.std(0, ddof=1) / len(values) ** 0.5
        centre, colour = values.mean(0), COLOURS[phase]
        axes.fill_between(layers, centre - half, centre + half, color=colour, alpha=0.3, lw=0)
        axes.plot(layers, centre, color=colour, lw=2, label=say(f"phase.{phase}", lang))
        axes.plot(layers, theory, color="k", lw=0.9, ls="--", label=say("figure.theory", lang))


def _drawn(values: Array) -> Array:
    return np.where(values <= LARGEST, values, np.nan)


def _scale(axes: Axes, rows: Sequence[Array]) -> None:
    values = np.concatenate(rows)
    if values.max() > 20.0 * values.min() > 0.0:
        axes.set_yscale("log")


def write(title: str, found: Sequence[Summary], folder: Path, name: str) -> None:
    """Write the figure in each language, `<name>.<lang>.png`."""
    for lang in ("en", "ko"):
        figure = draw(title, found, spoken(lang))
        save(figure, folder / f"{name}.{lang}", ("png",), dpi=100)
