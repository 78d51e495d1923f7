"""What many rounds say: a median, its spread, and how sure the median is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from statistics import geometric_mean
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from speed.contender import NEW


@dataclass(frozen=True)
class Spread:
    """Median and quartiles of a sample, and the 95 % interval of the median."""

    median: float
    lower: float
    upper: float
    low: float
    high: float

    @property
    def surely_below(self) -> bool:
        """Whether a ratio is below 1 beyond what chance among the rounds explains."""
        return self.high < 1


def spread(sample: ArrayLike) -> Spread:
    """Summarise a sample.

    Whatever its distribution, the number of values below the true median is binomial with
    p = 1/2: the ends of the interval are order statistics.
    """
    ordered = np.sort(np.asarray(sample, dtype=float))
    n = ordered.size
    below = max(int(stats.binom.ppf(0.025, n, 0.5)) - 1, 0)
    lower, median, upper = np.quantile(ordered, [0.25, 0.5, 0.75])
    values = (median, lower, upper, ordered[below], ordered[n - 1 - below])
    return Spread(*(float(f"{value:.5g}") for value in values))


def compare(seconds: Mapping[str, np.ndarray], ours: str, size: int) -> dict[str, dict[str, Any]]:
    """Nanoseconds an element of each contender, and its time as a multiple of ours.

    The multiple is formed within each round. A result in a new array is compared with ours in a
    new array, where that was measured.
    """
    found = {}
    for label, taken in seconds.items():
        same = ours + NEW if label.endswith(NEW) and ours + NEW in seconds else ours
        found[label] = {
            "nanoseconds": asdict(spread(taken * 1e9 / size)),
            "ratio": asdict(spread(taken / seconds[same])),
        }
    return found


def mean_ratio(ratios: Iterable[float]) -> float:
    """Geometric mean: the only one for which a ratio and its inverse agree."""
    return geometric_mean(ratios)
