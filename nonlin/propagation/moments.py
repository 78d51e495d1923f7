"""Expectations of a function, its square and its derivatives under N(0, q)."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nonlin.activation import Activation, expect_activation
from nonlin.propagation.errors import NotConvergedError
from nonlin.propagation.mesh import Mesh, mesh_for
from nonlin.propagation.quadrature import Array

MOMENTS = ("value", "square", "slope_square", "curvature", "slope_fourth")

# Variances a pass: their densities at every node fit the processor's cache.
CHUNK = 16

# What the panels leave out may be this much of E[phi^2], by their own estimate.
TOLERANCE = 1e-8


class Moments(NamedTuple):
    """Expectations under N(0, q), each of q's shape.

    `growth` is q d/dq E[phi^2]; `slope_growth` is q d/dq E[phi'^2]; `value_fourth` is E[phi^4] and
    `mixed` E[phi^2 phi'^2].
    """

    value: Array
    square: Array
    slope_square: Array
    growth: Array
    slope_growth: Array
    slope_fourth: Array
    value_fourth: Array
    mixed: Array


def expectation(act: Activation | str, moment: str, q: ArrayLike) -> Array | np.float64:
    r"""Compute a moment of an activation under a Gaussian pre-activation u ~ N(0, q).

    ============== ===========================================================
    moment         what it is
    ============== ===========================================================
    "value"        E[phi(u)]
    "square"       E[phi(u)^2]
    "slope_square" E[phi'(u)^2], phi' where it exists
    "curvature"    E[phi''(u) phi(u)], delta functions at kinks included
    "slope_fourth" E[phi'(u)^4]
    ============== ===========================================================

    No second derivative is taken. Stein's lemma, E[g'(u)] = E[u g(u)] / q, once gives E[(phi'
    phi)'] = E[u phi' phi] / q, twice (from E[g''] = E[g (u^2/q - 1)] / q with g = phi^2 / 2)

        E[phi'' phi] = E[phi^2 (u^2/q - 1)] / (2 q) - E[phi'^2],

    which needs phi' only in the last term and counts the deltas that phi'' has at kinks.

    Parameters
    ----------
    act : Activation
    moment : str
        One of the table.
    q : array_like
        Variances of the pre-activation, not negative, any shape.

    Returns
    -------
    float64 array or scalar, shape of `q`
        Relative error below 1e-10 for functions that are smooth between finitely many kinks and
        jumps within |u| < 1024. Infinite where the expectation exceeds float64.

    Raises
    ------
    ValueError
        If the moment is unknown or a variance is negative or NaN.
    NotConvergedError
        If the function oscillates too fast to be integrated.

    Examples
    --------
    >>> import nonlin as nl
    >>> round(float(expectation(nl.relu, "square", 2.0)), 12)
    1.0
    >>> expectation(nl.tanh, "slope_square", [0.0, 1.0]).round(8)
    array([1.       , 0.4644029])

    References
    ----------
    C. Stein, Estimation of the mean of a multivariate normal distribution, 1981.
    """
    if moment not in MOMENTS:
        raise ValueError(f"moment must be one of {', '.join(MOMENTS)}, got {moment!r}")
    given = np.asarray(q)
    if given.dtype.kind not in "iuf" or not (given >= 0).all():
        raise ValueError(f"variances must be numbers that are not negative, got {q!r}")
    variances = given.astype(np.float64)
    act = expect_activation("expectation", act)
    if np.isinf(variances).any():
        return _with_limits(act, moment, variances)
    found = moments(act, variances)
    # What vanishes with the variance is 0 at 0, and not what stands for that limit leaves of it.
    gone = (variances == 0.0) & (np.abs(getattr(found, moment, 1.0)) < ROOT_OF_TINY)
    if moment == "curvature":
        with np.errstate(invalid="ignore", divide="ignore"):
            curvature = found.growth / variances - found.slope_square
        return np.asarray(curvature)[()]
    return np.where(gone, 0.0, getattr(found, moment))[()]


def _with_limits(act: Activation, moment: str, variances: Array) -> Array | np.float64:
    """Compute a moment where some variances are infinite: there it is its limit.

    Half of a Gaussian of infinite variance lies at each infinity, so the limit is the mean of the
    function's limits there. "curvature", the derivative of a moment by the variance, is 0 where
    the moment settles; where it does not, the moment at the largest variance says which way it
    goes.
    """
    infinite = np.isinf(variances)
    result = np.empty(variances.shape)
    result[~infinite] = expectation(act, moment, variances[~infinite])
    if infinite.any():
        result[infinite] = _limit(act, moment)
    return np.asarray(result)[()]


def _limit(act: Activation, moment: str) -> float:
    # Where a moment is a power of the variance, and be it the tenth root, thirty factors of 2^16
    # tell; a moment that settles has settled to within its last change.
    far = np.exp2(np.arange(8.0, 205.0, 16.0))
    found = np.asarray(expectation(act, moment, far))
    if np.isinf(found).any():
        return float(found[np.isinf(found)][0])
    last, change = float(found[-1]), float(found[-1] - found[-2])
    scale = np.abs(found).max(initial=0.0)
    if moment == "value":
        # What is left of an odd function's is rounding.
        scale = np.sqrt(np.asarray(expectation(act, "square", far[-1])))
    if abs(last) <= 1e-9 * scale:
        return 0.0
    if abs(change) <= 1e-9 * scale:
        return last
    return math.copysign(math.inf, change) if abs(last) > abs(float(found[-2])) else 0.0


def moments(act: Activation, q: ArrayLike, strict: bool = True) -> Moments:
    """Compute every moment at once; q = 0 is taken as the limit from above.

    What is not known to `TOLERANCE` raises NotConvergedError, or is NaN if not `strict`.
    """
    variances = np.maximum(np.asarray(q, dtype=np.float64), TINY)
    flat = variances.ravel()
    order = np.argsort(flat)
    result = np.empty((len(Moments._fields), flat.size))
    finite = order[np.isfinite(flat[order])]
    result[:, ~np.isfinite(flat)] = np.nan
    for chosen in _alike(finite, flat):
        grid = mesh_for(act, flat[chosen[0]], flat[chosen[-1]])
        result[:, chosen] = _integrate(grid, flat[chosen])
    if strict and np.isnan(result[:, finite]).any():
        raise NotConvergedError(
            f"E[phi^2] of {act!r} at a variance of {float(flat[finite[-1]]):.3g} is not known to "
            f"{TOLERANCE:.0e}: the function changes too fast there, or is rounded too roughly"
        )
    return Moments(*result.reshape(len(result), *variances.shape))


def _alike(order: NDArray[np.intp], q: Array) -> list[NDArray[np.intp]]:
    """Split ascending variances into chunks within a factor 2^16, which share a mesh."""
    if not order.size:
        return []
    group = np.floor(np.log2(q[order]) / 16.0)
    parts = np.split(order, np.flatnonzero(np.diff(group)) + 1)
    return [part[i : i + CHUNK] for part in parts for i in range(0, len(part), CHUNK)]


# Below this variance a density has no digits left; it stands for the limit q -> 0.
TINY = 1e-290
ROOT_OF_TINY = 1e-140  # 10^5 of it, for a function as steep


def _integrate(grid: Mesh, q: Array) -> Array:
    # At 52 standard deviations the root of the density nears the end of float64. Only what grows
    # exponentially has a share beyond 12.
    reach = 52.0 * np.sqrt(q.max())
    inside = slice(*np.searchsorted(grid.u, [-reach, reach]))
    u = grid.u[inside]
    finite = np.isfinite(grid.value[inside]) & np.isfinite(grid.slope[inside])
    value, slope = (np.where(finite, f[inside], 0.0) for f in (grid.value, grid.slope))
    z = u / np.sqrt(q)[:, None]
    # Each factor of a product gets the root of the density: it overflows only if the integrand
    # does.
    with np.errstate(over="ignore", invalid="ignore"):
        density = grid.weight[inside] / np.sqrt(2.0 * np.pi * q)[:, None]
        root = np.sqrt(density) * np.exp(-0.25 * z * z)
        phi, dphi = root * value, root * slope
        square, slope_square = phi * phi, dphi * dphi
        stein = 0.5 * (z * z - 1.0)
        # A constant has no growth; taking its square off leaves digits where q is small.
        centred = square - (root * value[np.argmin(np.abs(u))]) ** 2
        fourths = ((dphi * slope) ** 2, (phi * value) ** 2, (phi * slope) ** 2)
        terms = (phi * root, square, slope_square, centred * stein, slope_square * stein, *fourths)
        totals = np.stack([_total(term, finite) for term in terms])
        doubt = 2.0 * (np.abs(phi) * root) @ grid.doubt[inside]
        return np.where(doubt > TOLERANCE * totals[1] + TINY, np.nan, totals)


def _total(term: Array, finite: NDArray[np.bool_]) -> Array:
    """Sum over the nodes; infinite if the term has not died out where the function overflows."""
    total = term.sum(axis=1)
    if finite.all():
        return np.asarray(total)
    last = finite & ~(np.append(finite[1:], True) & np.append(True, finite[:-1]))
    alive = np.abs(term[:, last]).max(axis=1, initial=0.0) > 1e-16 * np.abs(total)
    return np.where(alive | ~np.isfinite(total), np.inf, total)
