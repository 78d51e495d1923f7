"""Findings in words."""

from __future__ import annotations

import math
from typing import Any

from nonlin.messages import language, text
from nonlin.torch.finding import Finding

SHARES = ("bound", "share", "observations", "lost")
GRADIENTS = ("vanishing_gradients", "exploding_gradients")


def describe(finding: Finding, lang: str | None = None) -> str:
    """Say what was found, with its numbers, and why.

    Parameters
    ----------
    finding : Finding
    lang : str, optional
        "en" or "ko"; by default the locale's.

    Returns
    -------
    str
    """
    spoken = language(lang)
    return " ".join(part for part in (proof(finding, spoken), cause(finding, spoken)) if part)


def title(finding: Finding, lang: str | None = None) -> str:
    """Name the trouble."""
    return text(f"doctor.kind.{finding.kind}", language(lang))


def proof(finding: Finding, lang: str | None = None) -> str:
    """Say the numbers that a finding rests on."""
    spoken, evidence = language(lang), finding.evidence
    fields = {name: number(name, value) for name, value in evidence.items()}
    key = finding.kind
    if key in GRADIENTS and evidence["ratio"] == 0.0:
        key = "nothing_arrives"  # type: ignore[assignment]
    elif key in GRADIENTS and math.isnan(evidence["predicted"]):
        key = "unpredicted"  # type: ignore[assignment]
    if finding.cause in ("gradient", "own_backward"):
        return _gradient_fault(fields, spoken)
    sentences = [text(f"doctor.proof.{key}", spoken, **fields)]
    if finding.kind == "dead_units" and evidence["undecided"]:
        endless = math.isinf(evidence["samples_needed"])
        more = "undecidable" if endless else "undecided"
        sentences.append(text(f"doctor.proof.{more}", spoken, **fields))
    return " ".join(sentences)


def _gradient_fault(fields: dict[str, str], lang: str) -> str:
    """Say which function's way back it is, and where it is called."""
    inside = "module" if fields["module"] else "loss" if fields["in_loss"] == "True" else "model"
    parts = [text("doctor.proof.gradient", lang, **fields)]
    parts.append(text(f"doctor.proof.gradient_in.{inside}", lang, **fields))
    if fields["line"]:
        parts.append(text("doctor.proof.gradient_line", lang, **fields))
    return " ".join(parts)


def cause(finding: Finding, lang: str | None = None) -> str:
    """Say why; "" where nothing is known of it."""
    if not finding.cause:
        return ""
    return text(f"doctor.cause.{finding.kind}.{finding.cause}", language(lang))


def remedy(key: str, lang: str | None = None, **fields: Any) -> str:
    """Say what a remedy does."""
    shown = {name: number(name, value) for name, value in fields.items()}
    return text(f"doctor.remedy.{key}", language(lang), **shown)


def number(name: str, value: Any) -> str:
    """Write one piece of evidence for people."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if isinstance(value, int) or (value.is_integer() and 1e3 <= abs(value) < 1e9):
        return f"{int(value):,}"
    if name in SHARES:
        return f"{100 * value:.3g}%" if math.isfinite(value) else "?"
    return "∞" if math.isinf(value) else "?" if math.isnan(value) else f"{value:.3g}"
