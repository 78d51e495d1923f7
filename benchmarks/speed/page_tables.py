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


def cache_tables(results: Results) -> str:
    """A table a kind and dtype: our time, each peer's as a multiple of it, and its error."""
    parts = []
    for kind in KINDS:
        for dtype in DTYPES:
            cases = [Case(name, kind, dtype, IN_CACHE, 1) for name in DOCUMENT]
            measured = [case for case in cases if results.contenders(case)]
            if measured:
                parts.append(f"### {kind.capitalize()}, {dtype}\n\n" + _cache(results, measured))
    return "\n\n".join(parts)


def _cache(results: Results, cases: list[Case]) -> str:
    peers = [peer for peer in PEERS if any(results.best(case, peer) for case in cases)]
    header = [
        "",
        "nonlin, ns an element",
        *(f"{peer}, ratio" for peer in peers),
        "copy",
        "beaten by",
    ]
    rows = []
    for case in cases:
        cells = [_with_error(results, case, peer) for peer in peers]
        beaten = ", ".join(peer for peer in peers if beats(results, case, peer)) or "none"
        own = times(results.nanoseconds(case, OURS), 3) + _error(results, case, OURS)
        rows.append([case.function, own, *cells, times(results.ratio(case, COPY)), beaten])
    return table(header, rows)


def _with_error(results: Results, case: Case, peer: str) -> str:
    label = results.best(case, peer)
    return times(results.ratio(case, label)) + _error(results, case, peer) if label else NOTHING


def _error(results: Results, case: Case, name: str) -> str:
    return f"<br>{ulp(results.error(case, name))} ULP"


def lead_table(results: Results) -> str:
    """The fastest peer of each, and the geometric mean over the five."""
    means, rows = leads(results), []
    for kind, dtype in means:
        cells = []
        for case in in_cache([kind]):
            if case.dtype == dtype and (best := fastest(results, case)):
                cells.append(f"{best[1]:.2f}<br>{best[0].removesuffix(NEW)}")
        rows.append([f"{kind}, {dtype}", *cells, f"**{means[kind, dtype]:.2f}**"])
    return table(["", *DOCUMENT, "geometric mean"], rows)


def copy_table(results: Results) -> str:
    """Our time beside that in cache and a copy's, and the fastest peer's as a multiple of it."""
    rows = []
    for kind in KINDS:
        for name in DOCUMENT:
            case = Case(name, kind, "float32", OUT_OF_CACHE, 1)
            copy = results.ratio(case, COPY)
            if copy is None:
                continue
            best = fastest(results, case)
            peer = f"{best[1]:.2f} ({best[0].removesuffix(NEW)})" if best else NOTHING
            arithmetic = Case(name, kind, "float32", IN_CACHE, 1)
            nanoseconds = [
                times(results.nanoseconds(case, OURS), 3),
                times(results.nanoseconds(arithmetic, OURS), 3),
                times(results.nanoseconds(case, COPY), 3),
            ]
            rows.append([f"{name} {kind}", *nanoseconds, f"{1 / copy.median:.2f}", peer])
    header = ["", "ns an element", "in cache, ns", "copy, ns", "copies", "fastest peer, ratio"]
    return table(header, rows)


def small_tables(results: Results) -> str:
    """A call's time by size, with PyTorch's and numpy.exp's as multiples of it."""
    parts = []
    for new, title in (("", "Into an existing array"), (NEW, "Into a new array")):
        rows = [
            [f"{name} {kind} {dtype}", *(_small(results, name, kind, dtype, n, new) for n in SMALL)]
            for dtype in ("float32", "float64")
            for kind in KINDS
            for name in DOCUMENT
        ]
        measured = [row for row in rows if any(cell != NOTHING for cell in row[1:])]
        header = ["", *(f"{size:,}" for size in SMALL)]
        parts.append(f"{title}: ns a call, PyTorch's ratio, numpy.exp's ratio.\n\n")
        parts[-1] += table(header, measured)
    return "\n\n".join(parts)


def _small(results: Results, name: str, kind: str, dtype: str, size: int, new: str) -> str:
    case = Case(name, kind, dtype, size, 1)
    own = results.nanoseconds(case, OURS + new)
    if own is None:
        return NOTHING
    ratios = [results.ratio(case, peer + new) for peer in ("PyTorch", EXP)]
    cells = [f"{ratio.median:.2f}" if ratio else NOTHING for ratio in ratios]
    return " / ".join([f"{own.median * size:.0f}", *cells])


