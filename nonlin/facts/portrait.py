"""Both views of one function that every fact is read from: phi and phi', cut where they turn."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from nonlin.activation import Activation
from nonlin.facts import measured, proved
from nonlin.facts.deadline import SECONDS, OutOfTimeError, within
from nonlin.facts.fact import Evidence
from nonlin.facts.segments import Segments

__all__ = ["View", "function", "prove", "view"]


@dataclass(frozen=True)
class View:
    """phi or phi' with its monotone segments.

    Attributes
    ----------
    f : callable
        float to float.
    segments : tuple of Segment
    evidence : str
    how : str
    scale : float
        Differences up to this are rounding; 0 where the segments are proved.
    """

    f: Callable[[float], float]
    segments: Segments
    evidence: Evidence
    how: str
    scale: float


@lru_cache(maxsize=256)
def view(act: Activation, order: int) -> View:
    """Cut phi (order 0) or phi' (order 1), with proof if the definition allows it in time."""
    f = function(act, order)
    found = prove(act, lambda: proved.segments(act, order))
    if found is not None:
        return View(f, found, "proved", "rolle", 0.0)
    cut = measured.segments(act, order)
    limits = [abs(limit) for s in cut for limit in (s.left, s.right) if math.isfinite(limit)]
    scale = (1e-12, 1e-7)[order] * max([1.0, *limits])
    return View(_scalar(measured.function(act, order)), cut, "measured", "values", scale)


def _scalar(f: Callable[[Any], Any]) -> Callable[[float], float]:
    return lambda x: float(f(np.array([x]))[0])


def prove(act: Activation, proof: Callable[[], Any], seconds: float = SECONDS) -> Any:
    """Give what `proof` finds; None without a definition, without SymPy, or out of time."""
    if act.record is None:
        return None
    try:
        return within(seconds, proof)
    except (OutOfTimeError, Exception):
        # Whatever SymPy cannot do, in whatever way it says so, is measured.
        return None


def function(act: Activation, order: int) -> Callable[[float], float]:
    """Give phi or phi' as a quiet function of one float."""
    source = (act, act.derivative)[order]
    if act.record is not None:  # the kernels are quiet by themselves
        return lambda x: float(source(x))

    def f(x: float) -> float:
        with np.errstate(all="ignore"):
            return float(source(x))

    return f
