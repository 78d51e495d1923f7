"""Who is faster than whom, and who is as accurate."""

from __future__ import annotations

from collections.abc import Iterable

from speed.cases import DOCUMENT, IN_CACHE, Case
from speed.peers import OURS, PEERS
from speed.results import Results
from speed.summary import mean_ratio


def in_cache(kinds: Iterable[str] = ("value", "derivative")) -> list[Case]:
    return [
        Case(name, kind, dtype, IN_CACHE, 1)
        for kind in kinds
        for dtype in ("float32", "float64")
        for name in DOCUMENT
    ]


def beats(results: Results, case: Case, peer: str) -> bool:
    """Whether a peer is surely faster than ours and at least as accurate on the same sample."""
    label = results.best(case, peer)
    ratio = results.ratio(case, label) if label else None
    theirs, own = results.error(case, peer), results.error(case, OURS)
    if ratio is None or theirs is None or own is None:
        return False
    return ratio.surely_below and theirs <= own


def fastest(results: Results, case: Case) -> tuple[str, float] | None:
    """The fastest peer, whatever its accuracy, and its time as a multiple of ours."""
    labels = [label for peer in PEERS if (label := results.best(case, peer))]
    ratios = {label: found.median for label in labels if (found := results.ratio(case, label))}
    return min(ratios.items(), key=lambda item: item[1]) if ratios else None


def leads(results: Results) -> dict[tuple[str, str], float]:
    """By kind and dtype: the fastest peer's time over ours, the geometric mean of the five."""
    found = {}
    for kind in ("value", "derivative"):
        for dtype in ("float32", "float64"):
            cases = [case for case in in_cache([kind]) if case.dtype == dtype]
            best = [fastest(results, case) for case in cases]
            if all(best):
                found[kind, dtype] = mean_ratio(item[1] for item in best if item)
    return found
