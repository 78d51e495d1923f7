"""Whether a model is no longer at its first weights."""

from __future__ import annotations

import math

from nonlin.torch.reading import Reading, Target

# Of the loss of guessing. First weights guess, or do worse: a sample of 64 with ten classes strays
# from ln 10 by 2 %.
WELL_BELOW = 0.75


def has_begun(reading: Reading) -> bool:
    """Tell whether steps were made, or the outputs know of the targets."""
    stepped = reading.begun or (reading.step or 0) > 0
    return stepped or beats_guessing(reading.target)


def beats_guessing(target: Target | None) -> bool:
    """Compare the loss with that of the same answer for all: one probability, or the mean."""
    return target is not None and over_guessing(target) < WELL_BELOW


def over_guessing(target: Target) -> float:
    """Give the loss over that of the same answer for all; NaN where that is not known."""
    if target.loss in ("cross_entropy", "nll"):
        # An average of nll is no loss where its inputs are no logarithms of probabilities.
        sound = target.loss == "cross_entropy" or target.output_largest <= 0.0
        classes = target.classes or 0
        return target.value / math.log(classes) if sound and classes > 1 else math.nan
    if target.loss in ("bce", "bce_with_logits"):
        low, high = target.smallest, target.largest
        sound = low is not None and high is not None and 0.0 <= low <= high <= 1.0
        return target.value / math.log(2.0) if sound else math.nan
    return 1.0 - target.explained
