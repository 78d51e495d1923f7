"""docs/accuracy.md and docs/accuracy.json from what has been measured."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from certify.carried import SAME_BITS, Carried
from certify.chunk import OURS
from certify.functions import KINDS, certified
from certify.inputs import CHUNK_SIZE, CHUNKS
from certify.peers import LIBRARIES
from certify.processors import processors
from certify.proofs import known
from certify.proofs import section as proved_parts
from certify.state import ROOT, State, Summary, versions
from certify.tables import conclusion, coverage, table

DOCS = ROOT / "docs"
# What the filter's bound is multiplied by before it is trusted (filter.hpp).
SAFETY = {"float32": 64, "float64": 4}

Row = tuple[tuple[str, str, str], Summary]

INTRODUCTION = """# Accuracy

How far is a result from the exact one? The error is counted in units in the last place (ULP) of
float32 or float64 at the exact result. A correctly rounded result is at most 0.5 away; an error
below 1 means that the result is one of the two numbers next to the exact one.

{conclusion}

`make certify` made this page; the same numbers are in [accuracy.json](accuracy.json). Where a build
gives the same bits as an earlier one on all of these inputs, that one's numbers are kept. The exact
results come from the textbook definitions, computed with 113 binary digits (for float32 with 64,
and near a tie with 113) by libraries that share nothing with the kernels. Most inputs need less
than that: the definition in double (for float64, in long double), with a bound of its error
computed along with it, leaves no doubt about the rounding, nor that the error is below the largest.
That bound was checked on one input in 1024 of every function: the
definition was never further away than {used} of what the bound allows.

Every cell has the largest error and the share of results that are not correctly rounded; "at" is
the input with nonlin's largest error, a prime marks the derivative. "known" says how a bound is
known: *measured* on the inputs of the table, *measured: every input* where those are all there are,
or *proved* for every input. For that `make prove` has Gappa bound each rounding of the kernel as it
stands in the source, piece by piece of the reduced argument, and adds what rational arithmetic
proves of the polynomial beside e^x. Such a bound is above what is measured, because it supposes the
worst of all roundings at once. It is about the formula in IEEE arithmetic, wherever that runs.
*n wrong* counts results that
are infinite or NaN where they should not be, or should be and are not: a derivative that is 0 or 1
at NaN, for instance. The other libraries are
{versions}, on the first chunks of the same inputs.
The derivatives of PyTorch and JAX are those of their automatic differentiation; NumPy's functions
are its own or the line one writes with them. Whoever returns 0 where the exact result is small, but
not 0, is wrong by as many units as that result has: hence numbers in the millions and beyond.
"""

OTHER_SETS = """
## Instruction set {name}

Without fused multiply-add (v2) the same formulas round differently, so they are measured on their
own, on fewer inputs.
"""


def write(measured: Mapping[str, State], carried: Mapping[str, Carried]) -> None:
    """Both files, from the states by instruction set and what still holds of an earlier page."""
    rows: dict[str, list[Row]] = {}
    for name, kept in carried.items():
        found = dict(kept.summaries())
        if name in measured:
            found |= measured[name].summaries()
        if found:
            rows[name] = sorted(found.items(), key=place)
    if not rows:
        return
    rows = dict(sorted(rows.items()))
    DOCS.mkdir(exist_ok=True)
    document = {
        "versions": versions(),
        "inputs": {dtype: CHUNKS[dtype] * CHUNK_SIZE[dtype] for dtype in CHUNKS},
        "instruction_sets": {name: [record(*row) for row in found] for name, found in rows.items()},
    }
    (DOCS / "accuracy.json").write_text(json.dumps(document, indent=1) + "\n")
    (DOCS / "accuracy.md").write_text(page(rows, document["versions"]))


def renew() -> None:
    """Write docs/accuracy.md again from what the two files beside it and `make prove` say."""
    document = json.loads((DOCS / "accuracy.json").read_text())
    rows = {
        name: [
            ((row["function"], row["kind"], row["dtype"]),
             Summary(row["libraries"], row["filter_error"]))
            for row in found
        ]
        for name, found in document["instruction_sets"].items()
    }  # fmt: skip
    (DOCS / "accuracy.md").write_text(page(rows, document["versions"]))


def page(measured: Mapping[str, list[Row]], libraries: Mapping[str, str]) -> str:
    first = next((name for name in SAME_BITS if name in measured), next(iter(measured)))
    rows = measured[first]
    names = ", ".join(f"{name} {version}" for name, version in libraries.items())
    text = INTRODUCTION.format(
        conclusion=conclusion(first, rows), versions=names, used=" or ".join(allowance_used(rows))
    )
    for dtype in CHUNKS:
        text += section(f"\n## {dtype}\n", dtype, rows, LIBRARIES, first)
    text += processors(first) + proved_parts()
    for name, others in measured.items():
        if name not in SAME_BITS:
            text += OTHER_SETS.format(name=name)
            for dtype in CHUNKS:
                text += section(f"\n### {dtype}, {name}\n", dtype, others, (), name)
    return text


def allowance_used(rows: list[Row]) -> Iterator[str]:
    """How much of the filter's room for errors its check found in use, at most."""
    for dtype, safety in SAFETY.items():
        errors = [s.filter_error or 0 for key, s in rows if key[2] == dtype]
        yield f"{max(errors, default=0) / safety:.1%} ({dtype})"


def section(
    title: str, dtype: str, rows: list[Row], libraries: tuple[str, ...], instruction_set: str
) -> str:
    chosen = [
        (f"`{key[0]}`" + "′" * (key[1] == "derivative"), known(key, s, instruction_set), s)
        for key, s in rows
        if key[2] == dtype and OURS in s.libraries
    ]
    if not chosen:
        return ""
    expected = len(certified()) * len(KINDS)
    return "\n".join([title, coverage(dtype, chosen, expected), table(chosen, libraries), ""])


def place(row: Row) -> tuple[int, int]:
    function, kind, _ = row[0]
    return [entry.name for entry in certified()].index(function), KINDS.index(kind)


def record(key: tuple[str, str, str], summary: Summary) -> dict[str, Any]:
    names = dict(zip(("function", "kind", "dtype"), key, strict=True))
    return names | {"filter_error": summary.filter_error, "libraries": summary.libraries}
