"""The tables of the page, each a function of the results."""

from __future__ import annotations

from speed.cases import DOCUMENT, DTYPES, IN_CACHE, KINDS, OUT_OF_CACHE, SMALL, Case
from speed.comparisons import beats, fastest, in_cache, leads
from speed.contender import NEW
from speed.peers import COPY, EXP, OURS, PEERS
from speed.results import Results
from speed.scales import CASES, SCALES
from speed.summary import Spread
from speed.tables import NOTHING, code, table, times, ulp
from speed.words import kind, named, say, threads


def cache_tables(results: Results, lang: str) -> str:
    """A table a kind and dtype: our time, each peer's as a multiple of it, and its error."""
    parts = []
    for way in KINDS:
        for dtype in DTYPES:
            cases = [Case(name, way, dtype, IN_CACHE, 1) for name in DOCUMENT]
            measured = [case for case in cases if results.contenders(case)]
            if measured:
                title = f"### {kind(way, lang).capitalize()}, {dtype}\n\n"
                parts.append(title + _cache(results, measured, lang))
    return "\n\n".join(parts)


def _cache(results: Results, cases: list[Case], lang: str) -> str:
    peers = [peer for peer in PEERS if any(results.best(case, peer) for case in cases)]
    header = [
        "",
        say("column.own", lang),
        *(say("column.ratio", lang, peer=named(peer, lang)) for peer in peers),
        say("column.copy", lang),
        say("column.beaten", lang),
    ]
    rows = []
    for case in cases:
        cells = [_with_error(results, case, peer) for peer in peers]
        beaten = _beaten(results, case, lang)
        own = times(results.nanoseconds(case, OURS), 3) + _error(results, case, OURS)
        rows.append([case.function, own, *cells, times(results.ratio(case, COPY)), beaten])
    return table(header, rows)


def _beaten(results: Results, case: Case, lang: str) -> str:
    better = [named(peer, lang) for peer in PEERS if beats(results, case, peer)]
    return ", ".join(better) or say("none", lang)


def _with_error(results: Results, case: Case, peer: str) -> str:
    label = results.best(case, peer)
    return times(results.ratio(case, label)) + _error(results, case, peer) if label else NOTHING


def _error(results: Results, case: Case, name: str) -> str:
    return f"<br>{ulp(results.error(case, name))} ULP"


def lead_table(results: Results, lang: str) -> str:
    """The fastest peer of each, and the geometric mean over the five."""
    means, rows = leads(results), []
    for way, dtype in means:
        cells = []
        for case in in_cache([way]):
            if case.dtype == dtype and (best := fastest(results, case)):
                cells.append(f"{best[1]:.2f}<br>{named(best[0], lang)}")
        rows.append([f"{kind(way, lang)}, {dtype}", *cells, f"**{means[way, dtype]:.2f}**"])
    return table(["", *DOCUMENT, say("column.mean", lang)], rows)


def _fastest(results: Results, case: Case, lang: str) -> str:
    best = fastest(results, case)
    return f"{best[1]:.2f} ({named(best[0], lang)})" if best else NOTHING


def copy_table(results: Results, lang: str) -> str:
    """Our time beside that in cache and a copy's, and the fastest peer's as a multiple of it."""
    rows = []
    for way in KINDS:
        for name in DOCUMENT:
            case = Case(name, way, "float32", OUT_OF_CACHE, 1)
            copy = results.ratio(case, COPY)
            if copy is None:
                continue
            peer = _fastest(results, case, lang)
            arithmetic = Case(name, way, "float32", IN_CACHE, 1)
            nanoseconds = [
                times(results.nanoseconds(case, OURS), 3),
                times(results.nanoseconds(arithmetic, OURS), 3),
                times(results.nanoseconds(case, COPY), 3),
            ]
            rows.append([f"{name} {kind(way, lang)}", *nanoseconds, f"{1 / copy.median:.2f}", peer])
    return table(say("columns.copies", lang).split("|"), rows)


def small_tables(results: Results, lang: str) -> str:
    """A call's time by size, with PyTorch's and numpy.exp's as multiples of it."""
    parts = []
    for new, key in (("", "small.old"), (NEW, "small.new")):
        rows = [
            [
                f"{name} {kind(way, lang)} {dtype}",
                *(_small(results, Case(name, way, dtype, size, 1), new) for size in SMALL),
            ]
            for dtype in ("float32", "float64")
            for way in KINDS
            for name in DOCUMENT
        ]
        measured = [row for row in rows if any(cell != NOTHING for cell in row[1:])]
        header = ["", *(f"{size:,}" for size in SMALL)]
        parts.append(f"{say(key, lang)}\n\n{table(header, measured)}")
    return "\n\n".join(parts)


