"""`exploding_signal`: a residual stream that grows block by block and is not normalised.

A block y = x + f(x) whose branch makes as much as comes in doubles E[x^2]: over L blocks the stream
grows by 2^(L / 2), and with it the outputs, the loss and all gradients. A stream that begins small,
whose branches begin at 0, or that is normalised before it is used, does none of this.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from nonlin.torch.finding import Finding, Severity
from nonlin.torch.findings.guessing import guess
from nonlin.torch.findings.view import View
from nonlin.torch.parts import Residual

# A residual stream behind its last addition over that behind its first. Calibration, blocks of two
# He layers without normalisation, 150 steps of Adam at 1e-3: 4 to 16 grow by 2.5 to 44 and learn as
# well as with branches that begin at 0; 20 grow by 246 and reach 0.79 for 0.97, 30 by 4,400 and
# reach 0.66 for 0.98.
SIGNAL_WARNING = 100.0
SIGNAL_ERROR = 1e3

# The loss over that of guessing, which a training has to lose first.
LOSS_OF_GUESSING = 100.0


def find(view: View) -> Iterator[Finding]:
    """Compare the stream behind its last addition with that behind its first."""
    for stream in streams(view):
        first, last = stream[0], stream[-1]
        growth = last.rms / first.rms if first.rms > 0.0 else 0.0
        grows = math.isfinite(growth) and growth >= SIGNAL_WARNING
        if grows and not _is_normalised(view, last.step):
            yield _finding(view, stream, growth)


def streams(view: View) -> list[list[Residual]]:
    """Put the additions in rows: each adds to what the one before made, nothing normalising it."""
    known = {x.step: x for x in view.reading.residuals if x.step >= 0}
    beside = {x.addition: x.stream for x in view.branches if x.addition in known}
    rows: dict[int, list[Residual]] = {}
    for addition, stream in beside.items():
        before = _before(view, stream, known)
        row = rows.pop(before) if before in rows else []
        rows[addition] = [*row, known[addition]]
    return list(rows.values())


def _before(view: View, at: int, additions: dict[int, Residual]) -> int:
    """Go back along a stream to the addition before it; -1 where a normalisation comes first."""
    steps = view.reading.steps
    while at not in additions:
        if steps[at].kind == "normalization" or len(steps[at].sources) != 1:
            return -1
        at = steps[at].sources[0]
    return at


def _is_normalised(view: View, addition: int) -> bool:
    """Tell whether everything that uses the last sum takes it normalised."""
    ends = ("layer", "loss", "addition", "product", "normalization")
    return view.meets(addition, *ends) - {""} == {"normalization"}


def _finding(view: View, stream: list[Residual], growth: float) -> Finding:
    first, last = stream[0], stream[-1]
    target = view.reading.target
    loss = math.nan if target is None else target.value
    usual = guess(target)
    evidence = {
        "ratio": growth,
        "blocks": len(stream),
        "factor": growth ** (1.0 / (len(stream) - 1)),
        "first": first.rms,
        "last": last.rms,
        "end": last.name,
        "loss": loss,
        "guess": usual,
        "above": loss / usual,
    }
    severe = growth >= SIGNAL_ERROR or loss / usual >= LOSS_OF_GUESSING
    grade: Severity = "error" if severe else "warning"
    return Finding("exploding_signal", first.name, grade, (), evidence, "branches")
