"""Means, shares, differences and fits, each with its 95 % interval."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from nonlin.study.results import Number

CONFIDENCE = 0.95


def _finite(name: str, sample: ArrayLike) -> NDArray[np.float64]:
    values = np.asarray(sample, dtype=np.float64).ravel()
    if values.size == 0 or not np.isfinite(values).all():
        raise ValueError(f"{name}: at least one value expected, all finite, got {values.tolist()}")
    return values


def mean(name: str, sample: ArrayLike, unit: str = "") -> Number:
    """The mean with Student's t-interval, mean +- t(0.975, n - 1) s / sqrt(n).

    A single value has no interval. A share's interval is cut to [0, 1].
    """
    values = _finite(name, sample)
    n = values.size
    centre = float(values.mean())
    if n < 2:
        return Number(name, centre, n=n, unit=unit)
    half = float(stats.t.ppf((1 + CONFIDENCE) / 2, n - 1) * values.std(ddof=1) / np.sqrt(n))
    low, high = centre - half, centre + half
    if unit == "share":
        low, high = max(low, 0.0), min(high, 1.0)
    return Number(name, centre, low, high, n, unit)


def difference(name: str, ours: ArrayLike, theirs: ArrayLike, unit: str = "points") -> Number:
    """The mean of the pairs' differences, ours less theirs, with Student's t-interval."""
    pairs = mean(name, _finite(name, ours) - _finite(name, theirs))
    return replace(pairs, unit=unit)


def geometric_mean(name: str, sample: ArrayLike, unit: str = "") -> Number:
    """Geometric mean of positive factors or ratios, with the t-interval of their logarithms."""
    logs = mean(name, np.log(np.asarray(sample, dtype=np.float64)))
    low, high = (None if end is None else float(np.exp(end)) for end in (logs.low, logs.high))
    return Number(name, float(np.exp(logs.value)), low, high, logs.n, unit)


def share(name: str, successes: float, n: int) -> Number:
    """successes / n with Wilson's interval (Wilson 1927); a tie may count as half a success."""
    if n < 1 or not 0 <= successes <= n:
        raise ValueError(f"{name}: 0 <= successes <= n and n >= 1 expected, got {successes} of {n}")
    z = float(stats.norm.ppf((1 + CONFIDENCE) / 2))
    p = successes / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * float(np.sqrt(p * (1 - p) / n + z * z / (4 * n * n)))
    return Number(name, p, max(centre - half, 0.0), min(centre + half, 1.0), n, "share")


def win_rate(name: str, ours: ArrayLike, theirs: ArrayLike) -> Number:
    """The share of pairs in which ours is larger, a tie counting half, with Wilson's interval."""
    difference = _finite(name, ours) - _finite(name, theirs)
    wins = float(np.sum(difference > 0) + 0.5 * np.sum(difference == 0))
    return share(name, wins, difference.size)


@dataclass(frozen=True)
class Fit:
    """value = exp(intercept) * factor ** position, and how much of log(value) it explains."""

    factor: float
    intercept: float
    r_squared: float


def log_linear(positions: Sequence[float], values: ArrayLike) -> Fit:
    """Fit log(value) = intercept + position * log(factor) by least squares; values are positive."""
    fit = stats.linregress(positions, np.log(_finite("log_linear", values)))
    return Fit(float(np.exp(fit.slope)), float(fit.intercept), float(fit.rvalue**2))


def band(sample: Iterable[ArrayLike], *, geometric: bool = False) -> dict[str, list[float | None]]:
    """Mean and interval of each entry, as JSON lists: what a figure draws as line and band.

    An entry that is not finite, a diverged run, becomes None in all three lists.
    """
    average = geometric_mean if geometric else mean
    entries = [np.asarray(values, dtype=np.float64) for values in sample]
    numbers = [average("band", e) if np.isfinite(e).all() else None for e in entries]
    return {
        "mean": [None if number is None else number.value for number in numbers],
        "low": [None if number is None else number.low for number in numbers],
        "high": [None if number is None else number.high for number in numbers],
    }
