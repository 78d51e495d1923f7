"""`output_mismatch`: outputs, targets and a loss that are not made for each other."""

from __future__ import annotations

import math
from collections.abc import Iterator

from nonlin.torch.finding import Finding, Severity
from nonlin.torch.findings.last_step import Ending, ending
from nonlin.torch.findings.targets import DISTANCES, REGRESSION
from nonlin.torch.findings.targets import faults as of_targets
from nonlin.torch.findings.view import View
from nonlin.torch.reading import Target

Fault = tuple[str, Severity]

LOGITS = ("cross_entropy", "bce_with_logits")
PROBABILITIES = ("bce", "log_loss", "one_sided")
SOFTMAX = ("softmax", "log_softmax")

# Logits that cannot give the right class this probability keep the loss from falling.
BELIEF = 0.9

# What rounding leaves of a probability in half precision.
ROUNDING = 5e-3

# A share of the function's range, or else of the targets': outliers so close are reached nearly.
OVERSHOOT = 0.05

# Of rows that are no probabilities of one class.
SHARE = 0.05


def find(view: View) -> Iterator[Finding]:
    """Compare what makes the outputs, and the targets, with what the loss expects."""
    target = view.reading.target
    if target is None:
        return
    last = ending(view)
    found = [_finding(target, "loss", last.name, x) for x in of_targets(target, view.reading)]
    fault = _own(target, last) or (_outputs(target, last) if target.known else None)
    if fault is not None:
        found.append(_finding(target, last.site, last.name, fault))
    causes = {x.cause for x in found}
    if "bounded_regression" in causes:
        # What cannot be reached is not to be called far, too.
        found = [x for x in found if x.cause not in DISTANCES]
    wrong = any(x.severity == "error" for x in found)
    yield from (x for x in found if not (wrong and x.cause == "unstable"))


def _own(target: Target, last: Ending) -> Fault | None:
    """Judge outputs that are the same whatever the model does, for any loss."""
    same = target.output_smallest == target.output_largest
    if last.name in SOFTMAX and same and target.output_largest in (0.0, 1.0):
        return "constant_output", "error"
    return None


def _outputs(target: Target, last: Ending) -> Fault | None:
    several = target.rows_of_several > SHARE and not target.regrouped
    if target.loss == "cross_entropy" and target.width == 1:
        return "one_class", "error"
    if (fault := _along_another_axis(target, last)) is not None:
        return fault
    if target.loss in LOGITS:
        fault = _for_logits(target, last)
        if fault is None and several and target.loss == "cross_entropy":
            return "several_labels", "warning"
        return fault
    if target.loss == "nll":
        return _for_logarithms(target, last)
    exclusive = last.name == "softmax" and target.output_rows_sum_to_one
    if exclusive and several and target.loss in ("bce", *REGRESSION):
        return "exclusive_outputs", "error"
    if target.loss in PROBABILITIES:
        return _for_probabilities(target, last, several)
    return _for_regression(target, last) if target.loss in REGRESSION else None


def _along_another_axis(target: Target, last: Ending) -> Fault | None:
    if last.name not in SOFTMAX or (target.width or 0) < 2 or target.output_rows_sum_to_one:
        return None
    # Of batches of sequences that are flattened for the loss, it no longer shows which one it was.
    other = target.logarithms_along_another_axis or target.rows_of_no_logarithms > 0.5
    logs = other and target.rows_of_no_logarithms > 0.0 and target.output_largest <= ROUNDING
    wrong = logs if last.name == "log_softmax" else target.sums_along_another_axis
    compares = target.loss in ("nll", *PROBABILITIES, *REGRESSION)
    return ("wrong_axis", "error") if wrong and compares else None


def _for_logits(target: Target, last: Ending) -> Fault | None:
    several = (target.classes or target.width or 0) > 1
    if last.name == "softmax" or (target.output_rows_sum_to_one and several):
        return "probabilities_as_logits", "error"
    if last.name == "log_softmax":
        # The logarithm of its softmax is itself: cross entropy loses nothing but time.
        return "log_probabilities", "note" if target.loss == "cross_entropy" else "error"
    if last.name in ("sigmoid", "hard_sigmoid") and last.high <= 1.0:
        return "probabilities_as_logits", "error"
    stopped = target.output_smallest <= last.low or target.output_largest >= last.high
    bounded = (last.flat and stopped) or not _believes(target, last)
    return ("bounded_logits", "error") if bounded else None


def _believes(target: Target, last: Ending) -> bool:
    """Tell whether logits can give each class a high probability."""
    if target.loss == "bce_with_logits":
        edge = math.log(BELIEF / (1.0 - BELIEF))
        return last.low <= -edge and last.high >= edge
    others = max((target.classes or target.width or 2) - 1, 1)
    apart = math.exp(-min(last.high - last.low, 700.0))
    return 1.0 / (1.0 + others * apart) >= BELIEF


def _for_logarithms(target: Target, last: Ending) -> Fault | None:
    if target.output_largest > ROUNDING:
        return "not_log_probabilities", "error"
    several = (target.width or 0) > 1 and target.rows_of_no_logarithms > 0.5
    return ("not_log_probabilities", "error") if several else None


def _for_probabilities(target: Target, last: Ending, several: bool) -> Fault | None:
    if last.name == "log_softmax":
        return "log_probabilities", "error"
    low, high = target.output_smallest, target.output_largest
    if low < -ROUNDING or high > 1.0 + ROUNDING or last.is_unbounded:
        return "not_probabilities", "error"
    if target.loss == "one_sided":
        return "one_sided", "error"
    if target.loss == "log_loss" and several:
        return "several_labels", "warning"
    if target.loss == "log_loss" and not target.output_rows_sum_to_one:
        # Divided by their sum they are shares of one, if not as those of softmax.
        return "not_exclusive", "note" if target.normalised else "error"
    return None


def _for_regression(target: Target, last: Ending) -> Fault | None:
    low, high = last.low, last.high
    if target.smallest is None or target.largest is None or not target.known:
        return None
    width = high - low if math.isfinite(high - low) else target.largest - target.smallest
    over = max(low - target.smallest, target.largest - high)
    if over > OVERSHOOT * width:
        return "bounded_regression", "error"
    classes = target.whole and target.smallest == 0.0 and target.largest == 1.0
    alone = target.width == 1 or target.rows_of_several == 0.0
    if classes and alone and last.name in ("sigmoid", "softmax"):
        return "squared_probabilities", "note"
    return None


def _finding(target: Target, site: str, name: str, fault: Fault) -> Finding:
    evidence = {
        "loss": "log_loss" if target.loss == "one_sided" else target.loss,
        "last": name,
        "value": target.value,
        "smallest": math.nan if target.smallest is None else target.smallest,
        "largest": math.nan if target.largest is None else target.largest,
        "output_smallest": target.output_smallest,
        "output_largest": target.output_largest,
        "classes": target.classes or 0,
        "mean": target.mean,
        "deviation": target.deviation,
        "output_rms": target.output_rms,
    }
    cause, grade = fault
    return Finding("output_mismatch", site, grade, (), evidence, cause)
