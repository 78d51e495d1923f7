"""What Leaky ReLU's slope does to the accuracy."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from nonlin.study_figures.style import arrange, band, logarithmic, look, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from nonlin.study.results import Outcome

_USUAL = 0.01


def draw(outcomes: Mapping[str, "Outcome"], lang: str) -> "Figure | None":
    """One panel a data set: the test accuracy against the slope."""
    if "K4" not in outcomes:
        return None
    series = outcomes["K4"].series
    return arrange(*(partial(_accuracy, series, name, lang) for name in series["accuracy"]))


def _accuracy(series: Mapping[str, Any], name: str, lang: str, axes: "Axes") -> None:
    accuracy = series["accuracy"][name]
    band(axes, series["slopes"], accuracy, **look("leaky_relu"))
    axes.axvline(
        _USUAL, color="k", linewidth=0.8, label=words("slope", "usual", lang, slope=_USUAL)
    )
    logarithmic(axes, series["slopes"])
    axes.set_xlabel(words("slope", "slope", lang))
    axes.set_title(words("slope", f"accuracy.{name}", lang))
    axes.legend()
