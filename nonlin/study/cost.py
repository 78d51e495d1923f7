"""What the five functions cost, beside ReLU and beside a copy of the memory, timed in one run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import stats

from nonlin import symbolic
from nonlin.catalogue import DOCUMENT, get
from nonlin.study.context import Context
from nonlin.study.results import Evidence, Number, Outcome, Rules
from nonlin.study.verdict import Condition, fact, judge

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


SUBJECTS = {"S8": "sigmoid", "T6": "tanh", "R3": "relu", "K3": "leaky_relu", "E6": "elu"}
IMPLEMENTATIONS = ("nonlin", "numpy", "torch")
# float32: 256 KiB stay in a core's cache, 64 MiB do not.
SIZES = {"cache": 65_536, "memory": 16_777_216}
QUICK_SIZES = {"cache": 65_536, "memory": 4_194_304}
SETTINGS = tuple(f"{i}_{where}" for i in IMPLEMENTATIONS for where in SIZES)

Table = Mapping[str, Mapping[str, Floats]]


def _one_machine(numbers: Mapping[str, Number]) -> list[Condition]:
    """No condition, so no verdict: an interval over one machine's rounds says nothing of others.

    Five runs on one model of processor gave numpy's sigmoid 1.25 to 1.92 times ReLU's time, each
    with an interval of half a per cent.
    """
    return []


def needs_the_exponential(numbers: Mapping[str, Number]) -> list[Condition]:
    """T6: the definition has an exponential in it, which no rewriting takes out."""
    return [fact("exponential", numbers["exponentials"].value > 0)]


RULES: Rules = {
    "S8": _one_machine,
    "T6": needs_the_exponential,
    "R3": _one_machine,
    "K3": _one_machine,
    "E6": _one_machine,
}


def measure(context: Context) -> list[Outcome]:
    """Time all functions of all implementations and a copy, in one run."""
    if not context.wants(*SUBJECTS):
        return []
    table = {}
    sizes = QUICK_SIZES if context.quick else SIZES
    rounds_of = {"cache": 300, "memory": 9} if context.quick else {"cache": 500, "memory": 15}
    for where, size in sizes.items():
        x = np.random.default_rng(0).standard_normal(size, dtype=np.float32)
        with one_thread():
            seconds = rounds(calls(x, np.empty_like(x)), rounds_of[where])
        table[where] = {name: taken * 1e9 / size for name, taken in seconds.items()}
        context.progress(0.2 if where == "cache" else 1.0)
    outcomes = []
    for claim, name in SUBJECTS.items():
        series = {"sizes": sizes, **_series(table)} if claim == "S8" else {}
        numbers = [*operations(name), *cost_numbers(name, table)]
        evidence: Evidence = "proved" if claim == "T6" else "measured"
        outcomes.append(judge(claim, RULES, numbers, evidence=evidence, series=series))
    return outcomes


def operations(name: str) -> list[Number]:
    """How many exponentials one element takes by the definition, e^-x being 1 / e^x."""
    import sympy

    terms = symbolic.definition(get(name)).rewrite(sympy.exp)
    powers = {abs(each.args[0]) for each in terms.atoms(sympy.exp)}
    return [Number("exponentials", float(len(powers)))]


def cost_numbers(name: str, table: Table) -> list[Number]:
    """Medians over the rounds of one function's time as ratios; for ReLU the next best beside it.

    `table` holds the nanoseconds an element of every round: table[where]["copy" or "numpy tanh"].
    """
    numbers = []
    for implementation in IMPLEMENTATIONS:
        for where, times in table.items():
            setting, ours = f"{implementation}_{where}", times[f"{implementation} {name}"]
            if name == "relu":
                others = [times[f"{implementation} {n}"] / ours for n in DOCUMENT if n != name]
                fastest = min(others, key=lambda ratio: float(np.median(ratio)))
                numbers.append(median(f"{setting}_next_to_relu", fastest))
            else:
                relu = times[f"{implementation} relu"]
                numbers.append(median(f"{setting}_to_relu", ours / relu))
            numbers.append(median(f"{setting}_to_copy", ours / times["copy"]))
    return numbers


def calls(x: NDArray[Any], out: NDArray[Any]) -> dict[str, Call]:
    """Every implementation of every function of x, and the copy of x into `out`.

    NumPy's are the document's lines as they stand there, with the arrays they make on the way; the
    others write into `out`.
    """
    found: dict[str, Call] = {"copy": lambda: np.copyto(out, x)}
    found |= {f"nonlin {name}": _ours(name, x, out) for name in DOCUMENT}
    found |= {f"numpy {name}": call for name, call in _document_lines(x).items()}
    found |= {f"torch {name}": call for name, call in _torch(x, out).items()}
    return found


def _ours(name: str, x: NDArray[Any], out: NDArray[Any]) -> Call:
    activation = get(name)
    return lambda: activation(x, out=out)


def _document_lines(x: NDArray[Any]) -> dict[str, Call]:
    """The document's own lines."""
    alpha = 1.0
    return {
        "sigmoid": lambda: 1 / (1 + np.exp(-x)),
        "tanh": lambda: np.tanh(x),
        "relu": lambda: np.maximum(0, x),
        "leaky_relu": lambda: np.maximum(0.05 * x, x),
        "elu": lambda: np.where(x > 0, x, alpha * (np.exp(x) - 1)),
    }


def _torch(x: NDArray[Any], out: NDArray[Any]) -> dict[str, Call]:
    """PyTorch's functions; its ReLU is clamp_min, which unlike torch.relu takes an `out`."""
    z, y, aten = torch.from_numpy(x), torch.from_numpy(out), torch.ops.aten
    return {
        "sigmoid": lambda: torch.sigmoid(z, out=y),
        "tanh": lambda: torch.tanh(z, out=y),
        "relu": lambda: torch.clamp_min(z, 0, out=y),
        "leaky_relu": lambda: aten.leaky_relu.out(z, 0.01, out=y),
        "elu": lambda: aten.elu.out(z, out=y),
    }


def _series(table: Table) -> dict[str, Any]:
    """Nanoseconds an element, and both ratios, as medians with their intervals."""
    nanoseconds = {where: _medians(times, None) for where, times in table.items()}
    return {
        "nanoseconds": nanoseconds,
        "copy": {where: _median(times["copy"]) for where, times in table.items()},
        "ratio_to_relu": {where: _medians(times, "relu") for where, times in table.items()},
        "ratio_to_copy": {where: _medians(times, "copy") for where, times in table.items()},
    }


def _medians(times: Mapping[str, Floats], unit: str | None) -> dict[str, Any]:
    """By implementation and function; the unit is ReLU's time, a copy's, or (None) a nanosecond."""
    found: dict[str, Any] = {}
    for implementation in IMPLEMENTATIONS:
        units = {"relu": times[f"{implementation} relu"], "copy": times["copy"], None: np.array(1)}
        found[implementation] = {
            name: _median(times[f"{implementation} {name}"] / units[unit]) for name in DOCUMENT
        }
    return found


def _median(sample: Floats) -> dict[str, float | None]:
    number = median("median", sample)
    return {"median": number.value, "low": number.low, "high": number.high}
