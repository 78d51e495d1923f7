"""A loss beside that of guessing, where what it compares tells what guessing gives."""

from __future__ import annotations

import math

import numpy as np

from nonlin.torch.reading import Reading, Target

# Of the loss of guessing. First weights guess, or do worse: a sample of 64 with ten classes strays
# from ln 10 by 2 %.
WELL_BELOW = 0.75


def guess(target: Target | None) -> float:
    """Give the loss of the same probability for all classes; NaN where it is not known."""
    # Of a loss that is written out the factor is not known.
    if target is None or target.written_out:
        return math.nan
    if target.loss in ("cross_entropy", "nll"):
        # An average of nll is no loss where its inputs are no logarithms of probabilities.
        sound = target.loss == "cross_entropy" or target.output_largest <= 0.0
        several = target.classes is not None and target.classes > 1
        return math.log(target.classes or 1) if sound and several else math.nan
    low, high = target.smallest, target.largest
    sound = target.loss in ("bce", "bce_with_logits") and low is not None and high is not None
    return math.log(2.0) if sound and 0.0 <= (low or 0.0) <= (high or 0.0) <= 1.0 else math.nan


def over_guessing(target: Target | None) -> float:
    """Give the loss over that of the same answer for all, one probability or the mean; or NaN."""
    if target is None:
        return math.nan
    chance = guess(target)
    return 1.0 - target.explained if math.isnan(chance) else target.value / chance


def best_guess(target: Target) -> float:
    """Give the loss of the answer that is best for all: how often each class is, or the mean."""
    chance = guess(target)
    seen = np.array(target.classes_seen, dtype=float)
    if (
        target.loss in ("cross_entropy", "nll")
        and seen.sum()
        and (target.classes or 0) <= len(seen)
    ):
        shares = seen[seen > 0.0] / seen.sum()
        return float(-(shares * np.log(shares)).sum()) if math.isfinite(chance) else math.nan
    low = target.smallest is not None and math.isfinite(chance)
    if low and target.width == 1 and 0.0 < target.mean < 1.0:
        # Of binary targets, or of probabilities.
        shares = np.array([target.mean, 1.0 - target.mean])
        return float(-(shares * np.log(shares)).sum())
    if math.isfinite(chance):
        return chance
    left = 1.0 - target.explained
    return target.value / left if left else math.nan


def chance_loss(reading: Reading) -> float:
    """Give the loss of the answer that is best for all: as a trial found it, or as counts tell."""
    if reading.trial is not None and math.isfinite(reading.trial.constant):
        return reading.trial.constant
    return math.nan if reading.target is None else best_guess(reading.target)


def beats_guessing(target: Target | None) -> bool:
    """Tell whether a loss is well below that of guessing."""
    return over_guessing(target) < WELL_BELOW


def has_begun(reading: Reading) -> bool:
    """Tell whether a model is no longer at its first weights.

    It is not if steps were made, or if the outputs know of the targets.
    """
    return reading.begun or (reading.step or 0) > 0 or beats_guessing(reading.target)
