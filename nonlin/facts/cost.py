"""What a function costs beside ReLU, on the machine that asks."""

from __future__ import annotations

import time

import numpy as np

from nonlin.activation import Activation
from nonlin.catalogue.functions import relu
from nonlin.facts.fact import Fact

__all__ = ["cost"]

# float32 in a core's cache: what is timed is the function and not the memory.
SIZE = 65_536


def cost(act: Activation, rounds: int = 200) -> Fact:
    """Time `act` and ReLU in turns; the median ratio of their times.

    Parameters
    ----------
    act : Activation
    rounds : int
        Calls of each, on 65,536 standard normal float32 numbers.
    """
    x = np.random.default_rng(0).standard_normal(SIZE, dtype=np.float32)
    out = np.empty_like(x)
    ratios = np.empty(rounds)
    for _ in range(2):
        act(x, out=out), relu(x, out=out)
    for i in range(rounds):
        start = time.perf_counter()
        relu(x, out=out)
        between = time.perf_counter()
        act(x, out=out)
        ratios[i] = (time.perf_counter() - between) / (between - start)
    return Fact(float(np.median(ratios)), "measured", "clock")
