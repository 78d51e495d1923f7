"""Arguments of networks, each checked once: the number that it is, or an error that names it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nonlin.propagation.quadrature import Array


def number(name: str, value: Any) -> float:
    """Give the real number that `value` is; TypeError for True, a word, an array."""
    given = np.asarray(value)
    if given.ndim or given.dtype.kind not in "iuf":
        raise TypeError(f"{name} must be a number, got {value!r}")
    return float(given)


def variance(name: str, value: Any) -> float:
    """Give a finite number that is not negative."""
    found = number(name, value)
    if not (math.isfinite(found) and found >= 0.0):
        raise ValueError(f"{name} must be a finite number >= 0, got {value!r}")
    return found


def finite(name: str, value: Any) -> float:
    """Give a finite number."""
    found = number(name, value)
    if not math.isfinite(found):
        raise ValueError(f"{name} must be a finite number, got {value!r}")
    return found


def whole(name: str, value: Any) -> int:
    """Give a positive integer; 20.0 is one, True is none."""
    given = np.asarray(value)
    real = given.ndim == 0 and given.dtype.kind in "iuf"
    if not real or not math.isfinite(float(given)) or given != int(given) or given < 1:
        raise ValueError(f"{name} must be a positive integer, got {value!r}")
    return int(given)


def between(name: str, value: Any, least: float) -> float:
    """Give a number between `least` and 1."""
    found = number(name, value)
    if not least <= found <= 1.0:
        raise ValueError(f"{name} must be in [{least:g}, 1], got {value!r}")
    return found


def variances(name: str, value: Any) -> Array:
    """Give a list of finite numbers that are not negative."""
    given = np.atleast_1d(np.asarray(value))
    wrong = given.ndim != 1 or given.dtype.kind not in "iuf"
    if wrong or not (np.isfinite(given) & (given >= 0.0)).all():
        raise ValueError(f"{name}: expected a list of finite variances >= 0, got {value!r}")
    return given.astype(np.float64)


def limits(value: Any) -> tuple[float, float]:
    """Give the limits of a gradient, 0 < low < 1 < high."""
    try:
        low, high = (float(limit) for limit in value)
    except (TypeError, ValueError):
        low = high = math.nan
    if not 0.0 < low < 1.0 < high:
        raise ValueError(
            f"gradient_limits must be (low, high) with 0 < low < 1 < high, got {value!r}"
        )
    return low, high
