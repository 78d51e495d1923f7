"""Bounds that are never reached, and where each dtype rounds to them all the same."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from nonlin.study_figures.style import figure, plain, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from nonlin.study.results import Outcome

# The end of each range that the outputs come near within the figure.
_ENDS = {"S1": "upper", "T1": "upper", "E1": "lower"}
_DTYPES = ("float16", "float32", "float64")


def draw(outcomes: Mapping[str, "Outcome"], lang: str) -> "Figure | None":
    """The distance to the bound along x, exact and in each dtype, one panel a function."""
    claims = [claim for claim in _ENDS if claim in outcomes]
    if not claims:
        return None
    drawn, (row,) = figure(1, len(claims), sharey=True)
    for axes, claim in zip(row, claims, strict=True):
        _distance(axes, outcomes[claim], _ENDS[claim], lang)
        axes.set(xlabel=words("ranges", f"input.{claim}", lang))
        axes.set_title(words("ranges", f"distance.{claim}", lang))
    row[0].set(yscale="log", ylim=(1e-18, 1e5), yticks=[1e-15, 1e-10, 1e-5, 1])
    drawn.suptitle(words("ranges", "title", lang))
    return drawn


def _distance(axes: "Axes", outcome: "Outcome", end: str, lang: str) -> None:
    x, gaps = outcome.series["input"], outcome.series["gap"][end]
    axes.plot(x, gaps["exact"], color="k", linewidth=0.8, label=words("ranges", "exact", lang))
    for i, dtype in enumerate(_DTYPES):
        reached = outcome.fields.get(f"{dtype}_reaches_{end}")
        # Zero has no place on a logarithmic axis: the line ends where the bound is reached.
        there = [(at, gap) for at, gap in zip(x, gaps[dtype], strict=True) if gap]
        label = dtype if reached is None else f"{dtype}: {abs(reached.value):.1f}"
        axes.plot(*zip(*there, strict=True), label=label, markevery=[-1], **plain(i))
    axes.legend(loc="upper right", handlelength=1.5, borderpad=0.3)
