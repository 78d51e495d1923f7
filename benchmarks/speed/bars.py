"""What is asked of the speed, and whether the measurement bears it out."""

from __future__ import annotations

from dataclasses import dataclass

from speed.cases import DOCUMENT, IN_CACHE, OUT_OF_CACHE, SMALL, Case
from speed.comparisons import beats, in_cache, leads
from speed.contender import NEW
from speed.peers import COPY, EXP, OURS, PEERS
from speed.results import Results

LEAD, COPIES, CALLS = 1.5, 1.15, 1.5
IMPORT_MS, WHEEL_MB = 30, 3

WHY_BACKWARD = (
    "For sigmoid and tanh PyTorch is given what the forward pass found and multiplies it: grad y "
    "(1 - y). nonlin takes x, from which the derivative is an exponential and a quotient, or in "
    "float32 a polynomial for each piece of the axis. From y it is not to be had: where the result "
    "is rounded to 1, PyTorch's gradient is 0. What both passes take together is in a table below."
)
WHY_COPIES = (
    "What takes longer in cache than a copy does out of it is bounded by its arithmetic, however "
    "the memory is read and written; the table below has both."
)


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
        if not self.compared:
            return "not measured"
        return "fails" if self.misses else "holds"


def bars(results: Results, all_threads: int) -> list[Bar]:
    """Judge every demand by the results."""
    return [
        unbeaten(results),
        lead(results),
        memory_bound(results),
        small_torch(results),
        small_ufunc(results),
        backward(results),
        threads(results, all_threads, ("value", "derivative")),
        threads(results, all_threads, ("backward",)),
        *start(results),
    ]


def unbeaten(results: Results) -> Bar:
    cases = [case for case in in_cache() if results.contenders(case)]
    compared = [(case, peer) for case in cases for peer in PEERS if results.best(case, peer)]
    misses = [_miss(results, case, peer) for case, peer in compared if beats(results, case, peer)]
    demand = "In cache no peer is both faster and at least as accurate"
    return Bar(demand, len(compared), f"{len(misses)} of {len(compared)}", tuple(misses))


def lead(results: Results) -> Bar:
    found = leads(results)
    misses = [f"{k}, {d}: {mean:.2f}" for (k, d), mean in found.items() if mean < LEAD]
    demand = f"In cache the fastest peer of each of the five takes at least {LEAD} times as long"
    figure = f"least geometric mean {min(found.values()):.2f}" if found else ""
    return Bar(demand, len(found), figure, tuple(misses))


def memory_bound(results: Results) -> Bar:
    cases = [
        Case(name, kind, "float32", OUT_OF_CACHE, 1)
        for kind in ("value", "derivative")
        for name in DOCUMENT
    ]
    copies = {case: 1 / ratio.median for case in cases if (ratio := results.ratio(case, COPY))}
    misses = [f"{_name(case)}: {copies[case]:.2f}" for case in copies if copies[case] > COPIES]
    demand = f"Out of cache (16.8 million float32) a call takes at most {COPIES} copies"
    figure = f"at most {max(copies.values()):.2f}" if copies else ""
    return Bar(demand, len(copies), figure, tuple(misses), WHY_COPIES)


def _small_cases(results: Results) -> list[Case]:
    cases = [case for case in results.cases() if case.size in SMALL and case.threads == 1]
    return sorted(case for case in cases if case.function in DOCUMENT)


def small_torch(results: Results) -> Bar:
    demand = "For 1 to 1,000 elements PyTorch is never faster"
    return _never_faster(results, demand, _small_cases(results))


def small_ufunc(results: Results) -> Bar:
    calls = {
        f"{_name(case)}, {case.size}{new}": 1 / ratio.median
        for case in _small_cases(results)
        if case.kind != "backward"
        for new in ("", NEW)
        if (ratio := results.ratio(case, EXP + new))
    }
    misses = [f"{name}: {times:.2f}" for name, times in calls.items() if times > CALLS]
    demand = f"For 1 to 1,000 elements a call takes at most {CALLS} times numpy.exp's"
    figure = f"at most {max(calls.values()):.2f}" if calls else ""
    return Bar(demand, len(calls), figure, tuple(misses))


def backward(results: Results) -> Bar:
    cases = [
        case
        for case in results.cases()
        if case.kind == "backward" and case.threads == 1 and case.size >= IN_CACHE
        if case.dtype != "float16" and case.function in DOCUMENT
    ]
    demand = "PyTorch's backward pass is never faster"
    return _never_faster(results, demand, sorted(cases), WHY_BACKWARD)


def threads(results: Results, count: int, kinds: tuple[str, ...]) -> Bar:
    cases = [
        case
        for case in results.cases()
        if case.threads == count > 1 and case.kind in kinds
        if case.function in DOCUMENT and case.dtype != "float16"
    ]
    demand = f"On {count} threads PyTorch on as many is never faster ({', '.join(kinds)})"
    why = WHY_BACKWARD if "backward" in kinds else ""
    return _never_faster(results, demand, sorted(cases), why)


def start(results: Results) -> list[Bar]:
    late = f"import nonlin takes at most {IMPORT_MS} ms more than import numpy"
    heavy = f"The wheel has at most {WHEEL_MB} MB"
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


def _never_faster(results: Results, demand: str, cases: list[Case], why: str = "") -> Bar:
    found = {
        (case, label): ratio
        for case in cases
        for label in ("PyTorch", "PyTorch" + NEW)
        if (ratio := results.ratio(case, label))
    }
    misses = [
        f"{_name(case)}, {case.size:,}{NEW * label.endswith(NEW)}: {ratio.median:.2f}"
        for (case, label), ratio in found.items()
        if ratio.surely_below
    ]
    least = min((ratio.median for ratio in found.values()), default=0.0)
    figure = f"its time is at least {least:.2f} of ours" if found else ""
    return Bar(demand, len(found), figure, tuple(misses), why)


def _name(case: Case) -> str:
    return f"{case.function} {case.kind} {case.dtype}"


def _miss(results: Results, case: Case, peer: str) -> str:
    ratio = results.ratio(case, results.best(case, peer) or peer)
    assert ratio is not None
    error = f"{results.error(case, peer):.3g} and {results.error(case, OURS):.3g} ULP"
    return f"{_name(case)}: {peer} takes {ratio.median:.2f} of our time ({error})"
