"""How many of ReLU's outputs are exactly zero, layer by layer."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from nonlin.study_figures.style import arrange, band, plain, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from nonlin.study.results import Outcome


def draw(outcomes: Mapping[str, "Outcome"], lang: str) -> "Figure | None":
    """One panel a data set: the share of zeros in each hidden layer, before and after training."""
    if "R5" not in outcomes:
        return None
    sets = outcomes["R5"].series["data"]
    return arrange(*(partial(_shares, name, shares, lang) for name, shares in sets.items()))


def _shares(name: str, shares: Mapping[str, Any], lang: str, axes: "Axes") -> None:
    for i, when in enumerate(("before", "after")):
        label = words("sparsity", when, lang)
        band(axes, shares["layers"], shares[when], label=label, **plain(i))
    axes.axhline(0.5, color="k", linewidth=1, linestyle=":")
    axes.set(xticks=shares["layers"], ylim=(0, 1), xlabel=words("sparsity", "layer", lang))
    axes.set_title(words("sparsity", f"zeros.{name}", lang))
    axes.legend()
