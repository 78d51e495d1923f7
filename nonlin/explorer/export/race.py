"""A race as a page: recorded frames, and a slider over the steps."""

from __future__ import annotations

import base64
from time import thread_time
from typing import Any

import numpy as np

from nonlin.explorer.export.model import Chart, Page, Slider, Trace, rounded
from nonlin.explorer.functions import function, title
from nonlin.explorer.race.stream import race
from nonlin.messages import text

__all__ = ["page"]

FRAMES = 40
# A slow machine gets fewer steps rather than no page.
SECONDS = 15.0


def page(lang: str, **state: Any) -> Page:
    """Run the race, and draw what was seen at each of its frames."""
    run = race(**state)
    start, frames = run.start(), _frames(run)
    steps = [frame["step"] for frame in frames]
    names = [title(function(each)) for each in start["functions"]]
    chosen = Slider(_word("step_axis", lang), steps, len(steps) - 1)
    boards = [_board(place, name, start, frames, lang) for place, name in enumerate(names)]
    charts = [
        *boards,
        _loss(names, steps, frames, lang),
        *(_by_layer(quantity, names, frames, lang) for quantity in ("gradient", "dead")),
    ]
    return Page(_word("title", lang), [chosen], charts)


def _word(key: str, lang: str, **fields: object) -> str:
    return text(f"explorer_api.export.race.{key}", lang, **fields)


def _frames(run: Any) -> list[dict[str, Any]]:
    frames, late = [run.advance(0)], thread_time() + SECONDS
    each = -(-run.start()["steps"] // FRAMES)
    while not run.over and thread_time() < late:
        frames.append(run.advance(each))
    return frames


def _board(place: int, name: str, start: Any, frames: list[Any], lang: str) -> Chart:
    runs = [frame["runs"][place] for frame in frames]
    width = len(start["grid"]["x"])
    answers = [_rows(each["boundary"], width) for each in runs]
    axes = {"x": rounded(start["grid"]["x"]), "y": rounded(start["grid"]["y"])}
    shown = {**axes, "zmin": 0, "zmax": 255, "showscale": False, "hoverinfo": "skip"}
    traces = [
        Trace({**shown, "type": "heatmap", "zsmooth": "fast"}, {"z": answers}, (0,)),
        _points(start["dataset"], 0, "diamond", "cold-ink"),
        _points(start["dataset"], 1, "circle", "warm-ink"),
    ]
    across = {"visible": False}
    layout = {"xaxis": across, "yaxis": {**across, "scaleanchor": "x"}, "showlegend": False}
    said = [_standing(name, each, lang) for each in runs]
    return Chart(name, "", layout, traces, said, (0,))


def _points(dataset: Any, label: int, symbol: str, colour: str) -> Trace:
    chosen = np.array(dataset["label"]) == label
    x, y = (rounded(np.array(dataset[axis])[chosen]) for axis in "xy")
    marker = {"size": 5, "symbol": symbol}
    shown = {"x": x, "y": y, "mode": "markers", "hoverinfo": "skip", "marker": marker}
    return Trace(shown, colour=colour)


def _rows(packed: str, width: int) -> list[Any]:
    rows: list[Any] = np.frombuffer(base64.b64decode(packed), np.uint8).reshape(-1, width).tolist()
    return rows


def _standing(name: str, run: Any, lang: str) -> str:
    if run["loss"] is None:
        return f"{name}: {_word('diverged', lang)}"
    numbers = {"loss": f"{run['loss']:.3g}", "accuracy": f"{100 * run['accuracy']:.3g}"}
    return _word("standing", lang, name=name, **numbers)


def _loss(names: list[str], steps: list[int], frames: list[Any], lang: str) -> Chart:
    traces = [
        Trace(
            {
                "name": name,
                "mode": "lines",
                "x": steps,
                "y": [frame["runs"][place]["loss"] for frame in frames],
            },
            colour=f"series-{place}",
        )
        for place, name in enumerate(names)
    ]
    layout = {
        "xaxis": {"title": {"text": _word("step_axis", lang)}},
        "yaxis": {
            "type": "log",
            "title": {"text": _word("loss_axis", lang)},
        },
    }
    return _chart("loss", layout, traces, lang)


def _by_layer(quantity: str, names: list[str], frames: list[Any], lang: str) -> Chart:
    count = len(frames[0]["runs"][0][quantity])
    traces = [
        Trace(
            {"name": name, "mode": "lines+markers", "x": list(range(1, count + 1))},
            {"y": [frame["runs"][place][quantity] for frame in frames]},
            (0,),
            f"series-{place}",
        )
        for place, name in enumerate(names)
    ]
    kind = {"type": "log"} if quantity == "gradient" else {"range": [-0.02, 1.02]}
    layout = {
        "xaxis": {
            "title": {"text": _word("layer_axis", lang)},
            "dtick": 1,
        },
        "yaxis": {
            "title": {"text": _word(f"{quantity}_axis", lang)},
            **kind,
        },
    }
    return _chart(quantity, layout, traces, lang)


def _chart(name: str, layout: Any, traces: list[Trace], lang: str) -> Chart:
    title = _word(f"{name}_title", lang)
    return Chart(title, _word(f"{name}_explanation", lang), layout, traces)
