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


def known(row: tuple[str, str, str], summary: Summary, instruction_set: str) -> str:
    """How a row is known, in a word or two."""
    name, kind, dtype = row
    bound = proved(name, kind, instruction_set) if dtype == "float64" else None
    if bound is not None:
        return f"proved: at most {bound:.3f}"
    chunks = summary.libraries[OURS]["chunks"]
    return "measured" if dtype == "float64" or chunks < CHUNKS[dtype] else "measured: every input"
