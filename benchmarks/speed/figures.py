"""Throughput over size, and bandwidth under the roof of a memory copy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nonlin.figures import spoken, typeset
from nonlin.figures.canvas import STYLES, new_figure, plain_style, save
from speed.cases import DOCUMENT, KINDS, Case
from speed.peers import COPY, OURS, PEERS
from speed.results import Results
from speed.words import kind, named, say

# The figures lie in a folder of this name beside the page.
FOLDER = "performance"
DTYPE = "float32"
BYTES = {"float16": 2, "float32": 4, "float64": 8}
# Arrays that pass through memory: read and written.
ARRAYS = {"value": 2, "derivative": 2, "backward": 3}
COLOURS = (*STYLES, ("#999999", "-"), ("#882255", "--"))


def draw(results: Results, folder: Path, lang: str) -> None:
    """Draw all figures into `folder`."""
    for each in KINDS:
        throughput(results, each, folder / _name(f"throughput-{each}", lang), spoken(lang))
    roofline(results, folder / _name("roofline", lang), spoken(lang))


def titles(lang: str) -> dict[str, str]:
    """Say what the figures show, by their place beside the page."""
    shown = {
        f"throughput-{each}": say("figure.throughput", lang, kind=kind(each, lang), dtype=DTYPE)
        for each in KINDS
    } | {"roofline": say("figure.roofline", lang, dtype=DTYPE)}
    return {f"{FOLDER}/{_name(name, lang)}.svg": title for name, title in shown.items()}


def _name(figure: str, lang: str) -> str:
    return figure if lang == "en" else f"{figure}.{lang}"


def throughput(results: Results, way: str, path: Path, lang: str) -> None:
    """A panel a function: elements a nanosecond, of every contender."""
    with plain_style():
        figure = new_figure(9, 6)
        panels = figure.subplots(2, 3, sharex=True, sharey=True).flat
        handles: dict[str, Any] = {}
        for axes, name in zip(panels, DOCUMENT, strict=False):
            for style, peer in zip(COLOURS, (OURS, *PEERS, COPY), strict=True):
                x, y = _speeds(results, _sizes(results, name, way), peer)
                if x:
                    handles[named(peer, lang)] = _line(axes, x, y, style, 2 if peer == OURS else 1)
            axes.set_title(name)
            axes.set(xscale="log", yscale="log")
            axes.grid(alpha=0.3)
        figure.supxlabel(say("figure.elements", lang))
        figure.supylabel(say("figure.speed", lang))
        legend = figure.axes[-1]  # five functions leave the sixth panel free
        legend.axis("off")
        figure.axes[2].tick_params(labelbottom=True)  # so the one above has to name its sizes
        names = [named(each, lang) for each in (OURS, *PEERS, COPY)]
        order = [name for name in names if name in handles]
        legend.legend([handles[name] for name in order], order, loc="center", frameon=False)
        save(typeset(figure, lang), path)


def roofline(results: Results, path: Path, lang: str) -> None:
    """A panel a kind: bytes moved a nanosecond over the bytes touched, and the copy's as a roof."""
    with plain_style():
        figure = new_figure(9, 3.8)
        for axes, way in zip(figure.subplots(1, 3, sharey=True), KINDS, strict=True):
            for style, name in zip(STYLES, DOCUMENT, strict=False):
                x, y = _bandwidth(results, _sizes(results, name, way), OURS, way)
                _line(axes, x, y, style, 1.2).set_label(name)
            x, y = _bandwidth(results, _sizes(results, "relu", way), COPY, "value")
            _line(axes, x, y, ("#999999", "-"), 4).set_label(named(COPY, lang))
            axes.set(xscale="log", yscale="log", title=kind(way, lang))
            axes.set_xlabel(say("figure.bytes", lang))
            axes.grid(alpha=0.3)
        figure.axes[0].set_ylabel(say("figure.bandwidth", lang))
        figure.axes[0].legend(fontsize=8)
        save(typeset(figure, lang), path)


def _sizes(results: Results, name: str, way: str) -> list[Case]:
    wanted = (name, way, DTYPE, 1)
    return sorted(c for c in results.cases() if (c.function, c.kind, c.dtype, c.threads) == wanted)


def _speeds(results: Results, cases: list[Case], name: str) -> tuple[list[float], list[float]]:
    x, y = [], []
    for case in cases:
        label = results.best(case, name)
        if label and (found := results.nanoseconds(case, label)):
            x.append(float(case.size))
            y.append(1 / found.median)
    return x, y


def _bandwidth(
    results: Results, cases: list[Case], name: str, way: str
) -> tuple[list[float], list[float]]:
    x, y = _speeds(results, cases, name)
    moved = ARRAYS[way] * BYTES[cases[0].dtype] if cases else 0
    return [moved * size for size in x], [moved * speed for speed in y]


def _line(
    axes: Any, x: Sequence[float], y: Sequence[float], style: tuple[str, Any], width: float
) -> Any:
    colour, dashes = style
    return axes.plot(x, y, color=colour, linestyle=dashes, linewidth=width, marker=".")[0]
