"""Panels on which a function is a polynomial to rounding, found by halving."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from nonlin.propagation.quadrature import ORDER, Array, coefficients, panels, tails

Function = Callable[[Array], Array]

# Panels are halved between these, down to this width relative to where they lie; beyond `REACH`
# a function is taken to have no features but those of a power or a constant.
FIRST, REACH = 0, 10
LEAST = 2.0**-13

# A function that needs more panels is noise, or oscillates faster than can be followed.
MOST = 700

# A function that is rounded more roughly than float64 is resolved to so many times its rounding.
RESOLVED, ROUNDINGS = 1e-13, 16.0

# P_k(-1).
SIGNS = np.where(np.arange(ORDER) % 2, -1.0, 1.0)


def dyadic(lowest: int, highest: int) -> Array:
    """Give the edges 0, +-2^lowest, ..., +-2^highest in ascending order."""
    powers = np.exp2(np.arange(lowest, highest + 1, dtype=np.float64))
    return np.concatenate([-powers[::-1], [0.0], powers])


def evaluate(f: Function, u: Array) -> Array:
    """Compute f(u) in float64, quietly where it overflows."""
    with np.errstate(all="ignore"):
        values = np.asarray(f(u), dtype=np.float64)
    return values if values.shape == u.shape else np.broadcast_to(values, u.shape)


def floor(f: Function, ends: Array) -> Array:
    """Give, for each panel, the size below which a value of `f` is as good as 0.

    A hundredth of what |f| is around 0, growing with u: the tails of a function like
    x (1 + erf(x)) are differences that carry the rounding errors of its largest term.
    """
    return np.asarray(1e-2 * _around(f) * np.maximum(1.0, np.abs(ends).max(axis=1)))


def _around(f: Function) -> float:
    values = np.abs(evaluate(f, np.linspace(-1.0, 1.0, 33)))
    return float(np.max(values, initial=0.0, where=np.isfinite(values)))


def refine(f: Function, edges: Array) -> Array:
    """Halve panels until `f` is a polynomial on each, or the panel is `LEAST` wide.

    Returns
    -------
    array, shape (panels, 2)
        The ends of each panel, ascending.
    """
    todo = np.stack([edges[:-1], edges[1:]], axis=1)
    done: list[Array] = []
    count = 0
    while todo.size and count + len(todo) < MOST:
        rough, finite = _looked_at(f, todo)
        rough &= _wide(todo, finite)
        done.append(todo[~rough])
        count += len(done[-1])
        low, high = todo[rough].T
        middle = 0.5 * (low + high)
        todo = np.concatenate([np.stack([low, middle], 1), np.stack([middle, high], 1)])
    ends = np.concatenate([*done, todo])
    return ends[np.argsort(ends[:, 0])]


def rough_panels(f: Function, ends: Array) -> NDArray[np.bool_]:
    """Tell on which panels `f` is no polynomial.

    A kink between the last node and the end of the panel is seen by no node: the polynomial is also
    compared with `f` at the ends, as seen from inside.
    """
    return _looked_at(f, ends)[0]


def _looked_at(f: Function, ends: Array) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Tell on which panels `f` is no polynomial, and on which all its values are finite."""
    values = evaluate(f, panels(ends)[0][:, 0])
    finite = np.isfinite(values)
    known = np.where(finite, values, 0.0)
    resolved = max(RESOLVED, ROUNDINGS * getattr(f, "rounding", 0.0))
    tolerance = resolved * np.maximum(np.abs(known).max(axis=1), floor(f, ends))
    inner = np.stack([np.nextafter(ends[:, 0], np.inf), np.nextafter(ends[:, 1], -np.inf)], axis=1)
    with np.errstate(over="ignore", invalid="ignore"):
        terms = known @ coefficients().T
        at_ends = np.stack([terms @ SIGNS, terms.sum(axis=1)], axis=1)
        missed = np.abs(at_ends - evaluate(f, inner)).max(axis=1) > 10.0 * tolerance
    rough = ((tails(values) > tolerance) | missed) & finite.any(axis=1)
    return np.asarray(rough), np.asarray(finite.all(axis=1))


def _wide(ends: Array, finite: NDArray[np.bool_]) -> NDArray[np.bool_]:
    # Where a function overflows inside a panel there is nothing to resolve: a width of 1 tells well
    # enough where that begins.
    width = np.diff(ends)[:, 0]
    least = LEAST * np.maximum(1.0, np.abs(ends).min(axis=1))
    return np.asarray(width > np.where(finite, least, 1.0))
