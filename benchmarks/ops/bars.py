"""What the operators shall reach, and whether they do."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ops.cases import APART, CONTESTS, GATES, LARGE, PASSES, Case
from ops.clock import Times
from ops.words import say

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


def passes(backward: bool, lang: str) -> str:
    """Name what is called."""
    return say(f"pass.{PASSES[backward]}", lang)


def elements(count: int, lang: str) -> str:
    """Say how many."""
    return say("element" if count == 1 else "elements", lang, count=count)


def threads(count: int, lang: str) -> str:
    """Say how many."""
    return say("thread" if count == 1 else "threads", lang, count=count)


def bars(results: Results, lang: str) -> Iterator[Bar]:
    """Judge the results."""
    yield from _calls(results, lang)
    large = {case: ratio(t) for case, t in results.items() if case.size >= LARGE}
    plain = {c: r for c, r in large.items() if c.function not in APART and c.function not in GATES}
    if plain:
        mean = math.exp(sum(map(math.log, plain.values())) / len(plain))
        demand = say("demand.mean", lang, large=LARGE, least=MEAN)
        yield Bar(demand, f"{mean:.2f}", mean >= MEAN)
        yield _worst(plain, say("demand.least", lang, large=LARGE, least=LEAST), LEAST, lang)
    for name in APART:
        own = {case: r for case, r in large.items() if case.function == name}
        if own and name not in GATES:
            demand = say("demand.apart", lang, function=name, least=LEAST)
            yield _worst(own, demand, LEAST, lang)
    yield from _gates(large, lang)


def _calls(results: Results, lang: str) -> Iterator[Bar]:
    for backward, most in ((False, FORWARD_CALL), (True, BOTH_CALLS)):
        beyond = {
            case.function: times["nonlin"]["median"] - times["torch"]["median"]
            for case, times in results.items()
            if (case.size, case.dtype, case.backward, case.threads) == (1, "float32", backward, 1)
        }
        if beyond:
            worst = max(beyond, key=beyond.__getitem__)
            yield Bar(
                say("demand.call", lang, passes=passes(backward, lang), most=most * 1e6),
                say("found.call", lang, found=beyond[worst] * 1e6, function=worst),
                beyond[worst] <= most,
            )


def _gates(large: Mapping[Case, float], lang: str) -> Iterator[Bar]:
    for size, least in GATE.items():
        own = {c: r for c, r in large.items() if c.function in GATES and c.size == size}
        own = {c: r for c, r in own.items() if c.dtype == "float32"}
        if own:
            yield _worst(own, say("demand.gates", lang, size=size, least=least), least, lang)


def _worst(ratios: Mapping[Case, float], demand: str, least: float, lang: str) -> Bar:
    """Judge by the smallest ratio."""
    case = min(ratios, key=ratios.__getitem__)
    said = say(
        "case",
        lang,
        function=case.function,
        elements=elements(case.size, lang),
        dtype=case.dtype,
        passes=passes(case.backward, lang),
        threads=threads(case.threads, lang),
    )
    found = say("found", lang, found=ratios[case], case=said)
    return Bar(demand, found, ratios[case] >= least)


assert set(APART) <= set(CONTESTS)
