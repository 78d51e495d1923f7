"""docs/accuracy.md and docs/accuracy.json from what has been measured."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from functions import KINDS, LIBRARIES, OURS, certified
from inputs import CHUNK_SIZE, CHUNKS, COMPARED
from state import ROOT, State, Summary, versions

import nonlin

DOCS = ROOT / "docs"

Row = tuple[tuple[str, str, str], Summary]

INTRODUCTION = """# Accuracy

Made by `make certify`; the same numbers are in [accuracy.json](accuracy.json).

The error is the distance from the exact result, in units in the last place (ULP) of float32 or
float64 at that result; a correctly rounded result is at most 0.5 away. The exact results come from
the textbook definitions, computed with 64 binary digits (113 for float64, and for float32 near a
tie) by functions that share nothing with the kernels. Each cell has the largest error and, in
brackets, how many results in a million are not correctly rounded. `n special` counts results that
are infinite or NaN where they should not be, or should be and are not. "At" is where nonlin's
largest error was found. The other libraries saw the same inputs in the same run, as far as it says
below.

nonlin used the instruction set {instruction_set}; beside it stand
{versions}.
The derivatives of PyTorch and JAX are those of their automatic differentiation; NumPy's functions
are its own or the line one writes with them. Whoever returns 0 where the exact result is small but
not 0 is wrong by as many units as that result has: hence numbers in the millions and beyond.
"""

COVERAGE = {
    "float32": "The {size} numbers whose bits, as an integer, are c, c + {total}, c + 2 * {total}, "
    "... are chunk c of {total}; together the chunks are all 2^32.",
    "float64": "{size} samples a chunk, {total} chunks: a quarter even in [-50, 50], a quarter "
    "around breakpoints and zeros, a quarter over the exponents from 2^-30 to 2^10, a quarter over "
    "all exponents.",
}


def write(state: State) -> None:
    rows = sorted(state.summaries(), key=place)
    DOCS.mkdir(exist_ok=True)
    document = {
        "instruction_set": nonlin.instruction_set(),
        "versions": versions(),
        "results": [
            dict(zip(("function", "kind", "dtype"), key, strict=True))
            | {"chunks": summary.chunks, "of": CHUNKS[key[2]], "libraries": summary.libraries}
            for key, summary in rows
        ],
    }
    (DOCS / "accuracy.json").write_text(json.dumps(document, indent=1) + "\n")
    used = ", ".join(f"{name} {version}" for name, version in versions().items())
    text = INTRODUCTION.format(instruction_set=nonlin.instruction_set(), versions=used)
    for dtype in CHUNKS:
        text += section(dtype, [row for row in rows if row[0][2] == dtype])
    (DOCS / "accuracy.md").write_text(text)


def place(row: Row) -> tuple[int, int]:
    function, kind, _ = row[0]
    return [entry.name for entry in certified()].index(function), KINDS.index(kind)


def section(dtype: str, rows: list[Row]) -> str:
    if not rows:
        return ""
    total = CHUNKS[dtype]
    parts = [f"\n## {dtype}\n", COVERAGE[dtype].format(size=CHUNK_SIZE[dtype], total=total)]
    parts.append(f"The other libraries are measured on the first {COMPARED[dtype]} chunks.\n")
    done = [summary.chunks for _, summary in rows]
    if len(rows) < len(certified()) * len(KINDS):
        done.append(0)
    if min(done) < total:
        parts.append(f"**Not finished:** {min(done)} of {total} chunks of every function so far.\n")
    else:
        parts.append("All chunks are done.\n")
    header = ("function", "chunks", "at", *LIBRARIES)
    parts += ["| " + " | ".join(header) + " |", "|---" * len(header) + "|"]
    parts += ["| " + " | ".join(cells(*row)) + " |" for row in rows]
    return "\n".join(parts) + "\n"


def cells(key: tuple[str, str, str], summary: Summary) -> Iterable[str]:
    function, kind, dtype = key
    yield f"`{function}`" + "′" * (kind == "derivative")
    yield f"{summary.chunks}/{CHUNKS[dtype]}"
    yield f"{summary.libraries[OURS]['where']:.9g}"
    for library in LIBRARIES:
        yield figure(summary.libraries.get(library))


def figure(tally: dict[str, Any] | None) -> str:
    if tally is None:
        return ""
    largest = tally["largest"]
    text = f"{largest:.3f}" if largest < 100 else f"{largest:.2g}"
    parts_per_million = 1e6 * tally["misrounded"] / tally["inputs"]
    wrong = f", {tally['wrong_specials']} special" if tally["wrong_specials"] else ""
    return f"{text} ({parts_per_million:.2g}{wrong})"
