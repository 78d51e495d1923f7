"""The view of depth as a page: theory at every position of the weight variance."""

from __future__ import annotations

from typing import Any

import numpy as np

from nonlin.explorer.api.propagation import propagation
from nonlin.explorer.export.model import Chart, Page, Slider, Trace, rounded
from nonlin.messages import text

__all__ = ["page"]

POSITIONS = 40


def page(lang: str, **state: Any) -> Page:
    """Draw gradient, length and correlation by layer over a slider of weight variances."""
    here = propagation(**state, lang=lang)
    weight = here["weight_variance"]
    highest = max(3.0, 2.0 * weight)
    places = np.linspace(highest / POSITIONS, highest, POSITIONS).round(4).tolist()
    weights = sorted({*places, weight})
    own = {**state, "init": "custom", "bias_variance": here["bias_variance"]}
    found = [propagation(**{**own, "weight_variance": each}, lang=lang) for each in weights]
    label = text("explorer_api.export.depth.weight_variance", lang)
    chosen = Slider(f"{here['title']}: {label}", weights, weights.index(weight))
    gradient = {"type": "log", "exponentformat": "power"}
    charts = [
        _chart("gradient", found, gradient, lang),
        _chart("length", found, {"rangemode": "tozero"}, lang),
        _chart("correlation", found, {"range": [-1.05, 1.05]}, lang),
    ]
    return Page(text("explorer_api.export.depth.title", lang), [chosen], charts)


def _chart(name: str, found: list[dict[str, Any]], axis: dict[str, Any], lang: str) -> Chart:
    def word(key: str) -> str:
        return text(f"explorer_api.export.depth.{key}", lang)

    layers = {"x": found[0]["layers"]["layer"], "mode": "lines"}
    drawn = {"name": word("predicted")}
    traces = [Trace(layers | drawn, {"y": _columns(found, "layers", name)}, (0,), "series-0")]
    if name == "gradient":
        traces = [*_band(found, layers, word("band")), *traces]
    layout = {
        "xaxis": {"title": {"text": word("layer_axis")}},
        "yaxis": {"title": {"text": word(f"{name}_axis")}, **axis},
    }
    said = [" ".join(each["summary"]) for each in found] if name == "gradient" else [""]
    depends = (0,) if name == "gradient" else ()
    title, explanation = word(f"{name}_title"), word(f"{name}_explanation")
    return Chart(title, explanation, layout, traces, said, depends)


def _band(found: list[dict[str, Any]], layers: dict[str, Any], name: str) -> list[Trace]:
    edge = {**layers, "line": {"width": 0}, "showlegend": False, "hoverinfo": "skip"}
    filled = {**edge, "fill": "tonexty", "showlegend": True, "name": name}
    low, high = (_columns(found, "band", end) for end in ("low", "high"))
    return [Trace(edge, {"y": low}, (0,)), Trace(filled, {"y": high}, (0,), "band")]


def _columns(found: list[dict[str, Any]], part: str, name: str) -> list[Any]:
    # "inf" and None are for people; the drawing leaves them out.
    return [rounded([_known(y) for y in each[part][name]]) for each in found]


def _known(y: float | str | None) -> float:
    return y if isinstance(y, float) else np.nan
