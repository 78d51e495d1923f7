"""What the operators shall reach, and whether they do."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ops.cases import APART, CONTESTS, GATES, LARGE, Case
from ops.clock import Times

FORWARD_CALL, BOTH_CALLS = 3e-6, 12e-6
MEAN, LEAST = 1.3, 0.85
GATE = {1 << 16: 1.3, 1 << 20: 2.0}

Results = Mapping[Case, Times]


@dataclass(frozen=True, slots=True)
class Bar:
    """A demand, what was found, and whether it is met."""

    demand: str
    found: str
    met: bool


def ratio(times: Times) -> float:
    """Give how many times as long PyTorch takes as nonlin does."""
    return times["torch"]["median"] / times["nonlin"]["median"]


def bars(results: Results) -> Iterator[Bar]:
    """Judge the results."""
    yield from _calls(results)
    large = {case: ratio(t) for case, t in results.items() if case.size >= LARGE}
    plain = {c: r for c, r in large.items() if c.function not in APART and c.function not in GATES}
    if plain:
        mean = math.exp(sum(map(math.log, plain.values())) / len(plain))
        demand = f"geometric mean of the functions' ratios from {LARGE:,} elements at least {MEAN}"
        yield Bar(demand, f"{mean:.2f}", mean >= MEAN)
        worst = min(plain, key=plain.__getitem__)
        demand = f"no ratio of a function from {LARGE:,} elements below {LEAST}"
        yield Bar(demand, f"{plain[worst]:.2f}: {worst.said}", plain[worst] >= LEAST)
    for name in APART:
        own = {case: r for case, r in large.items() if case.function == name}
        if own and name not in GATES:
            worst = min(own, key=own.__getitem__)
            demand = f"{name}, named apart: no ratio below {LEAST}"
            yield Bar(demand, f"{own[worst]:.2f}: {worst.said}", own[worst] >= LEAST)
    yield from _gates(large)


def _calls(results: Results) -> Iterator[Bar]:
    for backward, most in ((False, FORWARD_CALL), (True, BOTH_CALLS)):
        beyond = {
            case.function: times["nonlin"]["median"] - times["torch"]["median"]
            for case, times in results.items()
            if (case.size, case.dtype, case.backward, case.threads) == (1, "float32", backward, 1)
        }
        if beyond:
            worst = max(beyond, key=beyond.__getitem__)
            passes = "forward and backward" if backward else "forward"
            yield Bar(
                f"{passes} of one element at most {most * 1e6:g} µs beyond PyTorch's",
                f"{beyond[worst] * 1e6:.1f} µs: {worst}",
                beyond[worst] <= most,
            )


def _gates(large: Mapping[Case, float]) -> Iterator[Bar]:
    for size, least in GATE.items():
        own = {c: r for c, r in large.items() if c.function in GATES and c.size == size}
        own = {c: r for c, r in own.items() if c.dtype == "float32"}
        if own:
            worst = min(own, key=own.__getitem__)
            demand = f"gates of {size:,} elements in float32 at least {least} times as fast"
            yield Bar(demand, f"{own[worst]:.2f}: {worst.said}", own[worst] >= least)


assert set(APART) <= set(CONTESTS)
