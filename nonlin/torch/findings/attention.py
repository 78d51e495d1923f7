"""`collapsed_attention`: heads that look at one key and pass no gradient on, or at all alike."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from nonlin.torch.finding import Finding, Severity
from nonlin.torch.findings.guessing import beats_guessing
from nonlin.torch.findings.view import View
from nonlin.torch.parts import Attention

# Share of its queries on which a head's softmax is saturated, and share of such heads. Of heads
# that were drawn at the scale that their layers ask for none reaches 0.01.
SATURATED_HEAD = 0.9
SATURATED_HEADS_WARNING = 0.5

# What such a head lets back to its scores, of what uniform attention would. T5, Llama, BERT and ViT
# of 2 and 3 blocks: 0.8 to 1.5 at first weights and after training; with queries and keys 30 times
# as large 0.02 to 1.4 where scores spread by 10 and they train, 0.01 and less where by 900.
SHUT_HEAD = 0.02

# Attention that is uniform: entropy over that of a uniform look, and the scores' deviation.
UNIFORM_ENTROPY = 0.99
UNIFORM_SPREAD = 0.05


def find(view: View) -> Iterator[Finding]:
    """List the attentions with heads that are saturated on almost every query.

    Then tell of those that are uniform in a training.
    """
    for found in view.reading.attentions:
        lost = found.saturated >= SATURATED_HEAD
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
    if lost.mean() < SATURATED_HEADS_WARNING or beats_guessing(view.reading.target):
        return "note"
    if np.isnan(passed).all():
        return "warning"
    shut = np.nan_to_num(passed) < SHUT_HEAD
    return "error" if shut.sum() >= SATURATED_HEADS_WARNING * len(lost) else "note"


def _is_uniform(found: Attention) -> bool:
    return bool(
        len(found.spread)
        and found.keys > 2
        and (found.entropy > UNIFORM_ENTROPY).all()
        and (found.spread < UNIFORM_SPREAD).all()
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
