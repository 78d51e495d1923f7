"""Targets that the loss is not made for, or that the outputs are far from at the start."""

from __future__ import annotations

import math
from collections.abc import Iterator

from nonlin.torch.finding import Severity
from nonlin.torch.findings.guessing import has_begun
from nonlin.torch.reading import Reading, Target

Fault = tuple[str, Severity]

REGRESSION = ("mse", "l1_loss", "smooth_l1_loss", "huber_loss")

DISTANCES = ("targets_large", "targets_offset", "targets_small")

# Of rows that do not sum to 1 though the numbers, grouped anew, do: no such row is one by chance.
REGROUPED = 0.05

# What rounding leaves of a probability.
ROUNDING = 1e-3

# The chance that all labels of a probe are alike where nine in ten of all labels are is 0.9 to the
# number of samples: 1e-6 from 132 samples on.
COMMON = 0.9
CHANCE = 1e-6

# Root mean square of the targets over that of the outputs, or over 1. A network of two hidden
# layers of 64 ReLUs, 512 samples, 500 steps of Adam at 1e-3 explains 99.8 % of the variance of the
# targets at 1, 87 % at 100, 73 % at 1,000 and 26 % at 10,000; SGD at 0.01 with momentum is lost at
# 30. Returns of a game reach 300.
FAR_WARNING = 500.0
FAR_ERROR = 1e4

# Mean of the targets over their deviation. The same network explains 99.8 % at 0, 24 % at 10, and
# predicts worse than the mean at 30 and beyond. A mean near the outputs is found soon enough.
OFFSET = 20.0
OFFSET_FROM = 10.0

# Deviation of the targets over the outputs': 88 % at 0.05, worse than the mean at 0.005.
NEAR = 5e-3

# Labels of classes are as frequent as that, over the mean; counts are less even.
EVEN = 0.25


def faults(target: Target, reading: Reading) -> Iterator[Fault]:
    """Go through what is wrong with the targets, or with how they are compared."""
    if target.crossed:
        yield "crossed", "error"
    if target.order:
        yield "order", "error"
    if target.ahead:
        yield "future", "error"
    if target.regrouped and target.rows_of_several > REGROUPED:
        yield "regrouped", "error"
    if not target.known:
        return
    if _are_labels(target) and not target.written_out and (fault := _outside(target)):
        yield fault
    if target.loss in ("bce", "bce_with_logits") and _beyond_one(target):
        yield "probabilities", "error"
    if target.turned and target.smallest != target.largest:
        yield "turned", "error"
    if target.unstable:
        yield "unstable", "note"
    alike = target.smallest is not None and target.smallest == target.largest
    # A loss that compares a pair with others has labels of its own, all 0.
    if _are_labels(target) and target.given and alike:
        yield "one_label", "warning" if COMMON**reading.samples < CHANCE else "note"
    if target.loss in REGRESSION:
        yield from _amounts(target, reading)


def _are_labels(target: Target) -> bool:
    return target.loss in ("cross_entropy", "nll", "log_loss") and (target.classes or 0) > 1


def _outside(target: Target) -> Fault | None:
    low, high, classes = target.smallest, target.largest, target.classes
    if low is None or high is None or classes is None:
        return None
    return ("labels", "error") if low < 0 or high >= classes else None


def _beyond_one(target: Target) -> bool:
    low, high = target.smallest, target.largest
    return low is not None and high is not None and (low < -ROUNDING or high > 1.0 + ROUNDING)


def _amounts(target: Target, reading: Reading) -> Iterator[Fault]:
    """Compare the size of amounts with what outputs have at first weights: about 1, or less.

    Inputs out of scale make outputs so many times as large, which hides targets that are, too.
    """
    scale = 1.0 if has_begun(reading) else max(_scale(reading), 1.0)
    fault = _distance(target, max(target.output_rms / scale, 1.0))
    if fault is not None:
        yield fault
    elif (grade := _as_labels(target)) is not None:
        yield "labels_as_amounts", grade


def _scale(reading: Reading) -> float:
    """Give the length of what comes into the first layers, as a root mean square."""
    lengths = [x.input_length for x in reading.layers if x.first]
    return math.sqrt(min((x for x in lengths if math.isfinite(x)), default=1.0))


def _distance(target: Target, reach: float) -> Fault | None:
    mean, deviation = abs(target.mean), target.deviation
    rms = (mean**2 + deviation**2) ** 0.5
    if mean > OFFSET * deviation > 0.0 and mean > OFFSET_FROM * reach:
        return "targets_offset", "error" if rms > FAR_ERROR * reach else "warning"
    if rms > FAR_WARNING * reach:
        return "targets_large", "error" if rms > FAR_ERROR * reach else "warning"
    if 0.0 < deviation < NEAR * target.output_rms and rms < target.output_rms:
        return "targets_small", "warning"
    return None


def _as_labels(target: Target) -> Severity | None:
    """Tell whether one output is compared with labels of three or more classes.

    Whole numbers from 0 on without a gap may be ranks, too; as integers, and about as frequent as
    one another, they are labels.
    """
    counts, high = target.classes_seen, target.largest
    if not (target.whole and target.width == 1 and target.smallest == 0.0 and high is not None):
        return None
    if not 2 <= high < len(counts):
        return None
    seen = counts[: int(high) + 1]
    if 0 in seen:
        return None
    even = min(seen) >= EVEN * sum(seen) / len(seen)
    return "warning" if target.integer and even else "note"
