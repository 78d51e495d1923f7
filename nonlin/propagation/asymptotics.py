"""Where lengths and correlations settle, how fast, what phase that is, and how deep one can go."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from nonlin.propagation import layers
from nonlin.propagation.correlation import Pair, pair
from nonlin.propagation.errors import NotConvergedError
from nonlin.propagation.fixed_point import fixed_point
from nonlin.propagation.layers import Network, square
from nonlin.propagation.mesh import features
from nonlin.propagation.moments import moments
from nonlin.propagation.phase import CRITICAL, depth_scale, phases
from nonlin.propagation.quadrature import Array

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


# Layers that are followed one by one; behind them the factor is taken to be chi1.
FOLLOWED = 2000
BLOCK = 250
POWER = 1e-2


def max_depth(
    network: Network, first: float, chi1: float, gradient_limits: tuple[float, float]
) -> float:
    """Find the largest depth L at which prod_{l<L} chi_l is within the limits.

    A network of depth L multiplies the factors of layers 1 to L - 1. The first `FOLLOWED` are
    computed, the others extrapolated.
    """
    low, high = (math.log(limit) for limit in gradient_limits)
    total, depth, chi = 0.0, 1, np.empty(0)
    while depth < FOLLOWED:
        q = _lengths(network, first, depth)
        chi = layers.factors(network, q[:BLOCK])
        with np.errstate(divide="ignore"):
            logs = total + np.cumsum(np.log(chi))
        outside = np.flatnonzero((logs < low) | (logs > high) | np.isnan(logs))
        if outside.size:
            return float(depth + outside[0])
        total, depth = float(logs[-1]), depth + BLOCK
        first = float(q[-1]) if network.residual is None else first
    return depth + _more(low - total, high - total, float(chi[BLOCK - 1]), chi1, depth)


def _more(low: float, high: float, last: float, chi1: float, depth: int) -> float:
    """Extrapolate: by a factor a layer, or, at criticality, by a power of depth."""
    if abs(chi1 - 1.0) > CRITICAL:
        return math.floor((low if chi1 < 1.0 else high) / math.log(chi1))
    # ln chi_l = p / l, so that the product grows like l^p; a smaller p is that of a fixed point
    # that has been reached but for rounding.
    power = math.log(last) * depth
    if abs(power) < POWER:
        return math.inf
    exponent = (low if power < 0.0 else high) / power
    return math.floor(depth * math.expm1(exponent)) if exponent < 40.0 else math.inf


def _lengths(network: Network, first: float, layer: int) -> Array:
    """Compute the lengths of `BLOCK` + 1 layers from `layer` on."""
    if network.residual is None:
        return layers.lengths(network, first, BLOCK + 1)
    return layers.lengths(network, first, layer + BLOCK)[layer - 1 :]
