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
SATURATED_HEAD = 0.8
SATURATED_HEADS_WARNING = 0.5

# What such a head lets back to its scores, of what uniform attention would. T5, Llama, BERT and ViT
# of 2 and 3 blocks: 0.8 to 1.5 at first weights and after training; with queries and keys 30 times
# as large 0.02 to 1.4 where scores spread by 10 and they train, 0.01 and less where by 900.
SHUT_HEAD = 0.02

# Scores that deviate by this much from their row's mean stay where they are, whatever gradient
# comes back: a step moves them by too little. One and two layers of one and four heads that have to
# copy from another place, with queries and keys 1 to 30 times as large as they are drawn, learn it
# in 300 steps of Adam up to 23 (a loss of 0.1 and less), are slow at 29 to 33, and hardly begin
# from 59.
FAR_APART = 50.0

# Entropy over that of a uniform look.
FEW_KEYS = 0.2

# Attention that is uniform: entropy over that of a uniform look, and the scores' deviation.
UNIFORM_ENTROPY = 0.99
UNIFORM_SPREAD = 0.05


def find(view: View) -> Iterator[Finding]:
    """List the attentions with heads that are saturated on almost every query.

    Then tell of those that are uniform in a training.
    """
    for found in view.reading.attentions:
        # Two keys that are alike share a look without a gradient between them and the others.
        apart = (
            found.spread > FAR_APART if len(found.spread) else np.zeros(len(found.saturated), bool)
        )
        lost = (found.saturated >= SATURATED_HEAD) | (apart & (found.entropy < FEW_KEYS))
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
    spread = found.spread[lost] if len(found.spread) else np.zeros(int(lost.sum()))
    grade = _grade(view, lost, passed, spread)
    return Finding("collapsed_attention", found.name, grade, heads, evidence, "scores")


def _grade(
    view: View,
    lost: np.ndarray[Any, Any],
    passed: np.ndarray[Any, Any],
    spread: np.ndarray[Any, Any],
) -> Severity:
    """Grade by what can move the scores: trained heads that look at one key are healthy."""
    if lost.mean() < SATURATED_HEADS_WARNING or beats_guessing(view.reading.target):
        return "note"
    if np.isnan(passed).all() and not (spread > FAR_APART).any():
        return "warning"
    shut = (np.nan_to_num(passed) < SHUT_HEAD) | (spread > FAR_APART)
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
