"""The page that the results are written on."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping

from ops.bars import LEAST, Results, bars, ratio
from ops.cases import CONTESTS, DTYPES, LARGE, PASSES, SIZES, Case
from ops.clock import ROUNDS, Times
from ops.store import Store

HEAD = """# Speed in PyTorch

How much longer one call takes as PyTorch's own operation than as nonlin's operator
(`nonlin.torch.functional`), on the CPU: above 1, and **bold**, nonlin is faster. It is in {won} of
{cases} comparisons. The geometric means, in small calls and in large ones ({large:,} elements and
more):

{means}

PyTorch is faster in small calls, which reach its own operations with less on the way, and in large
ones where its exponentials and error function are less exact: [Speed](performance.md) has
the errors of both in units in the last place. Who needs the time more than the last bit stays with
PyTorch's functions.
"""

METHOD = """## How it is measured

`make bench-ops` measures and writes this page; `make bench-ops OPS=--page` writes it anew from
[every time]({folder}/times.json), in seconds. A time is the median of {rounds} rounds in which the
contenders take turns, with half the distance of the quartiles beside it. With *forward and
backward* the gradient is given and `torch.autograd.grad` is called.

{environment}
"""

COMPILED = """## Beside torch.compile

The compiled function's time over nonlin's, float32. torch.compile is asked for the single function:
in a compiled chain it fuses PyTorch's operations with their neighbours, which an operator of
nonlin's keeps to itself (`nonlin.torch.functional.decomposed` opens it).
"""

Ratio = Callable[[Times], float]


def page(store: Store, figure: str) -> str:
    """Write the page."""
    results = store.results
    ratios = [ratio(times) for times in results.values()]
    head = HEAD.format(
        won=sum(each > 1 for each in ratios), cases=len(ratios), large=LARGE,
        means="\n".join(_means(results)),
    )  # fmt: skip
    method = METHOD.format(
        folder=figure.partition("/")[0], rounds=ROUNDS, environment=_environment(store)
    )
    shown = [
        "## Over size\n",
        f"![PyTorch's time over nonlin's by size, a panel a function, one thread]({figure})\n",
    ]
    return "\n".join(
        [head, *_bars(results), *shown, *_tables(results), *_compiled(results), method]
    )


def _means(results: Results) -> Iterator[str]:
    """A row a dtype: each pass in small and in large calls."""
    columns = [(backward, large) for backward in (False, True) for large in (False, True)]
    said = [f"{PASSES[each]}, {'large' if large else 'small'}" for each, large in columns]
    yield _row(["dtype", *said])
    yield _row(["---", *["---:"] * len(said)])
    for dtype in DTYPES:
        cells = [
            [
                ratio(times)
                for case, times in results.items()
                if (case.dtype, case.backward, case.size >= LARGE) == (dtype, *column)
            ]
            for column in columns
        ]
        if any(cells):
            yield _row([dtype, *(f"{_mean(cell):.2f}" if cell else "–" for cell in cells)])


def _mean(ratios: Collection[float]) -> float:
    return math.exp(sum(map(math.log, ratios)) / len(ratios))


def _bars(results: Results) -> Iterator[str]:
    yield "## What is demanded\n"
    yield "| demand | found | verdict |\n| --- | --- | --- |"
    for bar in sorted(bars(results), key=lambda bar: bar.met):
        yield f"| {bar.demand} | {bar.found} | {'met' if bar.met else '**missed**'} |"
    yield ""


def _tables(results: Results) -> Iterator[str]:
    """By threads and pass, a table a dtype."""
    for threads in sorted({case.threads for case in results}):
        for backward in (False, True):
            noun = "thread" if threads == 1 else "threads"
            yield f"## {PASSES[backward].capitalize()}, {threads} {noun}\n"
            for dtype in DTYPES:
                chosen = {
                    case: times
                    for case, times in results.items()
                    if (case.threads, case.backward, case.dtype) == (threads, backward, dtype)
                }
                if chosen:
                    yield f"### {dtype}\n"
                    yield from _table(chosen, ratio)
                    yield f"\n{_least(chosen)}\n"


def _least(chosen: Mapping[Case, Times]) -> str:
    worst = min(chosen, key=lambda case: ratio(chosen[case]))
    noun = "element" if worst.size == 1 else "elements"
    below = sum(ratio(times) < LEAST for times in chosen.values())
    return (
        f"The least is {ratio(chosen[worst]):.2f}: {worst.function}, {worst.size:,} {noun}. "
        f"Below {LEAST}: {below} of {len(chosen)}."
    )


def _table(chosen: Mapping[Case, Times], over: Ratio) -> Iterator[str]:
    sizes = [size for size in SIZES if any(case.size == size for case in chosen)]
    yield _row(["function", *(f"{size:,}" for size in sizes)])
    yield _row(["---", *["---:"] * len(sizes)])
    for name in CONTESTS:
        row = {case.size: times for case, times in chosen.items() if case.function == name}
        if row:
            yield _row([name, *(_cell(row.get(size), over) for size in sizes)])


def _cell(times: Times | None, over: Ratio) -> str:
    if times is None:
        return "–"
    found = over(times)
    return f"**{found:.2f}**" if found > 1 else f"{found:.2f}"


def _compiled(results: Results) -> Iterator[str]:
    timed = {case: times for case, times in results.items() if "compile" in times}
    columns = sorted({(case.threads, case.backward, case.size) for case in timed})
    if not columns:
        return
    yield COMPILED
    said = [
        f"{PASSES[backward]}, {size:,}" + (f", {threads} threads" if threads > 1 else "")
        for threads, backward, size in columns
    ]
    yield _row(["function", *said])
    yield _row(["---", *["---:"] * len(said)])
    for name in CONTESTS:
        row = {(c.threads, c.backward, c.size): t for c, t in timed.items() if c.function == name}
        if row:
            yield _row([name, *(_cell(row.get(column), _over_compiled) for column in columns)])
    yield ""


def _over_compiled(times: Times) -> float:
    return times["compile"]["median"] / times["nonlin"]["median"]


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _environment(store: Store) -> str:
    found = store.environment
    said = (
        f"PyTorch {found['versions']['torch']} with {found['torch_instruction_set']}, "
        f"nonlin with {found['instruction_set']}, Python {found['python']}, "
        f"{found['processor'] or found['machine']}, {found['threads']} threads."
    )
    if store.load is not None:
        said += f" The load average was at most {store.load:.1f} meanwhile."
    return said
