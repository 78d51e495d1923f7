"""Where lengths and correlations settle, how fast, and what phase that is."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from nonlin.propagation.correlation import Pair, pair
from nonlin.propagation.errors import NotConvergedError
from nonlin.propagation.fixed_point import fixed_point
from nonlin.propagation.layers import Network, square
from nonlin.propagation.mesh import features
from nonlin.propagation.moments import moments
from nonlin.propagation.phase import CRITICAL, depth_scale, phases

# Newton's method reaches the fixed point of a convex map from below; near c* = 1 it halves the
# distance.
STEPS = 60
CLOSE = 1e-13


class Limits(NamedTuple):
    """The end of an infinitely deep network; see `nonlin.propagation.Propagation`."""

    q_star: float
    chi1: float
    c_star: float
    xi_q: float
    xi_c: float
    phase: str


def limits(network: Network, first: float) -> Limits:
    """Find where a network's lengths and correlations settle.

    Raises
    ------
    NotConvergedError
        If the function cannot be integrated where they go.
    """
    if network.residual is not None:
        c_star, _ = _correlation(
            network, 1.0, network.affine(float(moments(network.act, 1.0).square))
        )
        return Limits(math.inf, 1.0, c_star, math.inf, math.inf, "critical")
    if first == 0.0 and network.affine(square(network.act, 0.0)) == 0.0:
        # Nothing comes in and nothing is added: the signal stays 0, where the gradient's factor is
        # also that of a small length.
        chi1 = network.weight_variance * float(moments(network.act, 0.0).slope_square)
        scale = float(depth_scale(chi1))
        return Limits(0.0, chi1, math.nan, scale, math.nan, str(phases(chi1)))
    arguments = (np.array([x]) for x in (network.weight_variance, network.bias_variance, first))
    q_star, chi1, slope = (float(x[0]) for x in fixed_point(network.act, *arguments))
    if math.isnan(q_star):
        raise NotConvergedError(f"it is not known where the lengths of {network.act!r} settle")
    c_star, xi_c = math.nan, math.nan
    if math.isfinite(q_star) and q_star > 0.0:
        c_star, correlation_slope = _correlation(network, q_star, q_star)
        xi_c = float(depth_scale(correlation_slope))
    return Limits(q_star, chi1, c_star, float(depth_scale(slope)), xi_c, str(phases(chi1)))


def _correlation(network: Network, q: float, length: float) -> tuple[float, float]:
    """Find c* = (sw2 E[phi(u) phi(u')] + sb2) / length and the slope of the map there.

    By Mehler's expansion E[phi(u) phi(u')] = sum_k a_k^2 c^k: on [0, 1] the map is convex and
    increasing, with the fixed point 1. If its slope there is above 1 there is exactly one other, to
    which Newton's method comes from 0 without passing it.
    """
    scale = network.weight_variance / length
    at_one = scale * float(moments(network.act, q).slope_square) * q
    if at_one <= 1.0 + CRITICAL and not features(network.act)[2]:
        return 1.0, at_one
    c = 0.0
    for _ in range(STEPS):
        found: Pair = pair(network.act, q, c)
        image = scale * found.product + network.bias_variance / length
        slope = scale * found.slopes * q
        step = (image - c) / (1.0 - slope) if slope < 1.0 else 0.0
        c = min(c + step, 1.0)
        if step <= CLOSE:
            break
    return (c if c > CLOSE else 0.0), slope
