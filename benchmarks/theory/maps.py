"""Accuracy over depth and weight variance, with the predicted depth limit: a map a function."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from nonlin import get
from nonlin.figures import new_figure, save, spoken, typeset
from nonlin.propagation import critical_initialization
from nonlin.study_figures.style import study_style
from theory.training import MULTIPLES, Start, depth_limit
from theory.words import LANGUAGES, say

Accuracies = Mapping[int, Sequence[Sequence[float]]]  # by depth, then start, then seed
FINE = np.geomspace(MULTIPLES[0], MULTIPLES[-1], 241)


def draw(name: str, title: str, found: Accuracies, lang: str) -> Figure:
    """Draw one map; a cell is as wide as the gap to its neighbours' variances."""
    critical = critical_initialization(get(name)).weight_variance
    depths = sorted(found)
    cells = np.array([[np.mean(x) for x in found[depth][: len(MULTIPLES)]] for depth in depths])
    with study_style():
        figure = new_figure(6, 3.6)
        axes = figure.subplots()
        shown = axes.pcolormesh(
            _edges(np.array(MULTIPLES) * critical),
            _edges(np.array(depths, dtype=float)),
            cells,
            cmap="viridis",
            vmin=0.0,
            vmax=1.0,
        )
        limits = [depth_limit(name, Start("", x)) for x in FINE * critical]
        top = _edges(np.array(depths, dtype=float))[-1]
        line = np.minimum(np.where(np.isfinite(limits), limits, math.inf), 10.0 * top)
        axes.plot(FINE * critical, line, color="w", lw=4)
        axes.plot(FINE * critical, line, color="#D55E00", lw=2, label=say("figure.limit", lang))
        axes.axvline(critical, color="w", lw=2)
        axes.axvline(critical, color="k", ls=":", lw=1.5, label=say("figure.critical", lang))
        axes.set(xscale="log", yscale="log", ylim=(_edges(np.array(depths, float))[0], top))
        axes.set(xlabel=say("figure.variance", lang), ylabel=say("figure.depth", lang), title=title)
        _ticks(figure, depths, np.array(MULTIPLES)[[0, 1, 3, 5, 7, 8, 9]] * critical)
        figure.colorbar(shown, ax=axes, label=say("figure.accuracy", lang))
        figure.legend(loc="outside lower center", ncols=2, frameon=False)
        return typeset(figure, lang)


def _ticks(figure: Figure, depths: Sequence[int], variances: np.ndarray) -> None:
    from matplotlib.ticker import NullLocator

    axes = figure.axes[0]
    axes.grid(visible=False)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_minor_locator(NullLocator())
    axes.set_yticks(depths, [str(depth) for depth in depths])
    axes.set_xticks(variances, [f"{x:.3g}" for x in variances])


def _edges(centres: np.ndarray) -> np.ndarray:
    logs = np.log(centres)
    middle = 0.5 * (logs[1:] + logs[:-1])
    ends = [2.0 * logs[0] - middle[0], 2.0 * logs[-1] - middle[-1]]
    return np.exp(np.concatenate([ends[:1], middle, ends[1:]]))


def write(name: str, title: str, found: Accuracies, folder: Path) -> None:
    """Write the map in each language, `training-<name>.<lang>.png`."""
    for lang in LANGUAGES:
        figure = draw(name, title, found, spoken(lang))
        save(figure, folder / f"training-{name}.{lang}", ("png",), dpi=100)
