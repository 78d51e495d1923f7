"""Whether a sigmoid output can be read as a probability."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nonlin.study_figures.style import arrange, band, logarithmic, plain, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from nonlin.study.results import Outcome


def draw(outcomes: Mapping[str, "Outcome"], lang: str) -> "Figure | None":
    """Left, the share of class 1 against the output; right, the calibration error in training."""
    if "S4" not in outcomes:
        return None
    series = outcomes["S4"].series
    return arrange(
        lambda axes: _reliability(axes, series["reliability"], lang),
        lambda axes: _error(axes, series, lang),
    )


def _reliability(axes: "Axes", curves: Mapping[str, Any], lang: str) -> None:
    axes.plot([0, 1], [0, 1], color="k", linewidth=0.8)
    for i, (when, rows) in enumerate(curves.items()):
        x = [row["confidence"] for row in rows]
        axes.plot(x, [row["frequency"] for row in rows], label=_say(when, lang), **plain(i))
        low, high = ([row[end] for row in rows] for end in ("low", "high"))
        axes.vlines(x, low, high, color=plain(i)["color"], linewidth=1, alpha=0.6)
    axes.set(xlabel=_say("output", lang), title=_say("share", lang), xlim=(0, 1), ylim=(0, 1))
    axes.legend(loc="lower right")


def _error(axes: "Axes", series: Mapping[str, Any], lang: str) -> None:
    for i, which in enumerate(("error", "expected")):
        band(axes, series["budgets"], series[which], label=_say(which, lang), **plain(i))
    logarithmic(axes, series["budgets"])
    axes.set(xlabel=_say("passes", lang), title=_say("calibration", lang), ylim=(0, None))
    axes.legend()


def _say(key: str, lang: str) -> str:
    return words("probability", key, lang)
