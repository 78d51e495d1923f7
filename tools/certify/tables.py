"""Sentences and tables of the page."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from certify.chunk import OURS
from certify.inputs import CHUNK_SIZE, CHUNKS
from certify.state import Summary

# A row's name, how it is known, and what was measured.
Named = tuple[str, str, Summary]

INPUTS = {
    "float32": "All 2^32 numbers in {total} chunks of {size}: chunk c has those whose bits, as an "
    "integer, are c, c + {total}, c + 2 · {total}, ...",
    "float64": "{total} chunks of {size} samples: a quarter even in [-50, 50], a quarter around "
    "breakpoints and zeros, a quarter over the exponents from 2^-30 to 2^10, a quarter over all "
    "exponents.",
}


def conclusion(instruction_set: str, rows: list[tuple[tuple[str, str, str], Summary]]) -> str:
    """The largest error of each dtype, in a sentence."""
    parts = []
    for dtype in CHUNKS:
        found = [(s.libraries[OURS], *key[:2]) for key, s in rows
                 if key[2] == dtype and OURS in s.libraries]  # fmt: skip
        if not found:
            continue
        worst, function, kind = max(found, key=lambda item: item[0]["largest"])
        inputs = min(tally["inputs"] for tally, *_ in found)
        specials = sum(tally["wrong_specials"] for tally, *_ in found)
        above = sum(tally["largest"] > 1 for tally, *_ in found)
        parts.append(
            f"- {dtype}: nonlin ({instruction_set}) is nowhere further than "
            f"**{worst['largest']:.5f} ULP** from the exact result, on {inputs:,} inputs of each "
            f"of {len(found)} functions and derivatives. The furthest is the {kind} of "
            f"`{function}` at {worst['where']:.9g}. Above 1 ULP: {above} of them. Results that are "
            f"infinite or NaN and should not be, or the reverse: {specials}."
        )
    return "\n".join(parts)


def coverage(dtype: str, rows: list[Named], expected: int) -> str:
    """Which inputs there are and how many of them have been measured."""
    total = CHUNKS[dtype]
    text = INPUTS[dtype].format(total=total, size=f"{CHUNK_SIZE[dtype]:,}") + " "
    done = sorted({summary.libraries[OURS]["chunks"] for *_, summary in rows})
    least = done[0]
    missing = expected - len(rows)
    rest = f", and of {missing} of {expected} results none" if missing else ""
    if rest or least < total:
        text += f"**{least} of {total} are done{rest}.**"
    else:
        text += "All are done."
    tallies = [pair for *_, summary in rows for pair in summary.libraries.items()]
    theirs = sorted({tally["chunks"] for name, tally in tallies if name != OURS})
    if theirs:
        span = f"{theirs[0]}" if len(theirs) == 1 else f"{theirs[0]} to {theirs[-1]}"
        text += f" The other libraries saw the first {span} of them."
    return text + "\n"


def table(rows: Iterable[Named], libraries: tuple[str, ...]) -> str:
    header = ("function", OURS, "at", "known", *libraries)
    lines = ["| " + " | ".join(header) + " |", "|---" * len(header) + "|"]
    for name, known, summary in rows:
        ours = summary.libraries[OURS]
        where = f"{ours['where']:.9g}" if ours["largest"] else ""
        cells = [name, figure(ours), where, known]
        cells += [figure(summary.libraries.get(library)) for library in libraries]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def figure(tally: dict[str, Any] | None) -> str:
    """Largest error, share not correctly rounded, wrong infinities and NaN."""
    if tally is None:
        return ""
    if not tally["largest"] and not tally["wrong_specials"]:
        return "exact"
    largest = tally["largest"]
    text = f"{largest:.3f}" if largest < 100 else re.sub(r"e\+0?", "e", f"{largest:.1e}")
    wrong = f", {tally['wrong_specials']:,} wrong" if tally["wrong_specials"] else ""
    return f"{text} ({share(tally['misrounded'], tally['inputs'])}{wrong})"


def share(count: int, total: int) -> str:
    """A percentage, with 0 for none at all and never for a few."""
    percent = 100 * count / total
    return f"{percent:.0f} %" if percent >= 10 else f"{percent:.2g} %" if count else "0"
