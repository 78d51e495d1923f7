"""The ratio over size, a panel a function."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nonlin.figures import spoken, typeset
from nonlin.figures.canvas import STYLES, new_figure, plain_style, save
from ops.bars import Results, passes, ratio
from ops.cases import CONTESTS, DTYPES, PASSES
from ops.words import say

COLUMNS = 5
MARKERS = "os^"


def draw(results: Results, path: Path, lang: str) -> Path:
    """Draw one thread's ratios and give the file; forward is solid, with backward dashed."""
    lang = spoken(lang)
    names = [name for name in CONTESTS if any(case.function == name for case in results)]
    rows = -(-len(names) // COLUMNS)
    with plain_style():
        figure = new_figure(9, 2.2 * rows + 0.7)
        panels = figure.subplots(rows, COLUMNS, sharex=True, sharey=True, squeeze=False).flat
        for axes, name in zip(panels, names, strict=False):
            handles = _panel(axes, results, name, lang)
        for axes in list(panels)[len(names) :]:
            axes.axis("off")
        figure.supxlabel(say("figure.elements", lang))
        figure.supylabel(say("figure.ratio", lang))
        figure.legend(
            handles.values(), handles.keys(), loc="outside upper center",
            ncols=len(handles) // len(PASSES), frameon=False,
        )  # fmt: skip
        return save(typeset(figure, lang), path)[0]


def _panel(axes: Any, results: Results, name: str, lang: str) -> dict[str, Any]:
    handles = {}
    axes.axhline(1, color="#999999", linewidth=0.8)
    for (colour, _), marker, dtype in zip(STYLES, MARKERS, DTYPES, strict=False):
        for backward in (False, True):
            wanted = (name, dtype, backward, 1)
            found = {
                case.size: ratio(times)
                for case, times in results.items()
                if (case.function, case.dtype, case.backward, case.threads) == wanted
            }
            if found:
                sizes = sorted(found)
                label = f"{dtype}, {passes(backward, lang)}"
                handles[label] = axes.plot(
                    sizes, [found[size] for size in sizes], color=colour, marker=marker,
                    markersize=3, linestyle="--" if backward else "-",
                )[0]  # fmt: skip
    axes.set(xscale="log", yscale="log", title=name)
    axes.set_yticks([0.25, 0.5, 1, 2, 4], ["1/4", "1/2", "1", "2", "4"])
    axes.yaxis.set_minor_locator(_none())
    axes.grid(alpha=0.3)
    return handles


def _none() -> Any:
    from matplotlib.ticker import NullLocator

    return NullLocator()
