"""The derivatives: how small the sigmoid's is, how fast it changes, and all five together."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from nonlin.study_figures.style import arrange, function, look, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from nonlin.study.results import Outcome

_SUBJECTS = {"S2": "sigmoid", "T2": "tanh", "R2": "relu", "K1": "leaky_relu", "E2": "elu"}


def draw(outcomes: Mapping[str, "Outcome"], lang: str) -> "Figure | None":
    """Sigmoid's slope and where it is tiny, second derivatives, and the slopes of the five."""
    five = {name: outcomes[claim] for claim, name in _SUBJECTS.items() if claim in outcomes}
    return arrange(
        partial(_tiny, outcomes["S3"], lang) if "S3" in outcomes else None,
        partial(_second, outcomes["S5"], lang) if "S5" in outcomes else None,
        partial(_five, five, lang) if five else None,
    )


def _tiny(outcome: "Outcome", lang: str, axes: "Axes") -> None:
    series, numbers = outcome.series, outcome.fields
    x, slope = np.array(series["x"]), np.array(series["derivative"])
    axes.plot(x, slope, color=look("sigmoid")["color"], linewidth=1.6)
    tiny = words(
        "derivatives",
        "tiny",
        lang,
        share=numbers["share_of_range_tiny"].value,
        level=series["level"],
    )
    outside = np.abs(x) >= series["crossing"]
    axes.fill_between(x, 0, 0.25, where=outside.tolist(), color="#CFCFCF", linewidth=0, label=tiny)
    supremum = words("derivatives", "supremum", lang, value=numbers["largest_slope"].value)
    axes.plot([0], [numbers["largest_slope"].value], "k^", label=supremum)
    axes.set(xlabel="x", ylim=(0, 0.42), yticks=[0, 0.05, 0.25])
    axes.set_title(words("derivatives", "sigmoid", lang))
    axes.legend(loc="upper center", handlelength=1.2)


def _second(outcome: "Outcome", lang: str, axes: "Axes") -> None:
    for name, curve in outcome.series["second"].items():
        appearance = look(name) | {"marker": ""}
        axes.plot(outcome.series["x"], curve, label=function(name, lang), **appearance)
    axes.axhline(0, color="k", linewidth=0.8)
    axes.set(xlabel="x", title=words("derivatives", "second", lang))
    axes.legend()


def _five(five: Mapping[str, "Outcome"], lang: str, axes: "Axes") -> None:
    for name, outcome in five.items():
        x, slope = (np.array(outcome.series[key], dtype=float) for key in ("x", "derivative"))
        sides = [outcome.fields[f"slope_{side}_of_zero"].value for side in ("left", "right")]
        if sides[0] != sides[1]:
            after = int(np.searchsorted(x, 0, side="right"))
            x, slope = np.insert(x, after, [0, 0]), np.insert(slope, after, [np.nan, sides[1]])
        axes.plot(x, slope, label=function(name, lang), **look(name), markevery=20)
    axes.set(xlabel="x", title=words("derivatives", "five", lang), ylim=(-0.05, 1.1))
    axes.legend(loc="center right")