def _small(results: Results, case: Case, new: str) -> str:
    own = results.nanoseconds(case, OURS + new)
    if own is None:
        return NOTHING
    ratios = [results.ratio(case, peer + new) for peer in ("PyTorch", EXP)]
    cells = [f"{ratio.median:.2f}" if ratio else NOTHING for ratio in ratios]
    return " / ".join([f"{own.median * case.size:.0f}", *cells])


def backward_table(results: Results, lang: str) -> str:
    """PyTorch's own backward pass as a multiple of ours, by size."""
    found = [case for case in results.cases() if case.kind == "backward" and case.threads == 1]
    return _beside_pytorch(results, [case for case in found if case.size >= IN_CACHE], lang)


def together_table(results: Results, lang: str) -> str:
    """PyTorch's time for value and backward pass as a multiple of ours, by size and threads."""
    cases = [case for case in results.cases() if case.function in DOCUMENT]
    backward = [case for case in cases if case.kind == "backward" and case.size >= IN_CACHE]
    columns = sorted({(case.threads, case.size) for case in backward})
    header = ["", *(f"{size:,}, {threads(count, lang)}" for count, size in columns)]
    rows = []
    for dtype in DTYPES:
        for name in DOCUMENT:
            cells = [_together(results, name, dtype, size, count) for count, size in columns]
            if set(cells) != {NOTHING}:
                rows.append([f"{name} {dtype}", *cells])
    return table(header, rows)


def _together(results: Results, name: str, dtype: str, size: int, count: int) -> str:
    own = theirs = 0.0
    for way in ("value", "backward"):
        case = Case(name, way, dtype, size, count)
        label = results.best(case, "PyTorch")
        ours = results.nanoseconds(case, OURS)
        other = results.nanoseconds(case, label) if label else None
        if ours is None or other is None:
            return NOTHING
        own, theirs = own + ours.median, theirs + other.median
    return f"{theirs / own:.2f}"


def scale_table(results: Results, lang: str) -> str:
    """Our time by the standard deviation of the numbers."""
    rows = []
    for case in CASES:
        found = results.data["scales"].get(case.key)
        if found:
            first, *others = (found[str(scale)] for scale in SCALES)
            own = times(Spread(**first["nanoseconds"]), 3)
            ratios = [times(Spread(**other["ratio"])) for other in others]
            rows.append([f"{case.function} {kind(case.kind, lang)}", own, *ratios])
    return table(["", *map(str, SCALES)], rows)


def threads_table(results: Results, count: int, lang: str) -> str:
    """PyTorch on as many threads, as a multiple of ours, by size."""
    found = [case for case in results.cases() if case.threads == count > 1]
    return _beside_pytorch(results, found, lang)


def _beside_pytorch(results: Results, cases: list[Case], lang: str) -> str:
    cases = [case for case in cases if case.function in DOCUMENT]
    sizes = sorted({case.size for case in cases})
    lines = sorted({(KINDS.index(c.kind), c.dtype, DOCUMENT.index(c.function)) for c in cases})
    known = {(c.kind, c.dtype, c.function, c.size): c for c in cases}
    rows = []
    for way, dtype, name in lines:
        cells = []
        for size in sizes:
            case = known.get((KINDS[way], dtype, DOCUMENT[name], size))
            label = results.best(case, "PyTorch") if case else None
            cells.append(times(results.ratio(case, label)) if case and label else NOTHING)
        rows.append([f"{DOCUMENT[name]} {kind(KINDS[way], lang)} {dtype}", *cells])
    return table(["", *(f"{size:,}" for size in sizes)], rows)


def family_table(results: Results, lang: str) -> str:
    """The functions beyond the document's, float32 in cache."""
    measured = {case.function for case in results.cases()}
    names = [name for name in results.data["setting"]["names"] if name in measured - set(DOCUMENT)]
    if not names:
        return ""
    cases = [Case(name, way, "float32", IN_CACHE, 1) for name in names for way in KINDS[:2]]
    rows = []
    for case in cases:
        peer = _fastest(results, case, lang)
        beaten = _beaten(results, case, lang)
        own = times(results.nanoseconds(case, OURS), 3) + _error(results, case, OURS)
        copy = times(results.ratio(case, COPY))
        rows.append([f"{case.function} {kind(case.kind, lang)}", own, peer, copy, beaten])
    header = ["", *(say(f"column.{key}", lang) for key in ("own", "fastest", "copy", "beaten"))]
    return f"{say('family', lang)}\n\n{table(header, rows)}"


def statements(results: Results, lang: str) -> str:
    """The very lines, of each function in cache."""
    rows = []
    for way in KINDS:
        for name in DOCUMENT:
            case = Case(name, way, "float32", IN_CACHE, 1)
            for label, found in sorted(results.contenders(case).items()):
                if label not in (OURS, COPY):
                    line = code(found["statement"])
                    about = code(found["about"]) if found["about"] else ""
                    rows.append([f"{name} {kind(way, lang)}", named(label, lang), line, about])
    return table(say("columns.timed", lang).split("|"), rows, left=4)
