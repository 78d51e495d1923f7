"""Both views of one function that every fact is read from: phi and phi', cut where they turn."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from nonlin.activation import Activation
from nonlin.catalogue import Record
from nonlin.facts import measured, proved
from nonlin.facts.deadline import OutOfTimeError, within
from nonlin.facts.fact import Evidence, Fact
from nonlin.facts.segments import Segments, function

__all__ = ["Attempt", "Portrait", "View", "portrait"]


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
    given_up : float or None
        Seconds after which the proof was given up.
    """

    f: Callable[[float], float]
    segments: Segments
    evidence: Evidence
    how: str
    scale: float
    given_up: float | None = None

    def fact(self, value: Any, how: str | None = None) -> Fact:
        """Make a fact of what was read from this view."""
        return Fact(value, self.evidence, how or self.how, self.given_up)


@dataclass(frozen=True)
class Attempt:
    """What a proof found, None if nothing, and the seconds after which it was given up, if so."""

    found: Any
    given_up: float | None = None

    def measured(self, value: Any, how: str) -> Fact:
        """Make a fact of what was measured instead."""
        return Fact(value, "measured", how, self.given_up)


class Portrait:
    """A function, and the seconds of processor time that each proof about it may take."""

    def __init__(self, activation: Activation, seconds: float) -> None:
        self.activation = activation
        self.seconds = seconds

    @cached_property
    def value(self) -> View:
        """phi."""
        return self._view(0)

    @cached_property
    def slope(self) -> View:
        """phi'."""
        return self._view(1)

    def _view(self, order: int) -> View:
        act = self.activation
        attempt = self.prove(lambda: proved.segments(act, order))
        if attempt.found is not None:
            return View(function(act, order), attempt.found, "proved", "rolle", 0.0)
        cut = measured.segments(act, order)
        limits = [abs(limit) for s in cut for limit in (s.left, s.right) if math.isfinite(limit)]
        scale = (1e-12, 1e-7)[order] * max([1.0, *limits])
        f = _scalar(measured.function(act, order))
        return View(f, cut, "measured", "values", scale, attempt.given_up)

    def prove(self, proof: Callable[[], Any]) -> Attempt:
        """Try a proof: it finds nothing without a definition, without SymPy, or out of time."""
        if self.activation.record is None:
            return Attempt(None)
        try:
            # The import takes longer than most proofs, and is none.
            import sympy  # noqa: F401

            return Attempt(within(self.seconds, proof))
        except OutOfTimeError:
            return Attempt(None, self.seconds)
        except Exception:
            # Whatever SymPy cannot do, in whatever way it says so, is measured.
            return Attempt(None)


@lru_cache(maxsize=256)
def portrait(act: Activation, record: Record | None, seconds: float) -> Portrait:
    """Keep what was proved of a function, which a name and a record are, while more is asked."""
    return Portrait(act, seconds)


def _scalar(f: Callable[[Any], Any]) -> Callable[[float], float]:
    return lambda x: float(f(np.array([x]))[0])
