"""Units that die, at which learning rate and when; and units that another function brings back."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from nonlin.figures import new_figure
from nonlin.study_figures.style import band, function, logarithmic, look, plain, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    from nonlin.study.results import Outcome

Series = Mapping[str, Any]

_OPTIMISERS = {"sgd": "SGD", "adam": "Adam"}
# ReLU's units stay at 0, where other lines start: its larger marks frame theirs.
_ON_TOP = {"relu": {"markersize": 8, "markerfacecolor": "none", "zorder": 3}}


def draw(outcomes: Mapping[str, "Outcome"], lang: str) -> "Figure | None":
    """One column an optimiser: the dead by learning rate and over training, and the share back."""
    dying = outcomes["R6"].series if "R6" in outcomes else None
    cures = [outcomes[claim].series for claim in ("K2", "K5", "E4") if claim in outcomes]
    rows = [
        *((partial(_rates, dying), partial(_training, dying)) if dying else ()),
        *((partial(_back, cures),) if cures else ()),
    ]
    if not rows:
        return None
    drawn = new_figure(6, 3 * len(rows))
    for part, row in zip(drawn.subfigures(len(rows), 1, squeeze=False)[:, 0], rows, strict=True):
        panels = part.subplots(1, 2, sharey=True)
        for axes, optimiser in zip(panels, _OPTIMISERS, strict=True):
            row(optimiser, lang, axes)
            # A line at 0 or at 1 is not cut by the frame.
            axes.set(ylim=(-0.05, 1.05), yticks=[0, 0.5, 1])
        # The lines of the middle row are learning rates, those of the others functions.
        title = _say("rate", lang) if row.func is _training else None
        _legend_below(part, panels, title)
    return drawn


def _rates(series: Series, optimiser: str, lang: str, axes: "Axes") -> None:
    found = series[optimiser]
    for name, dead in found["dead"].items():
        band(axes, found["rates"], dead, label=function(name, lang), **look(name))
    logarithmic(axes, found["rates"])
    axes.set_xlabel(_say("rate", lang))
    axes.set_title(_say("dead", lang, optimiser=_OPTIMISERS[optimiser]))


def _training(series: Series, optimiser: str, lang: str, axes: "Axes") -> None:
    found = series[optimiser]
    rates = sorted({rate for each in _OPTIMISERS for rate, _ in _shown(series[each])})
    for rate, dead in _shown(found):
        band(axes, found["steps"], dead, label=f"{rate:g}", **plain(rates.index(rate)))
    axes.set_xlabel(_say("step", lang))
    axes.set_title(_say("training", lang, optimiser=_OPTIMISERS[optimiser]))


def _shown(found: Series) -> list[tuple[float, Any]]:
    """The four largest rates, without those that diverged: below them hardly a unit dies."""
    lines = zip(found["rates"], found["over_training"], strict=True)
    return [(rate, dead) for rate, dead in lines if dead["mean"][-1] is not None][-4:]


def _back(cures: list[Series], optimiser: str, lang: str, axes: "Axes") -> None:
    curves = {n: c for cure in cures for n, c in cure[optimiser]["back"].items()}
    for name, back in curves.items():
        appearance = look(name) | _ON_TOP.get(name, {})
        steps = cures[0][optimiser]["steps"]
        band(axes, steps, back, label=function(name, lang), **appearance)
    axes.set_xlabel(_say("step", lang))
    axes.set_title(_say("back", lang, optimiser=_OPTIMISERS[optimiser]))


def _legend_below(part: "SubFigure", panels: Iterable["Axes"], title: str | None) -> None:
    """Put what the two panels of a row share below them, each label once."""
    named: dict[str, Any] = {}
    for axes in panels:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            named.setdefault(label, handle)
    part.legend(
        named.values(),
        named.keys(),
        title=title,
        loc="outside lower center",
        ncols=len(named),
        columnspacing=1.2,
        handlelength=2,
        frameon=False,
    )


def _say(key: str, lang: str, **fields: object) -> str:
    return words("dying", key, lang, **fields)
