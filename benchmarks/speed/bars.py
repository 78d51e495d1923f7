"""What is asked of the speed, and whether the measurement bears it out."""

from __future__ import annotations

from dataclasses import dataclass

from speed.cases import DOCUMENT, IN_CACHE, OUT_OF_CACHE, SMALL, Case
from speed.comparisons import beats, in_cache, leads
from speed.contender import NEW
from speed.peers import COPY, EXP, OURS, PEERS
from speed.results import Results
from speed.words import kind, named, say

LEAD, COPIES, CALLS = 1.5, 1.15, 1.5
IMPORT_MS, WHEEL_MB = 30, 3


@dataclass(frozen=True)
class Bar:
    """A demand, how many comparisons it took, the decisive figure, every miss, and its reason."""

    demand: str
    compared: int
    figure: str
    misses: tuple[str, ...]
    why: str = ""

    @property
    def verdict(self) -> str:
        """Its key among the sentences."""
        if not self.compared:
            return "not measured"
        return "fails" if self.misses else "holds"


def bars(results: Results, all_threads: int, lang: str) -> list[Bar]:
    """Judge every demand by the results."""
    return [
        unbeaten(results, lang),
        lead(results, lang),
        memory_bound(results, lang),
        small_torch(results, lang),
        small_ufunc(results, lang),
        backward(results, lang),
        threads(results, all_threads, ("value", "derivative"), lang),
        threads(results, all_threads, ("backward",), lang),
        *start(results, lang),
    ]


def unbeaten(results: Results, lang: str) -> Bar:
    cases = [case for case in in_cache() if results.contenders(case)]
    compared = [(case, peer) for case in cases for peer in PEERS if results.best(case, peer)]
    misses = [
        _miss(results, case, peer, lang) for case, peer in compared if beats(results, case, peer)
    ]
    figure = say("figure.unbeaten", lang, missed=len(misses), compared=len(compared))
    return Bar(say("demand.unbeaten", lang), len(compared), figure, tuple(misses))


def lead(results: Results, lang: str) -> Bar:
    found = leads(results)
    misses = [f"{kind(k, lang)}, {d}: {m:.2f}" for (k, d), m in found.items() if m < LEAD]
    demand = say("demand.lead", lang, least=LEAD)
    figure = say("figure.lead", lang, mean=min(found.values())) if found else ""
    return Bar(demand, len(found), figure, tuple(misses))


def memory_bound(results: Results, lang: str) -> Bar:
    cases = [
        Case(name, way, "float32", OUT_OF_CACHE, 1)
        for way in ("value", "derivative")
        for name in DOCUMENT
    ]
    copies = {case: 1 / ratio.median for case in cases if (ratio := results.ratio(case, COPY))}
    misses = [f"{_name(c, lang)}: {copies[c]:.2f}" for c in copies if copies[c] > COPIES]
    demand = say("demand.copies", lang, most=COPIES)
    figure = say("figure.most", lang, most=max(copies.values())) if copies else ""
    return Bar(demand, len(copies), figure, tuple(misses), say("why.copies", lang))


def _small_cases(results: Results) -> list[Case]:
    cases = [case for case in results.cases() if case.size in SMALL and case.threads == 1]
    return sorted(case for case in cases if case.function in DOCUMENT)


def small_torch(results: Results, lang: str) -> Bar:
    return _never_faster(results, say("demand.small_torch", lang), _small_cases(results), lang)


def small_ufunc(results: Results, lang: str) -> Bar:
    calls = {
        _labelled(f"{_name(case, lang)}, {case.size}", new, lang): 1 / ratio.median
        for case in _small_cases(results)
        if case.kind != "backward"
        for new in ("", NEW)
        if (ratio := results.ratio(case, EXP + new))
    }
    misses = [f"{name}: {times:.2f}" for name, times in calls.items() if times > CALLS]
    demand = say("demand.small_ufunc", lang, most=CALLS)
    figure = say("figure.most", lang, most=max(calls.values())) if calls else ""
    return Bar(demand, len(calls), figure, tuple(misses))


def backward(results: Results, lang: str) -> Bar:
    cases = [
        case
        for case in results.cases()
        if case.kind == "backward" and case.threads == 1 and case.size >= IN_CACHE
        if case.dtype != "float16" and case.function in DOCUMENT
    ]
    why = say("why.backward", lang)
    return _never_faster(results, say("demand.backward", lang), sorted(cases), lang, why)


def threads(results: Results, count: int, kinds: tuple[str, ...], lang: str) -> Bar:
    cases = [
        case
        for case in results.cases()
        if case.threads == count > 1 and case.kind in kinds
        if case.function in DOCUMENT and case.dtype != "float16"
    ]
    said = ", ".join(kind(each, lang) for each in kinds)
    demand = say("demand.threads", lang, count=count, kinds=said)
    why = say("why.backward", lang) if "backward" in kinds else ""
    return _never_faster(results, demand, sorted(cases), lang, why)


def start(results: Results, lang: str) -> list[Bar]:
    late = say("demand.import", lang, most=IMPORT_MS)
    heavy = say("demand.wheel", lang, most=WHEEL_MB)
    found = results.data["start"]
    if not found:
        return [Bar(late, 0, "", ()), Bar(heavy, 0, "", ())]
    milliseconds, megabytes = found["import_ms"]["median"], found["wheel_mb"]
    return [
        _at_most(late, found["imports"], milliseconds, IMPORT_MS, f"{milliseconds:.1f} ms"),
        _at_most(heavy, 1, megabytes, WHEEL_MB, f"{megabytes:.2f} MB"),
    ]


def _at_most(demand: str, compared: int, value: float, limit: float, figure: str) -> Bar:
    return Bar(demand, compared, figure, (figure,) if value > limit else ())


def _never_faster(
    results: Results, demand: str, cases: list[Case], lang: str, why: str = ""
) -> Bar:
    found = {
        (case, label): ratio
        for case in cases
        for label in ("PyTorch", "PyTorch" + NEW)
        if (ratio := results.ratio(case, label))
    }
    misses = [
        f"{_labelled(f'{_name(case, lang)}, {case.size:,}', label, lang)}: {ratio.median:.2f}"
        for (case, label), ratio in found.items()
        if ratio.surely_below
    ]
    least = min((ratio.median for ratio in found.values()), default=0.0)
    figure = say("figure.least", lang, least=least) if found else ""
    return Bar(demand, len(found), figure, tuple(misses), why)


def _name(case: Case, lang: str) -> str:
    return f"{case.function} {kind(case.kind, lang)} {case.dtype}"


def _labelled(name: str, label: str, lang: str) -> str:
    """Add that the result is in a new array, if it is."""
    return say("new", lang, name=name) if label.endswith(NEW) else name


def _miss(results: Results, case: Case, peer: str, lang: str) -> str:
    ratio = results.ratio(case, results.best(case, peer) or peer)
    assert ratio is not None
    return say(
        "miss",
        lang,
        name=_name(case, lang),
        peer=named(peer, lang),
        ratio=ratio.median,
        theirs=results.error(case, peer),
        own=results.error(case, OURS),
    )
