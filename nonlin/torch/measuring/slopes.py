"""What is known of phi' beforehand: its supremum, and whether it is 0 on a half line."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from nonlin.activation import Activation

# Where every function of the catalogue and most others have their steepest place.
OUTER = (-1e3, -1e2, 1e2, 1e3)
GRID = np.concatenate([np.linspace(-12.0, 12.0, 4801), OUTER])
# Far enough for each kink, and not so far that a derivative which decays underflows to 0.
FAR = np.array([10.0, 20.0, 30.0])

# A derivative that is so many times as steep at 1,000 as anywhere up to 100 has no supremum.
GROWS = 2.0

# Places of the grid, 0.005 apart: the width of a curve's cell where the grid ends.
CORNER = 300

SATURATED = 0.01  # of the supremum of |phi'|, as the design says


@lru_cache(maxsize=256)
def supremum(activation: Activation) -> float:
    """Find the supremum of |phi'| to the width of a grid; inf where it keeps growing.

    What grows up to where it is clipped, as exp(clamp(z)), keeps growing as far as it is meant.
    """
    with np.errstate(all="ignore"):
        found = np.abs(np.asarray(activation.derivative(GRID), dtype=np.float64))
    inner = found[: -len(OUTER)]
    if _grows_to_a_clip(inner) or _grows_to_a_clip(inner[::-1]):
        return float("inf")
    near = float(np.nanmax(found[np.abs(GRID) <= 100.0]))
    largest = float(np.nanmax(found))
    return largest if largest < 1e4 and largest < GROWS * near else float("inf")


def _grows_to_a_clip(slope: NDArray[np.float64]) -> bool:
    """Tell whether |phi'| rises all the way to where it drops to 0 at once, from left to right."""
    places = np.flatnonzero(slope > 0.0)
    if not places.size or places[-1] + 1 == len(slope):
        return False
    first, steepest, last = places[0], int(np.argmax(slope)), places[-1]
    rising = slope[first : steepest + 1]
    risen = slope[steepest] > GROWS * float(np.median(rising))
    # A curve through some places turns the corner within one of its cells.
    steps = np.diff(rising) >= -1e-6 * slope[steepest]
    return bool(risen and last - steepest <= CORNER and np.mean(steps) > 0.99)


def threshold(activation: Activation) -> float:
    """Give the |phi'| below which an observation is saturated; 0 where phi' has no supremum."""
    largest = supremum(activation)
    return SATURATED * largest if np.isfinite(largest) else 0.0


@lru_cache(maxsize=256)
def can_die(activation: Activation) -> bool:
    """Whether phi' is exactly 0 on a half line."""
    with np.errstate(all="ignore"):
        left = np.asarray(activation.derivative(-FAR))
        right = np.asarray(activation.derivative(FAR))
    return bool(np.all(left == 0.0) or np.all(right == 0.0))
