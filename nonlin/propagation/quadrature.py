"""Gauss-Legendre quadrature over panels, and what its nodes know of a function between them."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# A rule of n nodes integrates a polynomial of degree 2n - 1 exactly. Over [a, 2a] the density
# exp(-u^2/2q), at any q, is one to 1e-15 of its integral with 20 nodes (tests/propagation).
ORDER = 20


@lru_cache(maxsize=8)
def gauss_legendre(order: int) -> tuple[Array, Array]:
    """Give the nodes and weights on [-1, 1]."""
    nodes, weights = np.polynomial.legendre.leggauss(order)
    return nodes, weights


@lru_cache(maxsize=1)
def coefficients() -> Array:
    """Give the matrix from values at the nodes to coefficients of Legendre polynomials.

    c_k = (2k+1)/2 sum_i w_i P_k(x_i) f(x_i), exact for polynomials of degree below `ORDER`.
    """
    nodes, weights = gauss_legendre(ORDER)
    vandermonde = np.polynomial.legendre.legvander(nodes, ORDER - 1)
    degrees = np.arange(ORDER)[:, None]
    return np.asarray((2 * degrees + 1) / 2.0 * weights * vandermonde.T)


def ascending(values: Array) -> Array:
    """Sort numbers, each once.

    `numpy.unique` would import `numpy.ma` at its first call, which takes longer than a gain.

    Examples
    --------
    >>> ascending(np.array([2.0, 1.0, 2.0]))
    array([1., 2.])
    """
    ordered = np.sort(values, axis=None)
    first = np.ones(ordered.shape, dtype=bool)
    first[1:] = ordered[1:] > ordered[:-1]
    return np.asarray(ordered[first])


def panels(edges: Array, order: int = ORDER) -> tuple[Array, Array]:
    """Spread the rule over the panels between `edges`.

    Parameters
    ----------
    edges : array, shape (..., n + 1)
        In ascending order along the last axis; a panel of width 0 gets weights 0.
    order : int
        Nodes a panel.

    Returns
    -------
    nodes, weights : arrays, shape (..., n, order)
    """
    nodes, weights = gauss_legendre(order)
    half = 0.5 * np.diff(edges)[..., None]
    centre = 0.5 * (edges[..., :-1] + edges[..., 1:])[..., None]
    return centre + half * nodes, half * weights


def tails(values: Array) -> Array:
    """Estimate, panel by panel, how far the values are from their polynomial.

    The last Legendre coefficients of a function that is analytic around the panel fall
    geometrically; what they still are is the size of what the polynomial leaves out.

    Parameters
    ----------
    values : array, shape (panels, ORDER)

    Returns
    -------
    array, shape (panels,)
        Infinite where a value is not finite.
    """
    finite = np.asarray(np.isfinite(values).all(axis=1))
    known = np.where(finite[:, None], values, 0.0)
    last = known @ coefficients()[-3:].T
    return np.where(finite, np.abs(last).max(axis=1), np.inf)
