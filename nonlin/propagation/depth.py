"""How deep a network can be before its gradients leave given limits."""

from __future__ import annotations

import math

import numpy as np

from nonlin.propagation import layers
from nonlin.propagation.layers import Network
from nonlin.propagation.phase import CRITICAL
from nonlin.propagation.quadrature import Array

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
