"""Findings in words, those that only time shows among them."""

from __future__ import annotations

from nonlin.messages import text
from nonlin.torch import wording
from nonlin.torch.finding import Finding

__all__ = ["proof", "spoken"]


def spoken(finding: Finding, lang: str) -> str:
    """Say what was found, with its proof and its cause.

    Parameters
    ----------
    finding : Finding
    lang : str
        "en" or "ko".

    Returns
    -------
    str
    """
    parts = (proof(finding, lang), wording.cause(finding, lang))
    return " ".join(part for part in parts if part)


def proof(finding: Finding, lang: str) -> str:
    """Say the numbers that a finding rests on.

    Parameters
    ----------
    finding : Finding
    lang : str
        "en" or "ko".

    Returns
    -------
    str
    """
    if finding.kind == "dying_units":
        return _dying(finding, lang)
    return wording.proof(finding, lang)


def _dying(finding: Finding, lang: str) -> str:
    evidence = finding.evidence
    rate = {
        "rate": f"{evidence['per_thousand_steps']:.3g}",
        "low": f"{evidence['low']:.3g}",
        "high": f"{evidence['high']:.3g}",
        "confidence": f"{evidence['confidence']:.0%}",
        "first": f"{evidence['first_step']:,}",
        "last": f"{evidence['step']:,}",
    }
    steps = {
        name: f"{evidence[key]:,}"
        for name, key in (("at", "level_step"), ("soon", "level_low"), ("late", "level_high"))
    }
    counts = {key: evidence[key] for key in ("silent", "units", "readings")}
    part = "all" if evidence["level"] == 1 else "half"
    return " ".join(
        (
            text("examination_report.dying.rate", lang, **counts, **rate),
            text(f"examination_report.dying.{part}", lang, **steps),
        )
    )
