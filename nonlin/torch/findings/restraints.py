"""`weight_decay` and `dropout`: restraints that let a model learn far less than it could.

Dropout of the outputs themselves needs no training to be told.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Literal

from nonlin.torch.finding import Finding, Severity
from nonlin.torch.findings.guessing import chance_loss
from nonlin.torch.findings.rates import IMPROVED
from nonlin.torch.findings.view import View
from nonlin.torch.reading import Easing

# The part that a model learns, of what it learns with less of the restraint, from which on it is
# held back, and from which on it is hurt.
HELD_BACK: dict[str, float] = {"weight_decay": 0.75, "dropout": 0.5}
HURT = 0.25

# What the two losses are apart at least, as a share of what guessing gives.
APART = 0.1

SITES: dict[str, str] = {"weight_decay": "optimizer", "dropout": "model"}


def find(view: View) -> Iterator[Finding]:
    """Compare what models learn with restraints and with less of them."""
    yield from _at_outputs(view)
    chance = chance_loss(view.reading)
    for easing in view.reading.easings:
        scale = max(easing.start, chance) if math.isfinite(chance) else easing.start
        grade = _grade(easing, scale)
        if grade is not None:
            yield _finding(easing, grade)


def _at_outputs(view: View) -> Iterator[Finding]:
    """Tell of outputs that are left out themselves."""
    target = view.reading.target
    if target is not None and target.dropped:
        evidence = {"last": view.reading.layers[-1].name if view.reading.layers else "outputs"}
        yield Finding("dropout", SITES["dropout"], "error", (), evidence, "at_outputs")


def _grade(easing: Easing, scale: float) -> Severity | None:
    fall, most = easing.start - easing.loss, easing.start - easing.eased_loss
    # What a diverging training gives is no number.
    fall = fall if fall == fall else 0.0
    if not (most > IMPROVED * scale and most - fall > APART * scale):
        return None
    if fall > HELD_BACK[easing.key] * most:
        return None
    return "error" if fall <= HURT * most else "warning"


def _finding(easing: Easing, grade: Severity) -> Finding:
    kind: Literal["weight_decay", "dropout"] = (
        "dropout" if easing.key == "dropout" else "weight_decay"
    )
    evidence = {
        "given": easing.given,
        "eased": easing.eased,
        "pull": easing.pull,
        "steps": easing.steps,
        "rate": easing.rate,
        "start": easing.start,
        "loss": easing.loss,
        "eased_loss": easing.eased_loss,
        "anew": easing.anew,
    }
    return Finding(kind, SITES[easing.key], grade, (), evidence, "strong")
