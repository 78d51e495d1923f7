"""What else is known of a row than what was measured: a proof, or every input."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from certify.chunk import OURS
from certify.inputs import CHUNKS
from certify.state import ROOT, Summary

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


SECTION = """
## Proofs

What is proved of float64, part by part, and by what:

- Gappa: the roundings of each formula, as `tools/prove/formulas.py` has it line by line, with the
  numbers that stand in `kernels/`; tests compare its bits with the kernel's.
- Rational arithmetic: how far the polynomial is from the series of e^x.
- Interval arithmetic: what an error of e^x does to the result, for each power of two, and the sum.
- By hand, where they are used: that the sums in two parts lose nothing, that the last rounding adds
  half a unit of the exact result, that a result is x next to 0, and a constant far out.

"alpha" is ELU's, of any size within what the line says; without it alpha is 1. Where a bound is
above 1 ULP, the worst of all roundings at once, the tables call the row measured.
"""


def section() -> str:
    """The page's tables of proofs, with a fused multiply-add and without."""
    text = SECTION if proofs() else ""
    for found in proofs():
        text += f"\nInstruction sets {', '.join(found['instruction_sets'])}:\n\n"
        text += "| kernel | where | bound in ULP | proved by |\n|---|---|---|---|\n"
        for row in found["rows"]:
            where = row["where"].replace("|x|", "abs x")
            by = row["by"] if row["proved"] else "above 1 ULP: the row is measured"
            text += f"| `{row['kernel']}` | {where} | {row['bound']:.3f} | {by} |\n"
    return text


def known(row: tuple[str, str, str], summary: Summary, instruction_set: str) -> str:
    """How a row is known, in a word or two."""
    name, kind, dtype = row
    bound = proved(name, kind, instruction_set) if dtype == "float64" else None
    if bound is not None:
        return f"proved: at most {bound:.3f}"
    chunks = summary.libraries[OURS]["chunks"]
    return "measured" if dtype == "float64" or chunks < CHUNKS[dtype] else "measured: every input"
