"""What else is known of a row than what was measured: a proof, or every input."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from certify.chunk import OURS
from certify.inputs import CHUNKS
from certify.state import ROOT, Summary
from certify.words import say

# What `make prove` found.
PROOFS = ROOT / "docs" / "proofs.json"
# Which of its kernels computes a function's value and its derivative; tests/prove compares bits.
KERNELS: Mapping[str, tuple[str, str]] = {
    "sigmoid": ("sigmoid", "sigmoid′"),
    "tanh": ("tanh", "tanh′"),
    "elu": ("elu", "elu′"),
    "elu(alpha=0.6875)": ("elu(alpha)", "elu(alpha)′"),
    "celu": ("", "elu′"),
    "exponential": ("exponential", "exponential′"),
    "softplus": ("", "sigmoid"),
    "log_sigmoid": ("", "sigmoid"),
}


def proofs(path: Path = PROOFS) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text()) if path.exists() else []
    return found


def proved(name: str, kind: str, instruction_set: str) -> float | None:
    """The bound in ULP of a float64 kernel on all inputs, if each part of it is proved."""
    kernel = KERNELS.get(name, ("", ""))[kind == "derivative"]
    rows = [
        row
        for found in proofs()
        if instruction_set in found["instruction_sets"]
        for row in found["rows"]
        if row["kernel"] == kernel
    ]
    if not rows or not all(row["proved"] for row in rows):
        return None
    return max(row["bound"] for row in rows)


# In the kernel's own notation, and so the same in every language.
NOTATION = re.compile(r"\|?x\|? |Gappa: \w+, ")


def section(lang: str) -> str:
    """The page's tables of proofs, with a fused multiply-add and without."""
    text = say("proofs", lang) if proofs() else ""
    for found in proofs():
        text += f"\n{say('proofs.sets', lang, names=', '.join(found['instruction_sets']))}\n\n"
        text += f"{say('proofs.columns', lang)}\n|---|---|---|---|\n"
        for row in found["rows"]:
            where = said(row["where"], lang).replace("|x|", "abs x")
            by = said(row["by"], lang) if row["proved"] else say("proofs.above", lang)
            text += f"| `{row['kernel']}` | {where} | {row['bound']:.3f} | {by} |\n"
    return text


def said(part: str, lang: str) -> str:
    """Say in a language what `make prove` wrote down: where a bound holds, or by what."""
    if NOTATION.match(part):
        return part
    if found := re.fullmatch(r"alpha from (\S+) to (\S+)", part):
        return say("proofs.alpha", lang, least=found[1], most=found[2])
    if found := re.fullmatch(r"(Gappa: \w+) in (\d+) pieces(.*)", part):
        return say("proofs.pieces", lang, formula=found[1], count=found[2]) + found[3]
    return say(f"proofs.{part}", lang)


def known(row: tuple[str, str, str], summary: Summary, instruction_set: str, lang: str) -> str:
    """How a row is known, in a word or two."""
    name, kind, dtype = row
    bound = proved(name, kind, instruction_set) if dtype == "float64" else None
    if bound is not None:
        return say("known.proved", lang, bound=bound)
    chunks = summary.libraries[OURS]["chunks"]
    every = dtype != "float64" and chunks >= CHUNKS[dtype]
    return say("known.every" if every else "known.measured", lang)
