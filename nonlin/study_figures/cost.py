"""What the functions cost beside a copy of the memory, in each implementation."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from nonlin.study_figures.style import arrange, bars, function, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from nonlin.study.results import Outcome

_SUBJECTS = {"S8": "sigmoid", "T6": "tanh", "R3": "relu", "K3": "leaky_relu", "E6": "elu"}
_IMPLEMENTATIONS = {"numpy": "NumPy", "torch": "PyTorch", "nonlin": "nonlin"}


def draw(outcomes: Mapping[str, "Outcome"], lang: str) -> "Figure | None":
    """Times as multiples of a copy's, for an array in the cache and for one that is not."""
    timed = {name: outcomes[claim] for claim, name in _SUBJECTS.items() if claim in outcomes}
    if not timed:
        return None
    panels = (partial(_times, timed, where, lang) for where in ("cache", "memory"))
    return arrange(*panels, columns=1)


def _times(timed: Mapping[str, "Outcome"], where: str, lang: str, axes: "Axes") -> None:
    series = {
        label: [outcome.fields[f"{key}_{where}_to_copy"] for outcome in timed.values()]
        for key, label in _IMPLEMENTATIONS.items()
    }
    bars(axes, [function(name, lang) for name in timed], series)
    axes.axhline(1, color="k", linewidth=1, linestyle=":", label=words("cost", "copy", lang))
    highest = max(number.most for numbers in series.values() for number in numbers)
    axes.set_yscale("log")
    axes.set_ylim(0.5, 8 * highest)  # room for the legend
    axes.yaxis.set_major_formatter("{x:g}")
    axes.set_title(words("cost", where, lang))
    axes.legend(ncols=4, columnspacing=1, loc="upper center")
