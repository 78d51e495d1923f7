"""Moments of one activation over all variances, interpolated.

E[g(u)], u ~ N(0, q), is the integral of g(u) exp(-u^2/2q) / sqrt(2 pi q), analytic in q wherever
Re(1/q) > 0: in s = ln q that is the strip |Im s| < pi/2, whatever kinks g has. There |E_q[g]| is at
most E_|q|/cos[|g|] / sqrt(cos), cos = cos(Im s). A polynomial through n Chebyshev points on a piece
of s of half-width h errs by at most 4 M rho^-n / (rho - 1) where M bounds the function on an
ellipse with the half-axis h (rho - 1/rho) / 2 across. With h = 1/2, n = 12 and an ellipse that
stays in |Im s| < 1.4: rho = 5.8, so rho^-n = 7e-10; M is of the size of the moment itself for a g
that grows like a power. For one that grows exponentially M is not bounded like that, so each piece
is also checked between its points, and halved until it passes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nonlin.activation import Activation
from nonlin.named import remembered
from nonlin.propagation.errors import NotConvergedError
from nonlin.propagation.moments import moments
from nonlin.propagation.quadrature import Array

POINTS = 12
LOWEST, HIGHEST = -28.0, 28.0
TOLERANCE = 1e-9
LEAST_WIDTH = 2.0**-7

# The columns are ln(E[phi^2] + OFFSET q), ln(E[phi'^2] + OFFSET) and q d/dq E[phi^2] / (E[phi^2] +
# OFFSET q). The offsets keep the logarithm analytic where a moment is 0 or vanishes exponentially;
# what they cost is 1e-16 of q, to which a length is compared anyway.
OFFSET = 1e-8


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Values at the Chebyshev points of pieces of ln q.

    Attributes
    ----------
    edges : array, shape (pieces + 1,)
        Of ln q, ascending.
    nodes : array, shape (pieces, POINTS)
        ln q.
    values : array, shape (3, pieces, POINTS)
    complete : bool
        Whether it ends because moments overflow, or at the largest variance, and not because the
        function cannot be integrated there.
    overflows : bool
        Whether it ends because moments overflow.
    """

    edges: Array
    nodes: Array
    values: Array
    complete: bool
    overflows: bool

    def __call__(self, q: Array) -> tuple[Array, Array, Array]:
        """Interpolate E[phi^2], E[phi'^2] and q d/dq E[phi^2] at variances `q`, shape (n,)."""
        log_q = np.log(q)
        piece = np.clip(np.searchsorted(self.edges, log_q) - 1, 0, len(self.nodes) - 1)
        return _restore(q, *_barycentric(self.nodes[piece], self.values[:, piece], log_q))

    def grid(self) -> tuple[Array, Array, Array, Array]:
        """Give q, E[phi^2], E[phi'^2] and q d/dq E[phi^2] at every point, ascending."""
        q = np.exp(self.nodes.ravel())
        return q, *_restore(q, *self.values.reshape(3, -1))


def _restore(q: Array, square: Array, slope: Array, growth: Array) -> tuple[Array, Array, Array]:
    with_offset = np.exp(square)
    return (
        np.maximum(with_offset - OFFSET * q, 0.0),
        np.maximum(np.exp(slope) - OFFSET, 0.0),
        growth * with_offset,
    )


def chebyshev() -> Array:
    """Give the Chebyshev points of the second kind on [-1, 1], both ends included."""
    return np.asarray(-np.cos(np.pi * np.arange(POINTS) / (POINTS - 1)))


def _barycentric(nodes: Array, values: Array, x: Array) -> Array:
    weights = np.where(np.arange(POINTS) % 2, -1.0, 1.0)
    weights[[0, -1]] *= 0.5
    distance = x[:, None] - nodes
    hit = distance == 0
    terms = weights / np.where(hit, 1.0, distance)
    exact = hit.any(axis=1)
    terms[exact] = hit[exact]
    return np.asarray((terms * values).sum(axis=-1) / terms.sum(axis=-1))


def columns(act: Activation, log_q: Array) -> Array:
    """Compute what the table holds, directly, shape (3, *log_q.shape)."""
    q = np.exp(log_q)
    found = moments(act, q, strict=False)
    square = found.square + OFFSET * q
    with np.errstate(invalid="ignore"):
        growth = found.growth / square
        return np.stack([np.log(square), np.log(found.slope_square + OFFSET), growth])


@remembered
def table(act: Activation) -> Table:
    """Tabulate the moments for variances from e^-28 to e^28, or to where they overflow.

    Raises
    ------
    NotConvergedError
        If a moment changes too fast to be interpolated.
    """
    todo = np.arange(LOWEST, HIGHEST)
    ends = np.stack([todo, todo + 1.0], axis=1)
    nodes, values = [], []
    while len(ends):
        points = ends.mean(axis=1)[:, None] + 0.5 * np.diff(ends) * chebyshev()
        found = columns(act, points)
        finite = np.isfinite(found).all(axis=(0, 2))
        good = finite & (_error(act, ends, points, found) < TOLERANCE)
        nodes.append(points[good])
        values.append(found[:, good])
        ends = _halve(ends[finite & ~good])
    order = np.argsort(np.concatenate(nodes)[:, 0])
    pieces = np.concatenate(nodes)[order]
    edges = np.append(pieces[:, 0], pieces[-1:, -1])
    beyond = moments(act, np.exp(HIGHEST), strict=False).square
    overflows = bool(np.isinf(beyond))
    complete = overflows or not np.isnan(beyond)
    return Table(edges, pieces, np.concatenate(values, axis=1)[:, order], complete, overflows)


def _error(act: Activation, ends: Array, points: Array, found: Array) -> Array:
    # Between the two middle points and near one end, where the error polynomial is large.
    worst = np.zeros(len(ends))
    for place in (0.5 * (chebyshev()[5] + chebyshev()[6]), 0.5 * (chebyshev()[0] + chebyshev()[1])):
        x = ends.mean(axis=1) + 0.5 * (ends[:, 1] - ends[:, 0]) * place
        with np.errstate(invalid="ignore"):
            error = np.abs(_barycentric(points, found, x) - columns(act, x)).max(axis=0)
        worst = np.maximum(worst, np.where(np.isfinite(error), error, np.inf))
    return worst


def _halve(ends: Array) -> Array:
    if len(ends) and (ends[:, 1] - ends[:, 0]).min() < 2.0 * LEAST_WIDTH:
        raise NotConvergedError(
            f"E[phi^2] changes too fast around a variance of {float(np.exp(ends[0, 0])):.3g}"
        )
    middle = ends.mean(axis=1)
    return np.concatenate(
        [np.stack([ends[:, 0], middle], axis=1), np.stack([middle, ends[:, 1]], axis=1)]
    )
