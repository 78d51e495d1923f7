"""The page that the results are written on, in English and Korean."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping

from ops.bars import LEAST, Results, bars, elements, passes, ratio, threads
from ops.cases import CONTESTS, DTYPES, LARGE, SIZES, Case
from ops.clock import ROUNDS, Times
from ops.store import Store
from ops.words import say

Ratio = Callable[[Times], float]


def page(store: Store, figure: str, lang: str) -> str:
    """Write the page."""
    results = store.results
    ratios = [ratio(times) for times in results.values()]
    head = say(
        "head", lang, won=sum(each > 1 for each in ratios), cases=len(ratios), large=LARGE,
        means="\n".join(_means(results, lang)),
    )  # fmt: skip
    method = say(
        "method",
        lang,
        folder=figure.partition("/")[0],
        rounds=ROUNDS,
        environment=_environment(store, lang),
    )
    shown = [say("size", lang), f"![{say('figure', lang)}]({figure})\n"]
    parts = (*_bars(results, lang), *shown, *_tables(results, lang), *_compiled(results, lang))
    return "\n".join([head, *parts, method])


def _means(results: Results, lang: str) -> Iterator[str]:
    """A row a dtype: each pass in small and in large calls."""
    columns = [(backward, large) for backward in (False, True) for large in (False, True)]
    said = [
        say("large" if large else "small", lang, passes=passes(backward, lang))
        for backward, large in columns
    ]
    yield _row([say("column.dtype", lang), *said])
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


def _bars(results: Results, lang: str) -> Iterator[str]:
    yield say("demanded", lang)
    yield f"{say('columns.demanded', lang)}\n| --- | --- | --- |"
    for bar in sorted(bars(results, lang), key=lambda bar: bar.met):
        yield f"| {bar.demand} | {bar.found} | {say('met' if bar.met else 'missed', lang)} |"
    yield ""


def _tables(results: Results, lang: str) -> Iterator[str]:
    """By threads and pass, a table a dtype."""
    for count in sorted({case.threads for case in results}):
        for backward in (False, True):
            title = passes(backward, lang).capitalize()
            yield say("section", lang, passes=title, threads=threads(count, lang))
            for dtype in DTYPES:
                chosen = {
                    case: times
                    for case, times in results.items()
                    if (case.threads, case.backward, case.dtype) == (count, backward, dtype)
                }
                if chosen:
                    yield f"### {dtype}\n"
                    yield from _table(chosen, lang)
                    yield f"\n{_least(chosen, lang)}\n"


def _least(chosen: Mapping[Case, Times], lang: str) -> str:
    worst = min(chosen, key=lambda case: ratio(chosen[case]))
    return say(
        "least",
        lang,
        least=ratio(chosen[worst]),
        function=worst.function,
        elements=elements(worst.size, lang),
        limit=LEAST,
        below=sum(ratio(times) < LEAST for times in chosen.values()),
        all=len(chosen),
    )


def _table(chosen: Mapping[Case, Times], lang: str) -> Iterator[str]:
    sizes = [size for size in SIZES if any(case.size == size for case in chosen)]
    yield _row([say("column.function", lang), *(f"{size:,}" for size in sizes)])
    yield _row(["---", *["---:"] * len(sizes)])
    for name in CONTESTS:
        row = {case.size: times for case, times in chosen.items() if case.function == name}
        if row:
            yield _row([name, *(_cell(row.get(size), ratio) for size in sizes)])


def _cell(times: Times | None, over: Ratio) -> str:
    if times is None:
        return "–"
    found = over(times)
    return f"**{found:.2f}**" if found > 1 else f"{found:.2f}"


def _compiled(results: Results, lang: str) -> Iterator[str]:
    timed = {case: times for case, times in results.items() if "compile" in times}
    columns = sorted({(case.threads, case.backward, case.size) for case in timed})
    if not columns:
        return
    yield say("compiled", lang)
    said = [
        f"{passes(backward, lang)}, {size:,}" + (f", {threads(count, lang)}" if count > 1 else "")
        for count, backward, size in columns
    ]
    yield _row([say("column.function", lang), *said])
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


def _environment(store: Store, lang: str) -> str:
    found = store.environment
    said = say(
        "environment",
        lang,
        torch=found["versions"]["torch"],
        torch_set=found["torch_instruction_set"],
        own_set=found["instruction_set"],
        python=found["python"],
        processor=found["processor"] or found["machine"],
        threads=found["threads"],
    )
    return said if store.load is None else said + say("load", lang, load=store.load)
