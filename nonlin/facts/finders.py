"""Who finds which fact."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nonlin.facts import extent, inverse, points, rounding, shape
from nonlin.facts.fact import Fact
from nonlin.facts.gaussian import gain, self_normalising
from nonlin.facts.portrait import Portrait
from nonlin.facts.wave import with_waves

__all__ = ["FINDERS"]

_OF_ANY: Mapping[str, Callable[[Portrait], Fact]] = {
    "range": extent.values,
    "limits": extent.limits,
    "asymptotes": extent.asymptotes,
    "continuity": shape.continuity,
    "not_differentiable": shape.not_differentiable,
    "monotone": shape.monotone,
    "convex": shape.convex,
    "parity": shape.parity,
    "zeros": points.zeros,
    "fixed_points": points.fixed_points,
    "derivative_range": extent.derivative_range,
    "lipschitz": extent.lipschitz,
    "steepest": extent.steepest,
    "at_zero": points.at_zero,
    "near_identity": points.near_identity,
    "saturated": shape.saturated,
    "dead": shape.dead,
    "gain": gain,
    "self_normalising": self_normalising,
    "inverse": inverse.inverse,
    "rounding": rounding.rounding,
}

FINDERS = {name: with_waves(name, finder) for name, finder in _OF_ANY.items()}