def backward_table(results: Results) -> str:
    """PyTorch's own backward pass as a multiple of ours, by size."""
    found = [case for case in results.cases() if case.kind == "backward" and case.threads == 1]
    return _beside_pytorch(results, [case for case in found if case.size >= IN_CACHE])


def together_table(results: Results) -> str:
    """PyTorch's time for value and backward pass as a multiple of ours, by size and threads."""
    cases = [case for case in results.cases() if case.function in DOCUMENT]
    backward = [case for case in cases if case.kind == "backward" and case.size >= IN_CACHE]
    columns = sorted({(case.threads, case.size) for case in backward})
    header = [
        "",
        *(f"{size:,}, {threads} thread{'s' * (threads > 1)}" for threads, size in columns),
    ]
    rows = []
    for dtype in DTYPES:
        for name in DOCUMENT:
            cells = [_together(results, name, dtype, size, threads) for threads, size in columns]
            if set(cells) != {NOTHING}:
                rows.append([f"{name} {dtype}", *cells])
    return table(header, rows)


def _together(results: Results, name: str, dtype: str, size: int, threads: int) -> str:
    own = theirs = 0.0
    for kind in ("value", "backward"):
        case = Case(name, kind, dtype, size, threads)
        label = results.best(case, "PyTorch")
        ours = results.nanoseconds(case, OURS)
        other = results.nanoseconds(case, label) if label else None
        if ours is None or other is None:
            return NOTHING
        own, theirs = own + ours.median, theirs + other.median
    return f"{theirs / own:.2f}"


def scale_table(results: Results) -> str:
    """Our time by the standard deviation of the numbers."""
    rows = []
    for case in CASES:
        found = results.data["scales"].get(case.key)
        if found:
            first, *others = (found[str(scale)] for scale in SCALES)
            own = times(Spread(**first["nanoseconds"]), 3)
            ratios = [times(Spread(**other["ratio"])) for other in others]
            rows.append([f"{case.function} {case.kind}", own, *ratios])
    return table(["", *map(str, SCALES)], rows)


def threads_table(results: Results, threads: int) -> str:
    """PyTorch on as many threads, as a multiple of ours, by size."""
    found = [case for case in results.cases() if case.threads == threads > 1]
    return _beside_pytorch(results, found)


def _beside_pytorch(results: Results, cases: list[Case]) -> str:
    cases = [case for case in cases if case.function in DOCUMENT]
    sizes = sorted({case.size for case in cases})
    lines = sorted({(KINDS.index(c.kind), c.dtype, DOCUMENT.index(c.function)) for c in cases})
    known = {(c.kind, c.dtype, c.function, c.size): c for c in cases}
    rows = []
    for kind, dtype, name in lines:
        cells = []
        for size in sizes:
            case = known.get((KINDS[kind], dtype, DOCUMENT[name], size))
            label = results.best(case, "PyTorch") if case else None
            cells.append(times(results.ratio(case, label)) if case and label else NOTHING)
        rows.append([f"{DOCUMENT[name]} {KINDS[kind]} {dtype}", *cells])
    return table(["", *(f"{size:,}" for size in sizes)], rows)


def family_table(results: Results) -> str:
    """The functions beyond the document's, float32 in cache."""
    measured = {case.function for case in results.cases()}
    names = [name for name in results.data["setting"]["names"] if name in measured - set(DOCUMENT)]
    if not names:
        return ""
    cases = [Case(name, kind, "float32", IN_CACHE, 1) for name in names for kind in KINDS[:2]]
    rows = []
    for case in cases:
        best = fastest(results, case)
        peer = f"{best[1]:.2f} ({best[0].removesuffix(NEW)})" if best else NOTHING
        beaten = ", ".join(peer for peer in PEERS if beats(results, case, peer)) or "none"
        own = times(results.nanoseconds(case, OURS), 3) + _error(results, case, OURS)
        copy = times(results.ratio(case, COPY))
        rows.append([f"{case.function} {case.kind}", own, peer, copy, beaten])
    header = ["", "nonlin, ns an element", "fastest peer, ratio", "copy", "beaten by"]
    return "## The rest of the family: float32 in cache, one thread\n\n" + table(header, rows)


def statements(results: Results) -> str:
    """The very lines, of each function in cache."""
    rows = []
    for kind in KINDS:
        for name in DOCUMENT:
            case = Case(name, kind, "float32", IN_CACHE, 1)
            for label, found in sorted(results.contenders(case).items()):
                if label not in (OURS, COPY):
                    line = code(found["statement"])
                    about = code(found["about"]) if found["about"] else ""
                    rows.append([f"{name} {kind}", label.removesuffix(NEW), line, about])
    return table(["", "contender", "line", "in which the function is"], rows, left=4)
