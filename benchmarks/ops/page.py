"""The page that the results are written on."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping

import torch

from ops.bars import Results, bars, ratio
from ops.cases import CONTESTS, DTYPES, PASSES, SIZES, Case
from ops.clock import ROUNDS, Times

HEAD = """# Speed in PyTorch

How long one call of a function takes as PyTorch's own operation and as nonlin's operator
(`nonlin.torch.functional`), on the CPU. `make bench-ops` measures it and writes this page.

Each number is the median of {rounds} rounds in which the contenders take turns; ± is half the
distance of the quartiles. A ratio above 1 says that nonlin is faster. With *forward and backward*
the gradient is given and `torch.autograd.grad` is called. torch.compile is asked for the single
function: in a compiled chain it fuses PyTorch's operations with their neighbours, which an operator
of nonlin's keeps to itself (`nonlin.torch.functional.decomposed` opens it).

PyTorch is faster in small calls, which reach its own operations with less on the way, in most of
16 bits, and where its exponentials and error function are less exact: [Speed](performance.md) has
the errors of both in units in the last place. Who needs the time more than the last bit stays with
PyTorch's functions.

PyTorch {torch}, Python {python}, {processor}, {threads} threads.
"""


def page(results: Results, threads: int) -> str:
    """Write the page."""
    head = HEAD.format(
        rounds=ROUNDS, torch=torch.__version__, python=platform.python_version(),
        processor=platform.machine(), threads=threads,
    )  # fmt: skip
    return "\n".join([head, *_bars(results), *_tables(results)]) + "\n"


def _bars(results: Results) -> Iterator[str]:
    yield "## What is demanded\n"
    yield "| demand | found | |\n| --- | --- | --- |"
    for bar in sorted(bars(results), key=lambda bar: bar.met):
        yield f"| {bar.demand} | {bar.found} | {'met' if bar.met else '**missed**'} |"
    yield ""


def _tables(results: Results) -> Iterator[str]:
    for threads in sorted({case.threads for case in results}):
        for backward in (False, True):
            for dtype in DTYPES:
                chosen = {
                    case: times
                    for case, times in results.items()
                    if (case.threads, case.backward, case.dtype) == (threads, backward, dtype)
                }
                if chosen:
                    noun = "thread" if threads == 1 else "threads"
                    yield f"## {PASSES[backward].capitalize()}, {dtype}, {threads} {noun}\n"
                    yield from _table(chosen)
                    yield ""


def _table(chosen: Mapping[Case, Times]) -> Iterator[str]:
    sizes = [size for size in SIZES if any(case.size == size for case in chosen)]
    yield "| function | " + " | ".join(f"{size:,}" for size in sizes) + " |"
    yield "| --- " * (len(sizes) + 1) + "|"
    for name in CONTESTS:
        row = {case.size: times for case, times in chosen.items() if case.function == name}
        if row:
            yield f"| {name} | " + " | ".join(_cell(row.get(size)) for size in sizes) + " |"


def _cell(times: Times | None) -> str:
    if times is None:
        return ""
    shown = [f"{_time(times['torch'])} → {_time(times['nonlin'])} ({ratio(times):.2f})"]
    if "compile" in times:
        faster = times["compile"]["median"] / times["nonlin"]["median"]
        shown.append(f"compiled {_time(times['compile'])} ({faster:.2f})")
    return "; ".join(shown)


def _time(times: Mapping[str, float]) -> str:
    spread = 0.5 * (times["high"] - times["low"])
    return f"{times['median'] * 1e6:.4g} ± {spread * 1e6:.2g} µs"
