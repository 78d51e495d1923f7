"""bfloat16 without the package that brings it to NumPy: its numbers, and rounding to them.

A kernel's bfloat16 result is the exact one, correctly rounded: that is what its float64 result
rounds to.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

__all__ = ["first", "rounded"]

Floats = NDArray[np.float64]

DIGITS = 8  # bits of the significand, the leading one included
LEAST = -133  # the smallest positive number is 2^-133
INFINITY = 0x7F80  # a float32's upper half, and all finite ones lie below


def rounded(y: Floats) -> Floats:
    """Round to the nearest bfloat16, ties to even.

    Examples
    --------
    >>> rounded(np.array([1.0 + 2.0**-8, 1.0 + 3 * 2.0**-8, 1e-42, 3.4e38])).tolist()
    [1.0, 1.015625, 0.0, inf]
    """
    with np.errstate(all="ignore"):
        step = np.ldexp(1.0, np.maximum(np.frexp(y)[1] - DIGITS, LEAST))
        near = np.rint(y / step) * step
    return np.asarray(np.where(np.abs(near) >= 2.0**128, np.copysign(np.inf, near), near))


def first(holds: Callable[[Floats], NDArray[np.bool_]], side: int, start: float) -> float | None:
    """Find the smallest |x| >= start from which a condition holds throughout; None if none."""
    bits = np.arange(INFINITY, dtype=np.uint32) << 16
    x = bits.view(np.float32).astype(np.float64)
    x = x[x >= abs(start)]
    failing = np.flatnonzero(~holds(side * x))
    place = int(failing[-1]) + 1 if failing.size else 0
    return side * float(x[place]) if place < len(x) else None
