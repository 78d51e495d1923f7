"""Two inputs at once: expectations under correlated Gaussian pre-activations.

With u1 ~ N(0, q) the other one is u2 = c u1 + s z, s^2 = q (1 - c^2), z ~ N(0, 1) independent of
u1, so

    E[phi(u1) phi(u2)] = E_u1[phi(u1) h(u1)],   h(u) = E_z[phi(c u + s z)].

The inner integral has an edge wherever c u + s z meets a kink or an edge of a panel of phi. The
outer integrand is phi, with its own kinks, times h, in which the kink at k has become a smooth step
of width s/c around k/c; as c -> 1 that narrows to a kink, and panels that double in width around
k/c follow it at any s. No derivative is needed inside: by Stein's lemma
h'(u)/c = E_z[z phi(c u + s z)] / s.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nonlin.activation import Activation
from nonlin.propagation.mesh import features, slopes
from nonlin.propagation.moments import TINY, moments
from nonlin.propagation.panels import evaluate
from nonlin.propagation.quadrature import Array, ascending, panels

# Beyond this many standard deviations there is 1e-16 of the mass.
REACH = 8.3

# Nodes a panel, enough for 1e-12 of E[phi^2] (tests/propagation/test_correlation.py).
OUTER, INNER = 14, 12

# Closer to 1 the two inputs are one to float64.
SAME = 1e-15


class Pair(NamedTuple):
    """E[phi(u1) phi(u2)] and E[phi'(u1) phi'(u2)]."""

    product: float
    slopes: float


def pair(act: Activation, q: float, correlation: float) -> Pair:
    """Compute both expectations for two pre-activations of variance q.

    Parameters
    ----------
    act : Activation
    q : float
        Variance, positive.
    correlation : float
        Of u1 and u2, in [-1, 1].

    Returns
    -------
    Pair
    """
    if correlation >= 1.0 - SAME:
        single = moments(act, q)
        return Pair(float(single.square), float(single.slope_square))
    c = max(correlation, -1.0 + SAME)
    s = float(np.sqrt(max(q, TINY) * (1.0 - c) * (1.0 + c)))
    edges = _outer_edges(act, float(np.sqrt(max(q, TINY))), c, s)
    u, weight = (x.ravel() for x in panels(edges, OUTER))
    share = weight * np.exp(-0.5 * u * u / q) / np.sqrt(2.0 * np.pi * q)
    smooth, slope = _inner(act, c * u, s)
    return Pair(
        float(np.sum(share * evaluate(act, u) * smooth)),
        float(np.sum(share * slopes(act, u) * slope)),
    )


def _near(edges: Array, reach: float) -> Array:
    return edges[np.abs(edges) < reach]


def _outer_edges(act: Activation, deviation: float, c: float, s: float) -> Array:
    edges, kinks, jumps = features(act)
    reach = REACH * deviation
    steps = np.arange(-2.0, np.ceil(np.log2(2.0 * reach / s)))
    widening = s * np.concatenate([-np.exp2(steps[::-1]), [0.0], np.exp2(steps)])
    centres = _near(np.array([0.0, *kinks, *jumps]), 2.0 * reach)
    with np.errstate(divide="ignore"):
        shifted = np.concatenate([centres, centres / c]) if c else centres
    around = (shifted[:, None] + widening).ravel()
    regular = deviation * np.linspace(-REACH, REACH, 8)
    return ascending(np.concatenate([_near(np.concatenate([around, edges]), reach), regular]))


def _inner(act: Activation, mean: Array, s: float) -> tuple[Array, Array]:
    """Compute E[phi(mean + s z)] and E[phi'(mean + s z)] for each mean."""
    edges = features(act)[0]
    edges = _near(edges, np.abs(mean).max() + REACH * s)
    breaks = np.clip((edges - mean[:, None]) / s, -REACH, REACH)
    regular = np.broadcast_to(np.linspace(-REACH, REACH, 8), (len(mean), 8))
    z, weight = panels(np.sort(np.concatenate([breaks, regular], axis=1), axis=1), INNER)
    share = weight * np.exp(-0.5 * z * z) / np.sqrt(2.0 * np.pi)
    value = evaluate(act, mean[:, None, None] + s * z)
    centre = evaluate(act, mean)[:, None, None]
    smooth = np.einsum("nij,nij->n", share, value)
    return smooth, np.einsum("nij,nij,nij->n", share, z, value - centre) / s
