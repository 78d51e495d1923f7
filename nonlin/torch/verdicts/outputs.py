"""`output_mismatch`: outputs that the loss is not made for, and targets out of its range."""

from __future__ import annotations

import math
from collections.abc import Iterator

from nonlin.torch.finding import Finding, Severity
from nonlin.torch.reading import Reading, Step, Target
from nonlin.torch.verdicts.view import View

LOGITS = ("cross_entropy", "bce_with_logits")
REGRESSION = ("mse", "mse_loss", "l1", "l1_loss", "smooth_l1", "smooth_l1_loss", "huber",
              "huber_loss")  # fmt: skip
BOUNDED = {"sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0), "hard_sigmoid": (0.0, 1.0),
           "hard_tanh": (-1.0, 1.0), "softsign": (-1.0, 1.0), "relu": (0.0, math.inf),
           "relu6": (0.0, 6.0), "softplus": (0.0, math.inf)}  # fmt: skip


def find(view: View) -> Iterator[Finding]:
    """Compare the last step before the loss, and the targets, with what the loss expects."""
    target = view.reading.target
    if target is None:
        return
    last = _last(view)
    name = _name(view.reading, last)
    if cause := _targets(target):
        yield _finding(target, "loss", "targets", "error", cause)
    elif fault := _outputs(target, name):
        cause, grade = fault
        yield _finding(target, last.name if last else "loss", name, grade, cause)


def _last(view: View) -> Step | None:
    """Find what made the outputs, past what only carries values."""
    steps = view.reading.steps
    ends = [i for i, step in enumerate(steps) if step.kind == "loss"]
    if ends:
        behind = [steps[i] for i in view.behind(ends[-1]) if steps[i].kind != "input"]
        return behind[0] if behind else None
    return steps[-1] if steps else None


def _name(reading: Reading, step: Step | None) -> str:
    """Name the function of the last step: "softmax", "sigmoid", ..., else its kind."""
    if step is None:
        return ""
    if step.kind == "softmax":
        return (
            "log_softmax"
            if "log_softmax" in step.name.lower().replace("logs", "log_s")
            else "softmax"
        )
    if step.kind == "activation":
        found = [site.activation for site in reading.sites if site.name == step.name]
        return found[0].removeprefix("nl.") if found else step.name
    return step.kind


def _targets(target: Target) -> str:
    low, high = target.smallest, target.largest
    if low is None or high is None:
        return ""
    if target.loss in ("cross_entropy", "nll") and target.classes:
        return "labels" if low < 0 or high >= target.classes else ""
    if target.loss in ("bce", "bce_with_logits"):
        return "probabilities" if low < 0.0 or high > 1.0 else ""
    return ""


def _outputs(target: Target, name: str) -> tuple[str, Severity] | None:
    if target.loss in LOGITS:
        return _for_logits(target, name)
    if target.loss == "nll" and name != "log_softmax":
        positive = target.output_largest > 0.0
        return ("not_log_probabilities", "error") if positive else None
    if target.loss in REGRESSION and name in BOUNDED:
        return _for_regression(target, name)
    return None


def _for_logits(target: Target, name: str) -> tuple[str, Severity] | None:
    if name == "softmax" or (target.output_rows_sum_to_one and (target.classes or 0) > 1):
        return "probabilities_as_logits", "error"
    if name == "log_softmax":
        # The logarithm of its softmax is itself: cross entropy loses nothing but time.
        return "log_probabilities", "note" if target.loss == "cross_entropy" else "error"
    if name in ("sigmoid", "hard_sigmoid"):
        return "probabilities_as_logits", "error"
    return ("bounded_logits", "error") if name in BOUNDED else None


def _for_regression(target: Target, name: str) -> tuple[str, Severity] | None:
    low, high = BOUNDED[name]
    if target.smallest is None or target.largest is None:
        return None
    if target.smallest < low or target.largest > high:
        return "bounded_regression", "error"
    return None


def _finding(target: Target, site: str, name: str, grade: Severity, cause: str) -> Finding:
    evidence = {
        "loss": target.loss,
        "last": name,
        "value": target.value,
        "smallest": math.nan if target.smallest is None else target.smallest,
        "largest": math.nan if target.largest is None else target.largest,
        "output_smallest": target.output_smallest,
        "output_largest": target.output_largest,
        "classes": target.classes or 0,
    }
    return Finding("output_mismatch", site, grade, (), evidence, cause)
