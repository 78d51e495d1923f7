"""Parts and tables of the page."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from certify.chunk import OURS
from certify.inputs import CHUNK_SIZE, CHUNKS
from certify.state import Summary
from certify.words import say

# A row's name, how it is known, and what was measured.
Named = tuple[str, str, Summary]


def conclusion(
    instruction_set: str, rows: list[tuple[tuple[str, str, str], Summary]], lang: str
) -> str:
    """The largest error of each dtype, in a sentence."""
    parts = []
    for dtype in CHUNKS:
        found = [(s.libraries[OURS], *key[:2]) for key, s in rows
                 if key[2] == dtype and OURS in s.libraries]  # fmt: skip
        if not found:
            continue
        worst, function, kind = max(found, key=lambda item: item[0]["largest"])
        parts.append(
            say(
                "conclusion",
                lang,
                dtype=dtype,
                set=instruction_set,
                largest=worst["largest"],
                inputs=_span(sorted({tally["inputs"] for tally, *_ in found}), lang),
                results=len(found),
                kind=say(f"kind.{kind}", lang),
                function=function,
                where=worst["where"],
                above=sum(tally["largest"] > 1 for tally, *_ in found),
                specials=sum(tally["wrong_specials"] for tally, *_ in found),
            )
        )
    return "\n".join(parts)


def _span(counts: list[int], lang: str) -> str:
    """One number, or the least and the most of several."""
    ends = [f"{count:,}" for count in (counts[0], counts[-1])]
    return ends[0] if len(counts) == 1 else say("span", lang, least=ends[0], most=ends[1])


def coverage(dtype: str, rows: list[Named], expected: int, lang: str) -> str:
    """Which inputs there are and how many of them have been measured."""
    total = CHUNKS[dtype]
    text = say(f"inputs.{dtype}", lang, total=total, size=CHUNK_SIZE[dtype])
    done = [summary.libraries[OURS]["chunks"] for *_, summary in rows]
    full, missing = done.count(total), expected - len(rows)
    key = "rest" if missing else "all" if full == len(done) else "mixed" if full else "some"
    fields = {"done": min(done), "total": total, "missing": missing, "expected": expected}
    text += say(f"done.{key}", lang, **fields, full=full, others=len(done) - full)
    tallies = [pair for *_, summary in rows for pair in summary.libraries.items()]
    theirs = sorted({tally["chunks"] for name, tally in tallies if name != OURS})
    if theirs:
        text += say("theirs", lang, span=_span(theirs, lang))
    return text + "\n"


def table(rows: Iterable[Named], libraries: tuple[str, ...], lang: str) -> str:
    function, at, how = (say(f"column.{key}", lang) for key in ("function", "at", "known"))
    header = (function, OURS, at, how, *libraries)
    lines = ["| " + " | ".join(header) + " |", "|---" * len(header) + "|"]
    for name, known, summary in rows:
        ours = summary.libraries[OURS]
        where = f"{ours['where']:.9g}" if ours["largest"] else ""
        cells = [name, figure(ours, lang), where, known]
        cells += [figure(summary.libraries.get(library), lang) for library in libraries]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def figure(tally: dict[str, Any] | None, lang: str) -> str:
    """Largest error, share not correctly rounded, wrong infinities and NaN."""
    if tally is None:
        return ""
    if not tally["largest"] and not tally["wrong_specials"]:
        return say("exact", lang)
    largest = tally["largest"]
    text = f"{largest:.3f}" if largest < 100 else re.sub(r"e\+0?", "e", f"{largest:.1e}")
    specials = tally["wrong_specials"]
    wrong = say("wrong", lang, count=specials) if specials else ""
    return f"{text} ({share(tally['misrounded'], tally['inputs'])}{wrong})"


def share(count: int, total: int) -> str:
    """A percentage, with 0 for none at all and never for a few."""
    percent = 100 * count / total
    return f"{percent:.0f} %" if percent >= 10 else f"{percent:.2g} %" if count else "0"
