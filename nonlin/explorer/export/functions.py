"""The view of functions as a page: every slider's positions, computed by the kernels."""

from __future__ import annotations

from html import escape
from itertools import product
from typing import Any

import numpy as np

import nonlin
from nonlin.activation import Activation
from nonlin.explorer.api.catalogue import slider
from nonlin.explorer.api.facts import facts
from nonlin.explorer.export.model import Chart, Page, Slider, Trace, rounded
from nonlin.explorer.functions import title
from nonlin.messages import text

__all__ = ["page"]

Functions = tuple[tuple[str, Activation], ...]

POINTS = 201
# Positions of one slider, and of each of several that move the same curve.
ALONE, TOGETHER = 41, 13


def page(lang: str, f: Functions, start: float, stop: float, dtype: str, naive: int) -> Page:
    """Draw the curves over the positions of each function's own sliders."""
    x = np.linspace(start, stop, POINTS).astype(dtype)
    sliders: list[Slider] = []
    values: list[Trace] = []
    derivatives: list[Trace] = []
    for place, (_, act) in enumerate(f):
        own = _sliders(act)
        depends = tuple(range(len(sliders), len(sliders) + len(own)))
        sliders += own.values()
        moved = [act.bind(**dict(zip(own, at, strict=True))) for at in _positions(own)]
        for traces, compute in (
            (values, [each(x) for each in moved]),
            (derivatives, [each.derivative(x) for each in moved]),
        ):
            traces.append(_trace(act, x, compute, depends, place))
    names = ", ".join(title(act) for _, act in f)
    charts = [
        _chart("value", names, "φ(x)", values, lang),
        _chart("derivative", names, "φ′(x)", derivatives, lang),
    ]
    return Page(text("explorer_api.export.functions.title", lang), sliders, charts, _table(f, lang))


def _sliders(act: Activation) -> dict[str, Slider]:
    """Make a slider for each number of a function, its own value among the positions."""
    names = [name for name, value in act.parameters.items() if not isinstance(value, str)]
    count = ALONE if len(names) == 1 else TOGETHER
    made = {}
    for name in names:
        low, high, _ = slider(act.name, name)
        here = float(act.parameters[name])
        places = {*np.linspace(low, high, count).round(4).tolist(), *([here] if here < 1e9 else [])}
        values = sorted(places)
        position = values.index(here) if here in places else len(values) - 1
        made[name] = Slider(f"{title(nonlin.get(act.name))}: {name}", values, position)
    return made


def _positions(own: dict[str, Slider]) -> list[tuple[float, ...]]:
    return list(product(*(each.values for each in own.values())))


def _trace(act: Activation, x: Any, ys: list[Any], depends: tuple[int, ...], place: int) -> Trace:
    # What a slider moves is not in the name.
    name = title(nonlin.get(act.name)) if depends else title(act)
    fixed = {"name": name, "mode": "lines", "x": rounded(x)}
    return Trace(fixed, {"y": [rounded(y) for y in ys]}, depends, f"series-{place}")


def _chart(what: str, names: str, axis: str, traces: list[Trace], lang: str) -> Chart:
    said = text(f"explorer_api.export.{what}_of", lang, names=names)
    layout = {"xaxis": {"title": {"text": "x"}}, "yaxis": {"title": {"text": axis}}}
    heading = text(f"explorer_api.export.{what}", lang)
    return Chart(heading, "", layout, traces, [said])


def _table(f: Functions, lang: str) -> str:
    """Write the facts of the functions as they stand in the link."""
    found = facts(f, lang)
    head = "".join(f'<th scope="col">{escape(each["title"])}</th>' for each in found)
    rows = []
    for cells in zip(*(each["facts"] for each in found), strict=True):
        written = "".join(
            f'<td>{escape(cell["value"])} <span class="badge {cell["evidence"]}">'
            f"{escape(cell['evidence_label'])}</span></td>"
            for cell in cells
        )
        rows.append(f'<tr><th scope="row">{escape(cells[0]["label"])}</th>{written}</tr>')
    corner = escape(text("explorer_api.export.fact", lang))
    heading = escape(text("explorer_api.export.facts", lang))
    return (
        f'<h2>{heading}</h2><div class="scrolling"><table><thead><tr><th scope="col">{corner}</th>'
        f"{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )
