"""Where each function is measured: an ordered, a critical and a chaotic point.

The critical point is that of the first of a few bias variances at which lengths settle well: a
layer leaves at most three quarters of a deviation. If there is none the best is taken, or that of
ReLU and its kin, at zero bias, where every length is kept. The other two have the same bias
variance and the weight variance whose gradient factor is nearest to 0.8 and to 1.25, among those
whose lengths settle well, and faster than gradients vanish, if there are any. A function without a
critical point is measured at the bias variance that brings an ordered point nearest to its target.
What does not exist is left out.
"""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from nonlin import Activation
from nonlin.propagation import (
    NoCriticalPointError,
    critical_initialization,
    expectation,
    phase_diagram,
)

BIASES = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0)
SLOPE = 0.75  # of the length map: what is left of a deviation after a layer
TARGETS = {"ordered": 0.8, "chaotic": 1.25}
MARGIN = 0.9  # slope^2 over chi1; see the page on gradients along the length
GROWING = 10.0  # |x|^2/n where lengths grow without limit: beyond what would hold smaller ones
SEARCHED = np.geomspace(0.02, 500.0, 1200)


@dataclass(frozen=True)
class Point:
    """A network: sw2 and sb2, the phase, and |x|^2/n of its inputs.

    The inputs have the length with which the first layer is at the fixed point, where there is one.
    """

    phase: str
    weight_variance: float
    bias_variance: float
    input_length: float


def points(act: Activation) -> list[Point]:
    """Choose up to three points, in the order ordered, critical, chaotic."""
    critical = _critical(act)
    biases = BIASES if critical is None else (critical.bias_variance,)
    found = [_beside(act, bias) for bias in biases]
    ordered, chaotic = min(found, key=lambda pair: pair[0][0] if pair[0] else math.inf)
    chosen = (ordered and ordered[1], critical, chaotic and chaotic[1])
    return [point for point in chosen if point is not None]


def _point(phase: str, weight: float, bias: float, q_star: float) -> Point:
    if math.isinf(q_star):
        return Point(phase, weight, bias, GROWING)
    return Point(phase, weight, bias, (q_star - bias) / weight if q_star > bias else 1.0)


def _critical(act: Activation) -> Point | None:
    found: list[tuple[float, Point]] = []
    for bias in (*BIASES, 0.0):
        with suppress(NoCriticalPointError):
            made = critical_initialization(act, bias)
            slope = 1.0 if made.every_length else _slope(act, made.weight_variance, made.q_star)
            found.append((slope, _point("critical", made.weight_variance, bias, made.q_star)))
            if slope <= SLOPE:
                break
    # Where phi = 0 at all its kinks the slope is 1 at any bias: the largest bends it least.
    return (
        min(found, key=lambda pair: (round(pair[0], 6), -pair[1].bias_variance))[1]
        if found
        else None
    )


def _slope(act: Activation, weight: float, q: float) -> float:
    """Compute the slope of the length map, chi1 + sw2 E[phi'' phi], at criticality."""
    return 1.0 + weight * float(expectation(act, "curvature", q)) if q > 0.0 else 1.0


Near = tuple[float, Point] | None


def _beside(act: Activation, bias: float) -> tuple[Near, Near]:
    diagram = phase_diagram(act, SEARCHED, [bias])
    chi, q = diagram.chi1[:, 0], diagram.q_star[:, 0]
    with np.errstate(divide="ignore"):
        slope = np.exp(-1.0 / diagram.xi_q[:, 0])
    settled = np.isfinite(q) & (q > 0.0) & (slope <= SLOPE) & (slope**2 <= MARGIN * chi)
    sides = {"ordered": chi < 1.0, "chaotic": chi > 1.0}
    return tuple(  # type: ignore[return-value]
        _nearest(phase, chi, q, side & np.isfinite(chi) & (chi > 0.0), settled, bias)
        for phase, side in sides.items()
    )


def _nearest(
    phase: str, chi: np.ndarray, q: np.ndarray, side: np.ndarray, settled: np.ndarray, bias: float
) -> Near:
    if not side.any():
        return None
    distance = np.abs(np.log(np.where(side, chi, 1e-300) / TARGETS[phase]))
    distance = np.where(settled, distance, distance + 100.0)  # behind all that settle
    best = int(distance.argmin())
    return float(distance[best]), _point(phase, float(SEARCHED[best]), bias, float(q[best]))
