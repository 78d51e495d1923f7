"""How far outputs are from being centred on zero, and what centring does to learning."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from nonlin.study_figures.style import arrange, bars, function, look, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from nonlin.study.results import Outcome

_SUBJECTS = {"S7": "sigmoid", "T3": "tanh", "R7": "relu", "E3": "elu"}

# Colour tells the slope at 0 (tanh's or sigmoid's), a solid line tells that the output is centred.
_RACE: dict[str, dict[str, Any]] = {
    "tanh": look("tanh") | {"linestyle": "-"},
    "tanh_shifted": look("tanh") | {"linestyle": "--", "markerfacecolor": "white"},
    "sigmoid_centred": look("sigmoid") | {"linestyle": "-"},
    "sigmoid": look("sigmoid") | {"linestyle": "--", "markerfacecolor": "white"},
    "tanh_from_sigmoid": {"color": "k", "linestyle": ":", "marker": "x", "markersize": 5},
}


def draw(outcomes: Mapping[str, "Outcome"], lang: str) -> "Figure | None":
    """The mean against the RMS, the share of gradients with one sign, and the race of tanh."""
    means = {name: outcomes[claim] for claim, name in _SUBJECTS.items() if claim in outcomes}
    return arrange(
        partial(_ratios, means, lang) if means else None,
        partial(_signs, means, lang) if means else None,
        partial(_race, outcomes["T4"].series, lang) if "T4" in outcomes else None,
    )


def _ratios(means: Mapping[str, "Outcome"], lang: str, axes: "Axes") -> None:
    _grouped(axes, means, ("normal", "untrained", "trained"), "ratio", lang)
    axes.set_title(_say("ratio", lang))


def _signs(means: Mapping[str, "Outcome"], lang: str, axes: "Axes") -> None:
    _grouped(axes, means, ("untrained", "trained"), "one_sign", lang)
    axes.axhline(0.5, color="k", linewidth=1, linestyle=":")
    axes.set_title(_say("one_sign", lang))


def _grouped(
    axes: "Axes", means: Mapping[str, "Outcome"], when: tuple[str, ...], what: str, lang: str
) -> None:
    series = {_say(w, lang): [o.fields[f"{w}_{what}"] for o in means.values()] for w in when}
    bars(axes, [function(name, lang) for name in means], series)
    axes.set_ylim(0, 1.45)  # room for the legend above bars that end at 1
    axes.set_yticks([0, 0.5, 1])
    axes.legend(loc="upper center", ncols=len(when), columnspacing=0.8, handlelength=1)


def _race(series: Mapping[str, Any], lang: str, axes: "Axes") -> None:
    for name, curve in series["curves"].items():
        axes.plot(
            curve["epoch"],
            curve["loss"],
            label=_say(f"race.{name}", lang),
            markevery=8,
            **_RACE[name],
        )
    axes.axhline(series["target"], color="k", linewidth=0.8)
    axes.set(yscale="log", xlabel=_say("epoch", lang), title=_say("loss", lang))
    axes.legend(ncols=2)


def _say(key: str, lang: str) -> str:
    return words("centring", key, lang)
