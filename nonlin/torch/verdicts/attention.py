"""`collapsed_attention`: heads that look at one key and pass no gradient on, or at all alike."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from nonlin.torch.finding import Finding, Severity
from nonlin.torch.parts import Attention
from nonlin.torch.verdicts import thresholds as limit
from nonlin.torch.verdicts.guessing import beats_guessing
from nonlin.torch.verdicts.view import View


def find(view: View) -> Iterator[Finding]:
    """List the attentions with heads that are saturated on almost every query.

    Then tell of those that are uniform in a training.
    """
    for found in view.reading.attentions:
        lost = found.saturated >= limit.SATURATED_HEAD
        if lost.any():
            yield _collapsed(view, found, lost)
    uniform = [x for x in view.reading.attentions if _is_uniform(x)]
    if uniform and view.reading.step:
        yield _uniform(uniform)


def _collapsed(view: View, found: Attention, lost: np.ndarray[Any, Any]) -> Finding:
    passed = found.passed[lost] if len(found.passed) else np.full(int(lost.sum()), np.nan)
    known = passed[~np.isnan(passed)]
    evidence = {
        "heads": int(lost.sum()),
        "all": len(lost),
        "observations": float(np.mean(found.saturated[lost])),
        "queries": found.queries,
        "keys": found.keys,
        "entropy": float(np.mean(found.entropy[lost])),
        "largest": float(found.largest_score[lost].max()),
        "passed": float(np.median(known)) if len(known) else np.nan,
    }
    heads = tuple(int(x) for x in np.flatnonzero(lost))
    grade = _grade(view, lost, passed)
    return Finding("collapsed_attention", found.name, grade, heads, evidence, "scores")


def _grade(view: View, lost: np.ndarray[Any, Any], passed: np.ndarray[Any, Any]) -> Severity:
    """Grade by what comes back to the scores: trained heads that look at one key are healthy."""
    if lost.mean() < limit.SATURATED_HEADS_WARNING or beats_guessing(view.reading.target):
        return "note"
    if np.isnan(passed).all():
        return "warning"
    shut = np.nan_to_num(passed) < limit.SHUT_HEAD
    return "error" if shut.sum() >= limit.SATURATED_HEADS_WARNING * len(lost) else "note"


def _is_uniform(found: Attention) -> bool:
    return bool(
        len(found.spread)
        and found.keys > 2
        and (found.entropy > limit.UNIFORM_ENTROPY).all()
        and (found.spread < limit.UNIFORM_SPREAD).all()
    )


def _uniform(alike: list[Attention]) -> Finding:
    first = alike[0]
    evidence = {
        "attentions": len(alike),
        "entropy": float(np.min([x.entropy.min() for x in alike])),
        "spread": float(np.max([x.spread.max() for x in alike])),
        "keys": first.keys,
    }
    return Finding("collapsed_attention", first.name, "note", (), evidence, "uniform")
