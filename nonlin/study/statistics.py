"""Means, shares, differences and fits, each with its 95 % interval."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from nonlin.study.results import Number

CONFIDENCE = 0.95
TEST_TO_TRAIN = 0.2 / 0.6  # the shares of nonlin.study.data's splits


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
    n, kept = values.size, tuple(values.tolist())
    centre = float(values.mean())
    if n < 2:
        return Number(name, centre, n=n, unit=unit, statistic="mean", observations=kept)
    error = float(values.std(ddof=1) / np.sqrt(n))
    low, high = _t_interval(centre, error, n)
    if unit == "share":
        low, high = max(low, 0.0), min(high, 1.0)
    return Number(name, centre, low, high, n, unit, "mean", error, kept)


def _t_interval(centre: float, error: float, n: int) -> tuple[float, float]:
    half = float(stats.t.ppf((1 + CONFIDENCE) / 2, n - 1)) * error
    return centre - half, centre + half


def difference(name: str, ours: ArrayLike, theirs: ArrayLike, unit: str = "points") -> Number:
    """The mean of the pairs' differences, ours less theirs, with Student's t-interval."""
    pairs = mean(name, _finite(name, ours) - _finite(name, theirs))
    return replace(pairs, unit=unit)


def geometric_mean(name: str, sample: ArrayLike, unit: str = "") -> Number:
    """Geometric mean of positive factors or ratios, with the t-interval of their logarithms."""
    values = _finite(name, sample)
    logs = mean(name, np.log(values))
    low, high = (None if end is None else float(np.exp(end)) for end in (logs.low, logs.high))
    centre, kept = float(np.exp(logs.value)), tuple(values.tolist())
    return Number(name, centre, low, high, logs.n, unit, "geometric_mean", logs.error, kept)


def share(name: str, successes: float, n: int) -> Number:
    """successes / n with Wilson's interval (Wilson 1927); a tie may count as half a success."""
    if n < 1 or not 0 <= successes <= n:
        raise ValueError(f"{name}: 0 <= successes <= n and n >= 1 expected, got {successes} of {n}")
    z = float(stats.norm.ppf((1 + CONFIDENCE) / 2))
    p = successes / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * float(np.sqrt(p * (1 - p) / n + z * z / (4 * n * n)))
    low, high = max(centre - half, 0.0), min(centre + half, 1.0)
    return Number(name, p, low, high, n, "share", "share")


def resampled(name: str, sample: ArrayLike, unit: str = "points") -> Number:
    """The mean over random splits of the same samples, with Nadeau and Bengio's interval (2003).

    Splits share most of their samples, so their results vary less than those of new samples would:
    the variance is s^2 (1/n + n_test / n_train) instead of s^2 / n, here with 20 % against 60 %.
    """
    number = mean(name, sample, unit)
    if number.error is None or number.n is None:
        return replace(number, statistic="resampled")
    error = number.error * float(np.sqrt(1 + number.n * TEST_TO_TRAIN))
    low, high = _t_interval(number.value, error, number.n)
    return replace(number, low=low, high=high, statistic="resampled", error=error)


def over_sets(name: str, sample: Sequence[ArrayLike], unit: str = "points") -> Number:
    """The mean over data sets, each with its mean over its splits: an interval for another set.

    The sets are the observations, as a sentence says "generally" of data that it has not seen; how
    often a set was split says nothing of other sets.
    """
    kept = tuple(tuple(_finite(name, values).tolist()) for values in sample)
    number = mean(name, [float(np.mean(values)) for values in kept])
    return replace(number, unit=unit, statistic="over_sets", observations=kept)


def win_rate(name: str, ours: ArrayLike, theirs: ArrayLike) -> Number:
    """The share of pairs in which ours is larger, a tie counting half, with Wilson's interval."""
    difference = _finite(name, ours) - _finite(name, theirs)
    wins = float(np.sum(difference > 0) + 0.5 * np.sum(difference == 0))
    return share(name, wins, difference.size)


def pooled(blocks: Sequence[Sequence[Number]]) -> list[Number]:
    """The numbers of several blocks of seeds as those of one study.

    Each is computed anew from the observations of all blocks; what has none, a proved number or a
    setting, is the first block's.
    """
    first, rest = blocks[0], [{n.name: n for n in block} for block in blocks[1:]]
    return [_pool([number, *(block[number.name] for block in rest)]) for number in first]


def _pool(parts: Sequence[Number]) -> Number:
    number = parts[0]
    if number.statistic == "share":
        counts = [(part.value * (part.n or 0), part.n or 0) for part in parts]
        # A product of a share and its count is a whole or a half number up to rounding.
        successes = round(2 * sum(hits for hits, _ in counts)) / 2
        return replace(share(number.name, successes, sum(n for _, n in counts)), unit=number.unit)
    kept = [part.observations for part in parts if part.observations is not None]
    if len(kept) < len(parts):
        return number
    if number.statistic == "over_sets":
        sets = [sum(of_set, ()) for of_set in zip(*kept, strict=True)]
        return over_sets(number.name, sets, number.unit)
    averages = {"geometric_mean": geometric_mean, "resampled": resampled}
    average = averages.get(number.statistic or "", mean)
    return average(number.name, sum(kept, ()), number.unit)


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
