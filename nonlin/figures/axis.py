"""Pictures of functions along an axis: bars of a row, and how three shares move."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from nonlin import messages
from nonlin.axis import AxisFunction
from nonlin.figures.canvas import STYLES, new_figure
from nonlin.figures.fonts import spoken, typeset

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_axis"]

SCORES = (2.0, -1.0, 1.5, 0.0, -2.0, 1.0)
TEMPERATURES = (0.25, 1.0, 4.0)

# The corners of the triangle of three shares.
CORNERS = np.array([[0.5, sqrt(3) / 2], [0.0, 0.0], [1.0, 0.0]])


def plot_axis(function: AxisFunction, lang: str | None = None) -> Figure:
    """Draw what a function along an axis makes of a row.

    Of softmax, softmin and sparsemax the shares at three temperatures, and beside them the triangle
    of three shares with the direction in which they move as the first score grows. Of the others
    the row and the result.

    Parameters
    ----------
    function : AxisFunction
    lang : str, optional
        Language of the labels, "en" or "ko"; without it, the locale's.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If the language is unknown.
    ImportError
        If matplotlib is not installed.
    """
    lang = spoken(messages.language(lang))
    name = messages.text(f"axis.names.{function.name}", lang)
    function = function.bind(axis=-1)
    if function.record.masked == 0.0:
        figure = _shares(function, name, lang)
    else:
        figure = _result(function, name, lang)
    return typeset(figure, lang)


def _shares(function: AxisFunction, name: str, lang: str) -> Figure:
    figure = new_figure(11, 6)
    grid = figure.add_gridspec(3, 2, width_ratios=(1, 1.2))
    bars = [figure.add_subplot(grid[k, 0]) for k in range(len(TEMPERATURES))]
    for axes, temperature in zip(bars, TEMPERATURES, strict=True):
        shares = function(SCORES, temperature=temperature)
        _bars(axes, shares, STYLES[0][0])
        axes.set_ylim(0, 1.15)
        axes.set_ylabel(messages.text("axis.plot.temperature", lang, value=f"{temperature:g}"))
        for place, share in enumerate(shares):
            axes.text(place, share + 0.02, f"{share:.2g}", ha="center", va="bottom", fontsize=9)
    bars[0].set_title(messages.text("axis.plot.title", lang, name=name))
    bars[-1].set_xticks(range(len(SCORES)), [f"{score:g}" for score in SCORES])
    bars[-1].set_xlabel(messages.text("axis.plot.score", lang))
    _triangle(figure.add_subplot(grid[:, 1]), function, name, lang)
    return figure


def _triangle(axes: Axes, function: AxisFunction, name: str, lang: str) -> None:
    shares = _inside(9)
    moves = function.jacobian(_scores(function, shares))[..., 0]
    start, direction = shares @ CORNERS, moves @ CORNERS
    axes.fill(*CORNERS.T, fill=False, edgecolor="k", linewidth=1)
    axes.quiver(
        *start.T,
        *direction.T,
        color=STYLES[0][0],
        angles="xy",
        scale_units="xy",
        scale=5,
        width=5e-3,
    )
    axes.plot(*start.T, ".", color=STYLES[1][0], markersize=3)
    for k, (corner, place) in enumerate(zip(CORNERS, ("bottom", "top", "top"), strict=True)):
        label = messages.text("axis.plot.class", lang, number=k + 1)
        shift = 0.02 if place == "bottom" else -0.02
        axes.text(corner[0], corner[1] + shift, label, ha="center", va=place)
    axes.set_title(messages.text("axis.plot.triangle", lang, name=name), pad=18)
    axes.set_aspect("equal")
    axes.axis("off")


def _inside(steps: int) -> Any:
    """Shares of three that are multiples of 1 / steps, none of them 0."""
    return np.array(
        [
            (i / steps, j / steps, (steps - i - j) / steps)
            for i in range(1, steps)
            for j in range(1, steps - i)
        ]
    )


def _scores(function: AxisFunction, shares: Any) -> Any:
    """Scores that have these shares."""
    temperature = function.parameters["temperature"]
    if function.name == "sparsemax":
        return shares * temperature
    return np.log(shares) * (-temperature if function.name == "softmin" else temperature)


def _result(function: AxisFunction, name: str, lang: str) -> Figure:
    figure = new_figure(8, 6)
    above, below = figure.subplots(2)
    _bars(above, np.array(SCORES), STYLES[3][0])
    above.set_title(messages.text("axis.plot.scores", lang))
    _bars(below, np.atleast_1d(function(SCORES)), STYLES[0][0])
    below.set_title(name)
    return figure


def _bars(axes: Axes, heights: Any, color: str) -> None:
    axes.bar(range(len(heights)), heights, color=color, width=0.7)
    axes.axhline(0, color="k", linewidth=0.8)
    axes.set_xticks(range(len(heights)), [""] * len(heights))
    axes.grid(True, axis="y", alpha=0.3)
    axes.set_axisbelow(True)
