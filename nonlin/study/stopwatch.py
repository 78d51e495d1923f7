"""Times functions against each other in one run: what disturbs one of them disturbs all."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import stats

from nonlin.study.results import Number

Floats = NDArray[np.float64]
Call = Callable[[], object]


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch compute on one thread, as NumPy and the kernels do."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def rounds(calls: Mapping[str, Call], count: int) -> dict[str, Floats]:
    """Seconds of each call in each of `count` rounds, after one round that is not counted.

    Every round makes each call once, in an order that is drawn anew: none always follows the same.
    """
    random = np.random.default_rng(0)
    names = list(calls)
    taken = {name: np.empty(count) for name in names}
    for call in calls.values():
        call()
    for turn in range(count):
        for name in random.permutation(names).tolist():
            start = time.perf_counter()
            calls[name]()
            taken[name][turn] = time.perf_counter() - start
    return taken


def median(name: str, sample: Floats, unit: str = "") -> Number:
    """The median, with the interval that the order of the sample gives whatever its distribution.

    The number of values below the true median is binomial with n trials and p = 1/2, so the ends
    are order statistics.
    """
    ordered = np.sort(sample)
    n = ordered.size
    below = int(stats.binom.ppf(0.025, n, 0.5))
    low, high = ordered[max(below - 1, 0)], ordered[min(n - below, n - 1)]
    return Number(name, float(np.median(ordered)), float(low), float(high), n, unit)
