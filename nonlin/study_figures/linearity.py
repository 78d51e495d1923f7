"""Decision regions on two problems that no straight line solves."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from nonlin.figures import new_figure
from nonlin.study_figures.style import function, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from nonlin.study.results import Outcome


def draw(outcomes: Mapping[str, "Outcome"], lang: str) -> "Figure | None":
    """One row a data set, one column a function: where the network sees class 1."""
    if "N2" not in outcomes:
        return None
    regions = outcomes["N2"].series["regions"]
    accuracy = outcomes["N2"].series["accuracy"]
    functions = list(next(iter(accuracy.values())))
    # Square panels: a higher figure would leave empty bands between the rows.
    drawn = new_figure(6, 0.5 + 1.12 * len(regions))
    panels = drawn.subplots(len(regions), len(functions), squeeze=False)
    drawn.suptitle(words("linearity", "title", lang))
    for row, (name, region) in zip(panels, regions.items(), strict=True):
        row[0].set_ylabel(words("linearity", name, lang))
        for axes, activation in zip(row, functions, strict=True):
            _region(axes, region, activation)
            axes.set_xlabel(f"{accuracy[name][activation]['mean']:.1%}")
    for axes, activation in zip(panels[0], functions, strict=True):
        axes.set_title(function(activation, lang), fontsize=9)
    return drawn


def _region(axes: "Axes", region: Mapping[str, Any], activation: str) -> None:
    limit = region["limit"]
    percent = np.array(region["grid"][activation])
    axes.imshow(
        percent,
        extent=(-limit, limit, -limit, limit),
        origin="lower",
        cmap="RdBu_r",
        vmin=-30,  # paler than the points upon it
        vmax=130,
        interpolation="bilinear",
    )
    if percent.min() < 50 < percent.max():
        axis = np.linspace(-limit, limit, len(percent))
        axes.contour(axis, axis, percent, levels=[50], colors="k", linewidths=0.8)
    x, y, label = np.array(region["points"][::2]).T
    for kind, color, marker in ((0, "#08306b", "o"), (1, "#67000d", "^")):
        axes.plot(x[label == kind], y[label == kind], marker, color=color, markersize=1.5)
    axes.set(xticks=[], yticks=[], xlim=(-limit, limit), ylim=(-limit, limit))
    axes.grid(visible=False)
    for side in axes.spines.values():
        side.set_visible(False)
