"""ELU against ReLU, data set by data set."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from nonlin.study_figures.style import arrange, look, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from nonlin.study.results import Outcome


def draw(outcomes: Mapping[str, "Outcome"], lang: str) -> "Figure | None":
    """One panel a depth: the difference of the accuracies on each data set."""
    if "E5" not in outcomes:
        return None
    pairs = outcomes["E5"].series["pairs"]
    depths = list(dict.fromkeys(pair["depth"] for pair in pairs))
    panels = (
        partial(_differences, [pair for pair in pairs if pair["depth"] == depth], depth, lang)
        for depth in depths
    )
    return arrange(*panels)


def _differences(pairs: Sequence[Mapping[str, Any]], depth: int, lang: str, axes: "Axes") -> None:
    places = range(len(pairs))
    color = look("elu")["color"]
    # In percentage points, as the accuracies are thought of.
    low, mean, high = (
        [100 * pair["difference"][key] for pair in pairs] for key in ("low", "mean", "high")
    )
    axes.hlines(places, low, high, color=color, linewidth=2)
    axes.plot(mean, places, "o", color=color)
    axes.axvline(0, color="k", linewidth=0.8)
    labels = [words("comparison", f"set.{pair['data']}", lang) for pair in pairs]
    axes.set_yticks(places, labels)
    axes.set_ylim(len(pairs) - 0.5, -0.5)
    axes.set_title(words("comparison", "difference", lang, depth=depth))
