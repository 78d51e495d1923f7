"""Units that die, at which learning rate and when; and units that come back after a shock."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from nonlin.study_figures.style import arrange, band, function, logarithmic, look, plain, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from nonlin.study.results import Outcome


def draw(outcomes: Mapping[str, "Outcome"], lang: str) -> "Figure | None":
    """Dead units by learning rate and over training; the shares that are back after two shocks."""
    dying = outcomes["R6"].series if "R6" in outcomes else None
    cures = [outcomes[claim].series for claim in ("K2", "E4") if claim in outcomes]
    return arrange(
        partial(_rates, dying, lang) if dying else None,
        partial(_training, dying, lang) if dying else None,
        partial(_back, cures, "shallow", lang) if cures else None,
        partial(_back, cures, "deep", lang) if cures else None,
    )


def _rates(series: Mapping[str, Any], lang: str, axes: "Axes") -> None:
    for name, dead in series["dead"].items():
        band(axes, series["rates"], dead, label=function(name, lang), **look(name))
    logarithmic(axes, series["rates"])
    axes.set(xlabel=_say("rate", lang), title=_say("dead", lang), ylim=(0, None))
    axes.legend()


def _training(series: Mapping[str, Any], lang: str, axes: "Axes") -> None:
    for i, (rate, dead) in enumerate(zip(series["rates"], series["over_training"], strict=True)):
        if dead["mean"][-1] is not None:  # it did not diverge
            band(axes, series["steps"], dead, label=f"{rate:g}", **plain(i))
    axes.set(xlabel=_say("step", lang), title=_say("training", lang), ylim=(0, None))
    axes.legend(title=_say("rate", lang))


def _back(cures: list[Mapping[str, Any]], depth: str, lang: str, axes: "Axes") -> None:
    curves = {name: back for cure in cures for name, back in cure["back"][depth].items()}
    for name, back in curves.items():
        band(axes, cures[0]["steps"], back, label=function(name, lang), **look(name))
    axes.set(xlabel=_say("step", lang), title=_say(depth, lang), ylim=(-0.05, 1.05))
    axes.legend()


def _say(key: str, lang: str) -> str:
    return words("dying", key, lang)
