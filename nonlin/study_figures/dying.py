"""Units that die, at which learning rate and when; and units that come back after a shock."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from nonlin.study_figures.style import arrange, band, function, logarithmic, look, plain, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from nonlin.study.results import Outcome

Series = Mapping[str, Any]

_OPTIMISERS = {"sgd": "SGD", "adam": "Adam"}
_FULL, _HOLLOW = {"linestyle": "-"}, {"linestyle": ":", "markerfacecolor": "white"}
_SHOCKS: dict[str, dict[str, Any]] = {"shallow": _FULL, "deep": _HOLLOW}


def draw(outcomes: Mapping[str, "Outcome"], lang: str) -> "Figure | None":
    """One column an optimiser: the dead by learning rate and over training, and the share back."""
    dying = outcomes["R6"].series if "R6" in outcomes else None
    cures = [outcomes[claim].series for claim in ("K2", "E4") if claim in outcomes]
    return arrange(
        *(partial(_rates, dying, o, lang) if dying else None for o in _OPTIMISERS),
        *(partial(_training, dying, o, lang) if dying else None for o in _OPTIMISERS),
        *(partial(_back, cures, o, lang) if cures else None for o in _OPTIMISERS),
    )


def _rates(series: Series, optimiser: str, lang: str, axes: "Axes") -> None:
    found = series[optimiser]
    for name, dead in found["dead"].items():
        band(axes, found["rates"], dead, label=function(name, lang), **look(name))
    logarithmic(axes, found["rates"])
    axes.set_xlabel(_say("rate", lang))
    axes.set_title(_say("dead", lang, optimiser=_OPTIMISERS[optimiser]))
    _legend_above(axes)


def _training(series: Series, optimiser: str, lang: str, axes: "Axes") -> None:
    found = series[optimiser]
    lines = list(zip(found["rates"], found["over_training"], strict=True))
    # The largest rates, without those that diverged: below them hardly a unit dies.
    shown = [(rate, dead) for rate, dead in lines if dead["mean"][-1] is not None][-4:]
    for i, (rate, dead) in enumerate(shown):
        band(axes, found["steps"], dead, label=f"{rate:g}", **plain(i))
    axes.set_xlabel(_say("step", lang))
    axes.set_title(_say("training", lang, optimiser=_OPTIMISERS[optimiser]))
    _legend_above(axes, title=_say("rate", lang))


def _back(cures: list[Series], optimiser: str, lang: str, axes: "Axes") -> None:
    for shock, shape in _SHOCKS.items():
        curves = {n: c for cure in cures for n, c in cure[optimiser]["back"][shock].items()}
        for name, back in curves.items():
            label = function(name, lang) if shock == "shallow" else None
            band(axes, cures[0][optimiser]["steps"], back, label=label, **look(name) | shape)
    for shock, shape in _SHOCKS.items():
        axes.plot([], [], color="#777777", marker="o", label=_say(shock, lang), **shape)
    axes.set_xlabel(_say("step", lang))
    axes.set_title(_say("back", lang, optimiser=_OPTIMISERS[optimiser]))
    _legend_above(axes)


def _legend_above(axes: "Axes", **keywords: Any) -> None:
    """Put the legend above the shares, which fill the axis from 0 to 1."""
    axes.set(ylim=(-0.03, 1.8), yticks=[0, 0.5, 1])
    axes.legend(loc="upper left", ncols=2, columnspacing=1, handlelength=1.8, **keywords)


def _say(key: str, lang: str, **fields: object) -> str:
    return words("dying", key, lang, **fields)
