"""Lengths, correlations and gradient factors layer by layer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nonlin.activation import Activation
from nonlin.propagation.correlation import pair
from nonlin.propagation.errors import NotConvergedError
from nonlin.propagation.moments import moments
from nonlin.propagation.quadrature import Array

# A layer that changes less than this, relatively, is followed by layers like it.
SETTLED = 1e-15


@dataclass(frozen=True, slots=True)
class Network:
    """Weights of variance sw2 / fan_in, biases of variance sb2, blocks x + residual f(x)."""

    act: Activation
    weight_variance: float
    bias_variance: float
    residual: float | None = None

    def affine(self, moment: float) -> float:
        """Compute sw2 moment + sb2, what a linear layer does to a second moment."""
        return self.weight_variance * moment + self.bias_variance


def lengths(network: Network, first: float, depth: int) -> Array:
    """Compute the variance of each layer's pre-activations, shape (depth,).

    q_1 = sw2 |x|^2/n + sb2 and q_{l+1} = sw2 E[phi(u)^2] + sb2. With residual blocks the stream's
    variance grows by residual^2 (sw2 E[phi(z)^2] + sb2), z ~ N(0, 1), a block.
    """
    if network.residual is not None:
        added = network.affine(float(moments(network.act, 1.0).square))
        return np.asarray(first + network.residual**2 * added * np.arange(depth))
    q = np.full(depth, first)
    for layer in range(1, depth):
        q[layer] = network.affine(square(network.act, float(q[layer - 1])))
        if not np.isfinite(q[layer]) or abs(q[layer] - q[layer - 1]) <= SETTLED * q[layer]:
            q[layer:] = q[layer]
            break
    return q


def square(act: Activation, q: float) -> float:
    """Compute E[phi(u)^2], u ~ N(0, q), at q = 0 that of u = 0 itself; inf where it overflows."""
    if q == 0.0:
        return float(act(0.0)) ** 2
    try:
        return float(moments(act, q).square)
    except NotConvergedError:
        if _overflows(act, np.array(q)).any():
            return float(np.inf)
        raise


def _overflows(act: Activation, q: Array) -> NDArray[np.bool_]:
    """Tell where phi^2 overflows within four deviations: no sum of its values is finite there."""
    with np.errstate(over="ignore"):
        ends = np.square(act(4.0 * np.sqrt(q)[..., None] * np.array([-1.0, 1.0])))
    return np.asarray(np.isinf(ends).any(-1))


def correlations(network: Network, q: Array, first: float) -> Array:
    """Compute the correlation of two inputs' pre-activations at each layer, shape (depth,)."""
    c = np.full(len(q), first)
    for layer in range(1, len(q)):
        c[layer] = np.minimum(1.0, _next(network, q[layer - 1], q[layer], c[layer - 1]))
        if not np.isfinite(c[layer]) or _still(q[layer - 1 : layer + 1], c[layer - 1 : layer + 1]):
            c[layer:] = c[layer]
            break
    return c


def _next(network: Network, q: float, following: float, c: float) -> float:
    if q == 0.0:
        # Both pre-activations are 0.
        return 1.0
    if not (np.isfinite(following) and following > 0.0):
        return float("nan")
    if network.residual is None:
        return network.affine(pair(network.act, q, c).product) / following
    added = network.affine(pair(network.act, 1.0, c).product)
    return float((c * q + network.residual**2 * added) / following)


def _still(q: Array, c: Array) -> bool:
    return bool(abs(q[1] - q[0]) <= SETTLED * q[1] and abs(c[1] - c[0]) <= SETTLED)


def factors(network: Network, q: Array) -> Array:
    """Compute by what the mean squared gradient grows from one layer to the one below, shape of q.

    chi_l = sw2 E[phi'(u)^2]. Through a residual block it is 1 + residual^2 sw2 E[phi'(z)^2] / q_l:
    the identity, and the branch behind its normalisation by 1 / sqrt(q_l).
    """
    if network.residual is None:
        finite = np.isfinite(q)
        try:
            slopes = moments(network.act, np.where(finite, q, 1.0)).slope_square
        except NotConvergedError:
            over = _overflows(network.act, np.where(finite, q, 1.0))
            if not over.any():
                raise
            finite &= ~over
            slopes = moments(network.act, np.where(finite, q, 1.0)).slope_square
        return np.where(finite, network.weight_variance * slopes, np.inf)
    slope = float(moments(network.act, 1.0).slope_square)
    return np.asarray(1.0 + network.residual**2 * network.weight_variance * slope / q)


def gradients(chi: Array) -> Array:
    """Multiply the factors up from the last layer: E|delta^l|^2 / E|delta^L|^2, shape of chi."""
    logs = np.zeros(len(chi))
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        logs[:-1] = np.cumsum(np.log(chi[:-1])[::-1])[::-1]
        return np.exp(logs)
