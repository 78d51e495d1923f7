"""`collapsed_attention`: heads whose softmax picks one key and passes no gradient on."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nonlin.torch.finding import Finding, Severity
from nonlin.torch.verdicts import thresholds as limit
from nonlin.torch.verdicts.view import View


def find(view: View) -> Iterator[Finding]:
    """List the attentions with heads that are saturated on almost every query."""
    for found in view.reading.attentions:
        lost = found.saturated >= limit.SATURATED_HEAD
        if not lost.any():
            continue
        evidence = {
            "heads": int(lost.sum()),
            "all": len(lost),
            "observations": float(np.mean(found.saturated[lost])),
            "queries": found.queries,
            "keys": found.keys,
            "entropy": float(np.mean(found.entropy[lost])),
            "largest": float(found.largest_score[lost].max()),
        }
        share = float(lost.mean())
        grade: Severity = "warning" if share >= limit.SATURATED_HEADS_WARNING else "note"
        heads = tuple(int(x) for x in np.flatnonzero(lost))
        yield Finding("collapsed_attention", found.name, grade, heads, evidence, "scores")
