"""docs/accuracy.md, its Korean twin and docs/accuracy.json from what has been measured."""

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
from certify.words import LANGUAGES, say

DOCS = ROOT / "docs"
# What the filter's bound is multiplied by before it is trusted (filter.hpp).
SAFETY = {"float32": 64, "float64": 4}

Row = tuple[tuple[str, str, str], Summary]


def write(measured: Mapping[str, State], carried: Mapping[str, Carried]) -> None:
    """All files, from the states by instruction set and what still holds of an earlier page."""
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
    pages(rows, document["versions"])


def renew() -> None:
    """Write the pages again from what the two files beside them and `make prove` say."""
    document = json.loads((DOCS / "accuracy.json").read_text())
    rows = {
        name: [
            ((row["function"], row["kind"], row["dtype"]),
             Summary(row["libraries"], row["filter_error"]))
            for row in found
        ]
        for name, found in document["instruction_sets"].items()
    }  # fmt: skip
    pages(rows, document["versions"])


def pages(measured: Mapping[str, list[Row]], libraries: Mapping[str, str]) -> None:
    for lang in LANGUAGES:
        name = "accuracy.md" if lang == "en" else f"accuracy.{lang}.md"
        (DOCS / name).write_text(page(measured, libraries, lang), encoding="utf-8")


def page(measured: Mapping[str, list[Row]], libraries: Mapping[str, str], lang: str) -> str:
    first = next((name for name in SAME_BITS if name in measured), next(iter(measured)))
    rows = measured[first]
    names = ", ".join(f"{name} {version}" for name, version in libraries.items())
    text = say(
        "introduction",
        lang,
        conclusion=conclusion(first, rows, lang),
        versions=names,
        used=say("allowance.or", lang).join(allowance_used(rows)),
    )
    for dtype in CHUNKS:
        text += section(f"\n## {dtype}\n", dtype, rows, LIBRARIES, first, lang)
    text += processors(first, lang) + proved_parts(lang)
    for name, others in measured.items():
        if name not in SAME_BITS:
            text += say("other_set", lang, name=name)
            for dtype in CHUNKS:
                text += section(f"\n### {dtype}, {name}\n", dtype, others, (), name, lang)
    return text


def allowance_used(rows: list[Row]) -> Iterator[str]:
    """How much of the filter's room for errors its check found in use, at most."""
    for dtype, safety in SAFETY.items():
        errors = [s.filter_error or 0 for key, s in rows if key[2] == dtype]
        yield f"{max(errors, default=0) / safety:.1%} ({dtype})"


def section(
    title: str,
    dtype: str,
    rows: list[Row],
    libraries: tuple[str, ...],
    instruction_set: str,
    lang: str,
) -> str:
    chosen = [
        (f"`{key[0]}`" + "′" * (key[1] == "derivative"), known(key, s, instruction_set, lang), s)
        for key, s in rows
        if key[2] == dtype and OURS in s.libraries
    ]
    if not chosen:
        return ""
    expected = len(certified()) * len(KINDS)
    said = coverage(dtype, chosen, expected, lang)
    return "\n".join([title, said, table(chosen, libraries, lang), ""])


def place(row: Row) -> tuple[int, int]:
    function, kind, _ = row[0]
    return [entry.name for entry in certified()].index(function), KINDS.index(kind)


def record(key: tuple[str, str, str], summary: Summary) -> dict[str, Any]:
    names = dict(zip(("function", "kind", "dtype"), key, strict=True))
    return names | {"filter_error": summary.filter_error, "libraries": summary.libraries}
