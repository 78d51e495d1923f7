"""Where lengths settle: fixed points of q -> sw2 E[phi(u)^2] + sb2, u ~ N(0, q)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nonlin.activation import Activation
from nonlin.propagation.moments import moments
from nonlin.propagation.quadrature import Array
from nonlin.propagation.table import Table, table

# A length that changes by less than this share of itself stays as it is.
NEUTRAL = 1e-12

# Newton's method is done after this many steps from a sixteenth of an e-fold away.
STEPS = 12

# Networks that are looked at together; their maps on the whole grid take 4 MB.
CHUNK = 512

# What stands for a vanishing and for an infinite variance.
SMALL, LARGE = 1e-200, 1e30


class FixedPoint(NamedTuple):
    """Where lengths go, shape (n,) each.

    Attributes
    ----------
    q_star : array
        0 and inf where lengths vanish and grow without limit; NaN where it is not known.
    chi1 : array
        sw2 E[phi'^2] there.
    slope : array
        The derivative of the length map there.
    """

    q_star: Array
    chi1: Array
    slope: Array


def fixed_point(act: Activation, weights: Array, biases: Array, starts: Array) -> FixedPoint:
    """Follow lengths from `starts` to where they settle.

    The map increases for every usual activation, so that an orbit moves one way and cannot pass the
    next fixed point. Where a map decreases, its slope at a fixed point is at least -1/2, since
    sqrt(q) E[phi^2], the integral of phi^2 exp(-u^2/2q), increases with q: lengths never alternate
    for ever.

    Parameters
    ----------
    act : Activation
    weights, biases, starts : arrays, shape (n,)
        sw2 >= 0, sb2 >= 0 and the first length.

    Returns
    -------
    FixedPoint
    """
    known = table(act)
    parts = [
        _settle(known, *(x[i : i + CHUNK] for x in (weights, biases, starts)))
        for i in range(0, len(weights), CHUNK)
    ]
    q_star = np.concatenate(parts) if parts else np.empty(0)
    inside = np.clip(np.nan_to_num(q_star, nan=1.0), *np.exp(known.edges[[0, -1]]))
    _, slope_square, growth = known(inside)
    elasticity = growth / inside
    for end, variance in ((0.0, SMALL), (np.inf, LARGE)):
        there = moments(act, variance, strict=False)
        slope_square[q_star == end] = there.slope_square
        elasticity[q_star == end] = there.growth / variance
    slope_square[np.isnan(q_star)] = np.nan
    elasticity[np.isnan(q_star)] = np.nan
    return FixedPoint(q_star, weights * slope_square, weights * elasticity)


def _settle(known: Table, weights: Array, biases: Array, starts: Array) -> Array:
    q, square, _, _ = known.grid()
    start = np.clip(starts, q[0], q[-1])
    there, _, _ = known(start)
    change = (weights * there + biases) / start - 1.0
    up, down = change > NEUTRAL, change < -NEUTRAL
    excess = weights[:, None] * square + biases[:, None] - q
    after = (q > start[:, None]) & (excess <= 0.0)
    before = (q < start[:, None]) & (excess >= 0.0)
    found = np.where(up, after.any(axis=1), before.any(axis=1))
    high = np.where(up, after.argmax(axis=1), len(q) - before[:, ::-1].argmax(axis=1))
    high = np.clip(high, 1, len(q) - 1)
    root = _newton(known, weights, biases, np.log(q[high - 1]), np.log(q[high]))
    limit = np.where(up, np.inf if known.complete else np.nan, 0.0)
    moving = np.where(found, root, limit)
    return np.where(up | down, moving, starts)


def _newton(known: Table, weights: Array, biases: Array, low: Array, high: Array) -> Array:
    """Solve ln(sw2 V(q) + sb2) = ln q between two neighbours of the grid."""
    low, high = low - 1e-9, high + 1e-9
    s = 0.5 * (low + high)
    for _ in range(STEPS):
        square, _, growth = known(np.exp(np.clip(s, known.edges[0], known.edges[-1])))
        image = np.maximum(weights * square + biases, np.exp(known.edges[0]) * 1e-9)
        difference = np.log(image) - s
        step = difference / np.where(weights * growth == image, 1.0, 1.0 - weights * growth / image)
        s = np.clip(s + step, low, high)
    return np.exp(s)
