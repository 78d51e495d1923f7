"""What a function costs beside ReLU, on the machine that asks."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from nonlin.activation import Activation
from nonlin.catalogue.functions import relu
from nonlin.facts.fact import Fact

__all__ = ["cost"]

# float32 in a core's cache: what is timed is the function and not the memory.
SIZE = 65_536

# A slow function is timed less often; the median of a few ratios tells enough of it.
SECONDS, FEWEST = 0.2, 5


def cost(
    act: Activation, rounds: int = 200, clock: Callable[[], float] = time.perf_counter
) -> Fact:
    """Time `act` and ReLU in turns; the median ratio of their times.

    Parameters
    ----------
    act : Activation
    rounds : int
        Calls of each, on 65,536 standard normal float32 numbers; fewer, but at least 5, once they
        have taken 0.2 seconds.
    clock : callable
        Gives the seconds.
    """
    x = np.random.default_rng(0).standard_normal(SIZE, dtype=np.float32)
    out = np.empty_like(x)
    relu(x, out=out)
    act(x, out=out)
    ratios: list[float] = []
    begin = clock()
    while len(ratios) < rounds:
        start = clock()
        relu(x, out=out)
        between = clock()
        act(x, out=out)
        end = clock()
        ratios.append((end - between) / (between - start))
        if end - begin > SECONDS and len(ratios) >= FEWEST:
            break
    return Fact(float(np.median(ratios)), "measured", "clock")
