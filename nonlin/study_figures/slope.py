"""What Leaky ReLU's slope does to the accuracy."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nonlin.study_figures.style import arrange, logarithmic, plain, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from nonlin.study.results import Outcome

_USUAL = 0.01


def draw(outcomes: Mapping[str, "Outcome"], lang: str) -> "Figure | None":
    """The test accuracy of each slope less that of the usual one, one line a data set."""
    if "K4" not in outcomes:
        return None
    series = outcomes["K4"].series
    return arrange(lambda axes: _gains(series, lang, axes))


def _gains(series: Mapping[str, Any], lang: str, axes: "Axes") -> None:
    usual = series["slopes"].index(_USUAL)
    for i, (name, accuracy) in enumerate(series["accuracy"].items()):
        mean = accuracy["mean"]
        gains = [100 * (value - mean[usual]) for value in mean]
        label = words("comparison", f"set.{name}", lang)
        axes.plot(series["slopes"], gains, label=label, **plain(i))
    axes.axvline(
        _USUAL, color="k", linewidth=0.8, label=words("slope", "usual", lang, slope=_USUAL)
    )
    logarithmic(axes, series["slopes"])
    axes.set_xlabel(words("slope", "slope", lang))
    axes.set_title(words("slope", "accuracy", lang))
    axes.legend(ncols=2)
