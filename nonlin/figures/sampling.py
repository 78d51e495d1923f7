"""Sample a curve for drawing: broken where it jumps, and limits that show it."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["curve", "span"]

Floats = NDArray[np.float64]


def curve(f: Callable[[Floats], Any], x: Floats) -> tuple[Floats, Floats]:
    """Sample f at x, with a gap (NaN) at each jump.

    Every interval of x is halved twelve times, each time keeping the half over which f changes
    more. If f still changes over a hundredth of the interval, around what is left, by more than
    half of its change over the whole interval, it jumps there. (Around: a derivative that is
    measured by differences is smeared a little at a jump.)
    """
    left, right = x[:-1], x[1:]
    with np.errstate(all="ignore"):
        y = _values(f, x)
        for _ in range(12):
            middle = (left + right) / 2
            at_left, at_middle, at_right = _values(f, left), _values(f, middle), _values(f, right)
            in_left = np.abs(at_middle - at_left) > np.abs(at_right - at_middle)
            left, right = np.where(in_left, left, middle), np.where(in_left, middle, right)
        around = np.diff(x) / 100
        before = _values(f, np.maximum(left - around, x[:-1]))
        after = _values(f, np.minimum(right + around, x[1:]))
        low, high = span(y)
        visible = np.maximum(np.abs(np.diff(y)) / 2, 1e-3 * (high - low))
        (jumps,) = np.nonzero(np.abs(after - before) > visible)
    before, after = np.clip(before, low, high), np.clip(after, low, high)  # a pole leaves the page
    gap_x = np.stack([left, (left + right) / 2, right], axis=1)[jumps]
    gap_y = np.stack([before, np.full_like(before, np.nan), after], axis=1)[jumps]
    places = np.repeat(jumps + 1, 3)
    return np.insert(x, places, gap_x.ravel()), np.insert(y, places, gap_y.ravel())


def span(y: Floats) -> tuple[float, float]:
    """Limits that hold zero and every finite value, with a margin."""
    finite = y[np.isfinite(y)]
    low, high = min(0.0, finite.min(initial=0.0)), max(0.0, finite.max(initial=0.0))
    margin = 0.06 * (high - low) or 1.0
    return float(low - margin), float(high + margin)


def _values(f: Callable[[Floats], Any], x: Floats) -> Floats:
    return np.broadcast_to(np.asarray(f(x), dtype=np.float64), x.shape)
