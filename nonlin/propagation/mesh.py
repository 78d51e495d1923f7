"""The nodes at which a function is known once and for all, whatever the variance.

For a Gaussian density of variance q around 0, the panels [2^k, 2^(k+1)] have nodes enough at every
q: exp(-u^2/2q) depends on u^2/q alone, and over a factor 2 of u it is a polynomial wherever it is
not negligible. Together with the panels that the function itself asks for, with an edge at each of
its kinks and jumps, one set of nodes serves every q; the function is evaluated there once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.polynomial.legendre import legder, legval

from nonlin.activation import Activation
from nonlin.named import remembered
from nonlin.propagation import panels
from nonlin.propagation.kinks import find
from nonlin.propagation.quadrature import Array, ascending, coefficients, tails
from nonlin.propagation.quadrature import panels as spread

# A mesh is made for standard deviations within so many factors of 2.
STRIDE = 16


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """Nodes u with their weights, phi(u), phi'(u) and what the panel's polynomial leaves out."""

    u: Array
    weight: Array
    value: Array
    slope: Array
    doubt: Array


@remembered
def features(act: Activation) -> tuple[Array, tuple[float, ...], tuple[float, ...]]:
    """Find the panels that `act` asks for, its kinks and its jumps.

    Returns
    -------
    edges : array, shape (n,)
    kinks, jumps : tuples of float
    """
    found, jumps = find(act)
    base = ascending(np.concatenate([panels.dyadic(panels.FIRST, panels.REACH), found, jumps]))
    return ascending(panels.refine(act, base)), found, jumps


@remembered
def mesh(act: Activation, lowest: int, highest: int) -> Mesh:
    """Evaluate `act` at the nodes between +-2^highest, resolved down to 2^lowest."""
    edges, kinks, jumps = features(act)
    edges = np.concatenate([edges, panels.dyadic(lowest, highest), *_tails(kinks, jumps)])
    u, weight = spread(ascending(edges))
    value = panels.evaluate(act, u)
    doubt = np.where(np.isfinite(value).all(axis=1), tails(value), 0.0)
    slope = slopes(act, u)
    each = np.repeat(doubt, u.shape[1])
    return Mesh(u.ravel(), weight.ravel(), value.ravel(), slope.ravel(), each)


def _tails(kinks: tuple[float, ...], jumps: tuple[float, ...]) -> list[Array]:
    # Where a function begins at a kink k many standard deviations out, the whole integral lies
    # within q/|k| of it, which is at least |k| / 1500 before the density underflows.
    steps = np.exp2(np.arange(-12.0, 0.0))
    return [k * (1.0 + s * steps) for k in kinks + jumps for s in (-1, 1)]


def slopes(act: Activation, u: Array) -> Array:
    """Compute phi' at nodes, which lie on no edge of a panel of `features`.

    Where nobody gave a derivative, it is that of the panel's polynomial: a difference quotient
    would be wrong next to a kink, and has fewer digits.
    """
    if act.has_derivative:
        return panels.evaluate(act.derivative, u)
    edges = features(act)[0]
    beyond = np.exp2(np.arange(panels.REACH, 1 + max(0.0, np.log2(np.abs(u).max(initial=1.0)))))
    edges = ascending(np.concatenate([edges, -2.0 * beyond, 2.0 * beyond]))
    index = np.clip(np.searchsorted(edges, u) - 1, 0, len(edges) - 2)
    half = 0.5 * np.diff(edges)[index]
    place = (u - 0.5 * (edges[index] + edges[index + 1])) / half
    with np.errstate(invalid="ignore", over="ignore"):
        terms = legder(coefficients() @ panels.evaluate(act, spread(edges)[0]).T)[:, index]
        return np.asarray(legval(place, terms, tensor=False) / half)


def mesh_for(act: Activation, smallest: float, largest: float) -> Mesh:
    """Give the mesh that resolves variances between `smallest` and `largest`."""
    low = int(np.floor(0.5 * np.log2(smallest))) - 4
    high = int(np.ceil(0.5 * np.log2(largest))) + 6
    # Rounded, so that neighbours share a mesh.
    return mesh(act, low // STRIDE * STRIDE, -(-high // STRIDE) * STRIDE)
