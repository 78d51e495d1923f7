"""Which function a region is: found by its values, and never by what it is called.

Its values on a grid are compared with each member of the catalogue, whose parameters are first read
off the values themselves: a slope left of 0, a limit, the logit of phi(1). What agrees with none of
them is a function of its own, with its derivative, and every analysis works on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from nonlin.activation import Activation
from nonlin.catalogue import get

Reals = NDArray[np.float64]
Function = Callable[[Reals], Reals]

# Close enough around 0 for every function, and far enough for each limit and kink.
_FAR = np.geomspace(6.25, 1000.0, 23)
GRID = np.concatenate([-_FAR[::-1], np.linspace(-6.0, 6.0, 241), _FAR])

# The two GELUs differ by 4.7e-4, all others by more; half precision stores constants to 1e-3.
TOLERANCE = 1e-6

_PLAIN = (
    "relu", "tanh", "sigmoid", "silu", "mish", "softplus", "elu", "selu", "relu6", "hard_tanh",
    "hard_sigmoid", "hard_swish", "softsign", "tanh_shrink", "log_sigmoid", "exponential",
    "sparse_plus", "sparse_sigmoid", "squareplus", "relu_squared", "star_relu", "lisht",
    "sqrt_softplus", "laplace", "step",
)  # fmt: skip


def named(f: Function, tolerance: float = TOLERANCE) -> Activation | None:
    """Name a function by its values.

    Parameters
    ----------
    f : callable
        Takes and returns an array of shape (points,), in float64.
    tolerance : float
        Of |phi - psi| / (1 + |psi|), at each point where both are finite.

    Returns
    -------
    Activation or None
        Of the catalogue, with its parameters; None if it is none of them.
    """
    y = f(GRID)
    for candidate, expected in _plain():
        if _agree(y, expected, tolerance):
            return candidate
    for candidate in _fitted(f):
        if _agree(y, _values(candidate), tolerance):
            return candidate
    return None


def is_affine(y: Reals, tolerance: float = TOLERANCE) -> bool:
    """Whether values on `GRID` lie on a straight line."""
    if not np.isfinite(y).all():
        return False
    middle = len(GRID) // 2
    slope = (y[middle + 20] - y[middle - 20]) / (GRID[middle + 20] - GRID[middle - 20])
    line = y[middle] + slope * GRID
    return bool(np.all(np.abs(y - line) <= tolerance * (1.0 + np.abs(line))))


def _agree(y: Reals, expected: Reals, tolerance: float) -> bool:
    known = np.isfinite(y) & np.isfinite(expected)
    if known.sum() < 0.8 * len(GRID):
        return False
    difference = np.abs(y[known] - expected[known])
    return bool(np.all(difference <= tolerance * (1.0 + np.abs(expected[known]))))


@lru_cache(maxsize=1)
def _plain() -> tuple[tuple[Activation, Reals], ...]:
    gelus = [get("gelu"), get("gelu").bind(approximate="tanh")]
    found = [*map(get, _PLAIN), *gelus]
    return tuple((act, _values(act)) for act in found)


def _values(act: Activation) -> Reals:
    with np.errstate(all="ignore"):
        return np.asarray(act(GRID), dtype=np.float64)


def _fitted(f: Function) -> Iterator[Activation]:
    """Guess the parameters of each family from values at a few places."""
    places = np.array([-1.0, 1.0, -1000.0, 0.0, 1000.0])
    left, right, low, zero, high = (float(x) for x in f(places))
    yield from _ramps(f, left, low, high)
    with np.errstate(all="ignore"):
        if 0.0 < right < 1.0:
            yield from _bound("silu", beta=float(np.log(right / (1.0 - right))))
        if zero > 0.0:
            yield from _bound("softplus", beta=float(np.log(2.0) / zero))
            yield from _bound("squareplus", b=4.0 * zero**2)
        if low < 0.0:
            yield from _bound("elu", alpha=-low)
            yield from _bound("celu", alpha=-low)
    yield from _clipped(f)
    yield from _bent(f)


def _bent(f: Function) -> Iterator[Activation]:
    """Read capped lines, parabolas and waves on a line off."""
    places = np.array([-1000.0, -1.0, -1e-3, 0.0, 1e-3, 1.0, 1000.0])
    low, left, below, zero, above, right, high = (float(x) for x in f(places))
    with np.errstate(all="ignore"):
        if high > 0.0 and low == -high:
            yield from _bound("softcap", cap=high)
            yield from _bound("stanh", a=float(np.arctanh(above / high)) / 1e-3, b=high)
        yield from _bound("star_relu", s=right - left, b=left)
        # a x^2 + beta x on the right, of which two places tell both.
        parabola = (high - 1000.0 * right) / (1e6 - 1e3)
        beta = right - parabola
        bend = (left + beta) * np.e
        eps = float(np.log1p(zero / bend))
        yield from _bound("xielu", alpha_p=parabola, alpha_n=bend, beta=beta, eps=eps)
        if above + below > 0.0 and abs(above - below - 2e-3) < 1e-9:
            yield from _waves(f)


def _waves(f: Function) -> Iterator[Activation]:
    """Read alpha and beta off w(x) = phi(x) - x = sin^2(alpha x) / beta.

    w(2 h) / w(h) = 4 cos^2(alpha h) does not know beta. It tells alpha roughly for a small h, and
    the better the larger h is, by a step of Newton's where neither it nor w(h) is near an extreme.
    """

    def ratio(h: float) -> float:
        one, two = f(np.array([h, 2.0 * h])) - np.array([h, 2.0 * h])
        return float(two / one)

    alpha = float(np.arccos(min(np.sqrt(ratio(1e-2)) / 2.0, 1.0))) / 1e-2
    for h in np.geomspace(2e-2, 1000.0, 60):
        slope = -4.0 * h * np.sin(2.0 * alpha * h)
        if abs(slope) > 2.0 * h:
            alpha += (ratio(h) - 4.0 * np.cos(alpha * h) ** 2) / slope
    quarter = np.array([np.pi / (2.0 * alpha)])
    beta = float(1.0 / (f(quarter) - quarter)[0])
    if abs(beta - alpha) <= 1e-9 * alpha:
        yield from _bound("snake", alpha=alpha)
    yield from _bound("snake_beta", alpha=alpha, beta=beta)


def _ramps(f: Function, left: float, low: float, high: float) -> Iterator[Activation]:
    yield from _bound("leaky_relu", negative_slope=-left)
    if np.isfinite([low, high]).all() and low < high:
        yield from _bound("hard_tanh", min_val=low, max_val=high)
    shrink = 1000.0 - high
    yield from _bound("soft_shrink", lambd=shrink, bias=shrink)
    if high == 1000.0 and (edge := _edge(f)) is not None:
        yield from _bound("hard_shrink", lambd=edge)
        yield from _bound("threshold", threshold=edge, value=low)


def _clipped(f: Function) -> Iterator[Activation]:
    """Read a clipped line off: 0 on the left, 1 on the right, a slope of 1 / width between."""
    zero = float(f(np.array([0.0]))[0])
    if not 0.0 < zero < 1.0:
        return
    slope = float(f(np.array([1e-3]))[0] - f(np.array([-1e-3]))[0]) / 2e-3
    if slope > 0.0:
        yield from _bound("hard_sigmoid", width=round(1.0 / slope, 9), offset=zero)


def _edge(f: Function) -> float | None:
    """Find the last x that does not pass as it is, to the spacing of the numbers."""
    stopped = np.flatnonzero(f(GRID) != GRID)
    if not len(stopped) or stopped[-1] + 1 >= len(GRID):
        return None
    below, above = GRID[stopped[-1]], GRID[stopped[-1] + 1]
    for _ in range(6):
        inner = np.linspace(below, above, 1001)
        place = int(np.flatnonzero(f(inner) != inner)[-1])
        below, above = inner[place], inner[min(place + 1, 1000)]
    return float(below)


def _bound(name: str, **parameters: float) -> Iterator[Activation]:
    """Bind parameters that were read off, rounded where that is what they must be."""
    if not np.isfinite(list(parameters.values())).all():
        return
    try:
        yield get(name).bind(**{key: _plainly(x) for key, x in parameters.items()})
    except (TypeError, ValueError):
        return


def _plainly(x: float) -> float:
    """Drop the digits that the arithmetic left; what float32 holds stays as it is."""
    short = float(f"{x:.6g}")
    return short if abs(short - x) <= 1e-10 * abs(x) else x
