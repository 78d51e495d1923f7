"""The gradient on its way back through the layers, and what becomes of learning."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from nonlin.study_figures.style import arrange, band, function, look, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from nonlin.study.results import Outcome

# Each function with the initialisation that is usual for it.
_GRADIENTS = {"S6": ("sigmoid", "xavier"), "T5": ("tanh", "xavier"), "R4": ("relu", "he")}
_SUPREMUM = 0.25  # of the sigmoid's derivative


def draw(outcomes: Mapping[str, "Outcome"], lang: str) -> "Figure | None":
    """Gradients by layer and by depth, weight changes by layer, and losses by step."""
    loss = outcomes.get("V5", outcomes.get("V3"))
    return arrange(
        partial(_layers, outcomes, lang) if _GRADIENTS.keys() & outcomes.keys() else None,
        partial(_depths, outcomes["V1"].series, lang) if "V1" in outcomes else None,
        partial(_change, outcomes["V2"].series, lang) if "V2" in outcomes else None,
        partial(_loss, loss.series, lang) if loss else None,
    )


def _layers(outcomes: Mapping[str, "Outcome"], lang: str, axes: "Axes") -> None:
    for claim in (claim for claim in _GRADIENTS if claim in outcomes):
        name, init = _GRADIENTS[claim]
        series = outcomes[claim].series
        factor = outcomes[claim].fields[f"factor_{init}"].value
        label = _say("factor", lang, name=function(name, lang), factor=factor)
        every = max(1, len(series["layers"]) // 8)
        band(
            axes, series["layers"], series["init"][init], **look(name), label=label, markevery=every
        )
    axes.set(yscale="log", xlabel=_say("layer", lang), title=_say("layers", lang))
    axes.legend()


def _depths(series: Mapping[str, Any], lang: str, axes: "Axes") -> None:
    depths = np.array(series["depths"])
    band(
        axes,
        depths.tolist(),
        series["first_layer"],
        label=_say("measured", lang),
        **look("sigmoid"),
    )
    bound = series["first_layer"]["mean"][0] * _SUPREMUM ** (depths - depths[0])
    axes.plot(depths, bound, color="k", linewidth=1, linestyle=":", label=_say("bound", lang))
    axes.set(yscale="log", xlabel=_say("depth", lang), title=_say("depths", lang))
    axes.legend()


def _change(series: Mapping[str, Any], lang: str, axes: "Axes") -> None:
    for name, change in series["optimiser"]["sgd"].items():
        band(axes, series["layers"], change, label=function(name, lang), **look(name))
    axes.set(yscale="log", xlabel=_say("layer", lang), title=_say("change", lang))
    axes.legend()


def _loss(series: Mapping[str, Any], lang: str, axes: "Axes") -> None:
    curves = series["function"] if "function" in series else series["optimiser"]["sgd"]
    for name, curve in curves.items():
        every = max(1, len(series["steps"]) // 8)
        band(
            axes, series["steps"], curve, label=function(name, lang), **look(name), markevery=every
        )
    axes.axhline(
        series["chance"], color="k", linewidth=1, linestyle=":", label=_say("chance", lang)
    )
    axes.set(xlabel=_say("step", lang), title=_say("loss", lang), ylim=(0, None))
    axes.legend()


def _say(key: str, lang: str, **fields: object) -> str:
    return words("vanishing", key, lang, **fields)
