"""ELU against ReLU, pair by pair."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from nonlin.study_figures.style import arrange, look, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from nonlin.study.results import Outcome


def draw(outcomes: Mapping[str, "Outcome"], lang: str) -> "Figure | None":
    """Left, the differences of the accuracies by data set and depth; right, the win rates."""
    if "E5" not in outcomes:
        return None
    outcome = outcomes["E5"]
    return arrange(partial(_differences, outcome, lang), partial(_win_rates, outcome, lang))


def _differences(outcome: "Outcome", lang: str, axes: "Axes") -> None:
    pairs = outcome.series["pairs"]
    labels = [
        words("comparison", f"pair.{pair['data']}", lang, depth=pair["depth"]) for pair in pairs
    ]
    # In percentage points, as the accuracies are thought of.
    ends = [
        tuple(100 * pair["difference"][key] for key in ("low", "mean", "high")) for pair in pairs
    ]
    _intervals(axes, labels, ends)
    axes.axvline(0, color="k", linewidth=0.8)
    axes.set_title(words("comparison", "difference", lang))


def _win_rates(outcome: "Outcome", lang: str, axes: "Axes") -> None:
    rates = [number for number in outcome.numbers if number.name.startswith("win_rate")]
    labels = [words("comparison", f"rate.{rate.name}", lang) for rate in rates]
    _intervals(axes, labels, [(rate.least, rate.value, rate.most) for rate in rates])
    axes.axvline(0.5, color="k", linewidth=0.8)
    axes.set_xlim(0, 1)
    axes.set_title(words("comparison", "wins", lang))


def _intervals(axes: "Axes", labels: list[str], ends: list[tuple[float, ...]]) -> None:
    places = range(len(labels))
    color = look("elu")["color"]
    axes.hlines(
        places, [end[0] for end in ends], [end[2] for end in ends], color=color, linewidth=2
    )
    axes.plot([end[1] for end in ends], places, "o", color=color)
    axes.set_yticks(places, labels)
    axes.set_ylim(len(labels) - 0.5, -0.5)
