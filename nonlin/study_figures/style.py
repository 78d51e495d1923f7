"""What the study's figures share: their size, and one look for each function in all of them."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from typing import TYPE_CHECKING, Any

import numpy as np

from nonlin import messages
from nonlin.figures import STYLES, new_figure, plain_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from nonlin.study.results import Number

__all__ = [
    "FIVE",
    "arrange",
    "band",
    "bars",
    "figure",
    "function",
    "logarithmic",
    "look",
    "plain",
    "study_style",
    "words",
]

FIVE = ("sigmoid", "tanh", "relu", "leaky_relu", "elu")

# The five look as they do in a plot of the five; a marker helps where lines run close together.
_LOOKS: dict[str, tuple[str, Any, str]] = {
    **{
        name: (*style, marker)
        for name, style, marker in zip(FIVE, STYLES, ("o", "s", "^", "D", "v"), strict=False)
    },
    "scaled_sigmoid": (*STYLES[5], "P"),
    "sigmoid_as_tanh": (*STYLES[5], "P"),
    "identity": ("#777777", STYLES[6][1], "x"),
}


_SHADES = ("#CFCFCF", "#56B4E9", "#0072B2")  # darker from left to right


def look(name: str) -> dict[str, Any]:
    """The colour, line style and marker of a function, as keywords of ``Axes.plot``."""
    color, line, marker = _LOOKS[name]
    return {"color": color, "linestyle": line, "marker": marker, "markersize": 4, "linewidth": 1.6}


def function(name: str, lang: str) -> str:
    """The name a reader knows a function by."""
    return messages.text(f"figures.names.{name}", lang)


def words(phenomenon: str, key: str, lang: str, **fields: object) -> str:
    """One text of a phenomenon's figure."""
    return messages.text(f"figures.study.{phenomenon}.{key}", lang, **fields)


def figure(rows: int, columns: int, **keywords: Any) -> tuple["Figure", Any]:
    """An empty figure that is readable at a phone's width, and its panels (rows, columns)."""
    made = new_figure(6, 3.6)
    return made, made.subplots(rows, columns, squeeze=False, **keywords)


def arrange(*panels: Callable[["Axes"], None] | None, columns: int = 2) -> "Figure | None":
    """Draw the panels there are, one or two a row, an odd last one as wide as the row.

    A panel is None where the study did not measure what it shows; without any there is no figure.
    """
    there = [panel for panel in panels if panel is not None]
    if not there:
        return None
    rows = -(-len(there) // columns)
    made = new_figure(6, 3.6 if rows == 1 else 2.7 * rows)
    places = made.add_gridspec(rows, columns)
    for i, panel in enumerate(there):
        row, column = divmod(i, columns)
        alone = i == len(there) - 1 and column == 0
        panel(made.add_subplot(places[row, :] if alone else places[row, column]))
    return made


def study_style() -> AbstractContextManager[Any]:
    """Letters of at least 9 points and quiet frames, whatever the user's settings."""
    from matplotlib import rc_context

    stack = ExitStack()
    stack.enter_context(plain_style())
    stack.enter_context(
        rc_context(
            {
                "font.size": 10,
                "axes.titlesize": 10.5,
                "axes.labelsize": 10,
                "xtick.labelsize": 10,
                "ytick.labelsize": 10,
                "legend.fontsize": 9.5,
                "legend.framealpha": 0.9,
                "legend.handlelength": 2.2,
                "figure.titlesize": 10.5,
                "axes.spines.top": False,
                "axes.spines.right": False,
                "axes.grid": True,
                "grid.alpha": 0.3,
            }
        )
    )
    return stack


def plain(i: int) -> dict[str, Any]:
    """The look of the i-th line of a figure whose lines are not functions."""
    color, line = STYLES[i % len(STYLES)]
    return {"color": color, "linestyle": line, "marker": "os^DvPX*"[i % 8], "markersize": 4}


def band(axes: "Axes", x: Sequence[float], series: Mapping[str, Any], **appearance: Any) -> None:
    """Draw a mean as a line and its interval as a band; both break where there is no mean."""
    mean, low, high = (np.array(series[key], dtype=float) for key in ("mean", "low", "high"))
    (line,) = axes.plot(x, mean, **appearance)
    axes.fill_between(x, low, high, color=line.get_color(), alpha=0.18, linewidth=0)


def logarithmic(axes: "Axes", values: Sequence[float]) -> None:
    """Make the x axis logarithmic and write out those of the values that leave each other room."""
    from matplotlib.ticker import NullLocator

    room = (max(values) / min(values)) ** (1 / 5)
    written: list[float] = []
    for value in values:
        if not written or value >= room * written[-1]:
            written.append(value)
    axes.set_xscale("log")
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticks(written, [f"{value:g}" for value in written])


def bars(
    axes: "Axes", groups: Sequence[str], series: Mapping[str, Sequence["Number | None"]]
) -> None:
    """Draw groups of bars, in each group one bar a series, with its interval.

    Parameters
    ----------
    groups : the labels below the groups.
    series : label in the legend to one number a group, None where there is none.
    """
    width = 0.8 / len(series)
    shades = _SHADES[-len(series) :]
    for i, ((label, numbers), shade) in enumerate(zip(series.items(), shades, strict=True)):
        there = [(place, number) for place, number in enumerate(numbers) if number is not None]
        x = [place + (i - (len(series) - 1) / 2) * width for place, _ in there]
        axes.bar(x, [number.value for _, number in there], width * 0.9, color=shade, label=label)
        axes.vlines(x, [n.least for _, n in there], [n.most for _, n in there], color="k")
    axes.set_xticks(range(len(groups)), [group.replace(" ", "\n") for group in groups])
    axes.grid(visible=False, axis="x")
