"""What an exported page holds: charts, and sliders over positions that were computed beforehand.

A part that moves depends on some of the sliders and has one value for every combination of their
positions, the last slider's counting fastest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nonlin.explorer.numbers import column

__all__ = ["Chart", "Page", "Slider", "Trace", "rounded"]

Values = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Slider:
    """A control with its positions.

    Attributes
    ----------
    label : str
    values : sequence of float
    position : int
        Where it stands at first.
    """

    label: str
    values: Sequence[float]
    position: int


@dataclass(frozen=True, slots=True)
class Trace:
    """One trace of Plotly's.

    Attributes
    ----------
    fixed : mapping
        What does not move.
    moving : mapping of str to sequence
        Fields with a value for each combination of positions.
    depends : tuple of int
        The sliders, by their place on the page.
    colour : str
        A colour of the style sheet, which knows light and dark: "series-0", "warm-ink", "band".
    """

    fixed: Mapping[str, Any]
    moving: Mapping[str, Values] = field(default_factory=dict)
    depends: tuple[int, ...] = ()
    colour: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing, with the same in words.

    Attributes
    ----------
    title, explanation : str
    layout : mapping
    traces : sequence of Trace
    summary : sequence of str
        A sentence for each combination of positions.
    depends : tuple of int
        The sliders that the summary depends on.
    """

    title: str
    explanation: str
    layout: Mapping[str, Any]
    traces: Sequence[Trace]
    summary: Sequence[str] = ("",)
    depends: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """A whole exported page.

    Attributes
    ----------
    title : str
    sliders : sequence of Slider
    charts : sequence of Chart
    table : str
        HTML below the charts.
    """

    title: str
    sliders: Sequence[Slider]
    charts: Sequence[Chart]
    table: str = ""


def rounded(values: Any) -> list[Any]:
    """Give numbers with five digits, which no screen can tell from more.

    Examples
    --------
    >>> rounded([1 / 3, 0.0])
    [0.33333, 0.0]
    """
    given = np.asarray(values, dtype=np.float64)
    with np.errstate(all="ignore"):
        scale = 10.0 ** (4 - np.floor(np.log10(np.abs(given))))
        usual = np.isfinite(scale) & (given != 0.0)
        short = np.where(usual, np.round(given * scale) / np.where(usual, scale, 1.0), given)
    return [float(f"{each:.5g}") if isinstance(each, float) else each for each in column(short)]
