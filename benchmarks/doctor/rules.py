"""The published rules of three tools, from their papers, manuals and code.

AUTOTRAINER (Zhang et al., ICSE 2021; thresholds as in its code): vanishing if the first layer's
gradient norm is below 1e-3 of the last one's and below 1e-4; exploding above 70 times it, or if
something is NaN; dying ReLU if 70 % of all gradient elements are 0. It speaks up only while the
accuracy stays below 0.7.

SageMaker Debugger (its manual): VanishingGradient, mean |g| of a layer below 1e-7; ExplodingTensor,
a value that is not finite; DeadRelu, more than half of a layer's units active on less than 1 % of
the batch; SaturatedActivation, the same for units within +-9.4999 (tanh) or -23 to 16.99999
(sigmoid); WeightUpdateRatio below 1e-8 or above 10.

DeepDiagnosis (Wardat et al., ICSE 2022; thresholds as in its code): a dead layer, 70 % of its
outputs at or below 0 (ReLU); a saturated one, more than half of its inputs beyond +-5 (tanh,
sigmoid); vanishing, mean |g| of a layer below 1e-7; a value that is not finite.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from doctor.signals import Signals

LIMITS = {"tanh": (-9.4999, 9.4999), "sigmoid": (-23.0, 16.99999)}
ACCURACY = 0.7


def autotrainer(found: Signals, score: float) -> set[str]:
    """Apply AUTOTRAINER's rules for gradients to one batch, and the score that training reaches."""
    kinds: set[str] = set()
    norms = [float(g.norm()) for g in found.gradients]
    if not all(map(math.isfinite, [*norms, found.loss])):
        return {"exploding_gradients", "non_finite"}
    if score >= ACCURACY:
        return kinds
    ratio = norms[0] / norms[-1] if norms[-1] else math.nan
    zeros = sum(int((g == 0).sum()) for g in found.gradients)
    if zeros >= 0.7 * sum(g.numel() for g in found.gradients):
        kinds.add("dead_units")
    if ratio > 70.0:
        kinds.add("exploding_gradients")
    if ratio < 1e-3 and norms[0] < 1e-4:
        kinds.add("vanishing_gradients")
    return kinds


def sagemaker(found: Signals, score: float) -> set[str]:
    """Apply the debugger's rules to one batch."""
    kinds = _vanished(found)
    if not _finite(found):
        kinds.add("non_finite")
    for act, z, y in zip(found.acts, found.inputs, found.outputs, strict=True):
        if act == "relu" and _idle(y > 0) > 0.5:
            kinds.add("dead_units")
        if act in LIMITS:
            low, high = LIMITS[act]
            if _idle((z > low) & (z < high)) > 0.5:
                kinds.add("saturated_units")
    for weight, update in zip(found.weights, found.updates, strict=True):
        ratio = float(update.norm() / weight.norm())
        if ratio < 1e-8 or ratio > 10.0:
            kinds.add("stuck_layer" if ratio < 1.0 else "exploding_gradients")
    return kinds


def deepdiagnosis(found: Signals, score: float) -> set[str]:
    """Apply DeepDiagnosis' rules to one batch."""
    kinds = _vanished(found)
    if not _finite(found):
        kinds.add("non_finite")
    for act, z, y in zip(found.acts, found.inputs, found.outputs, strict=True):
        if act == "relu" and float((y <= 0).float().mean()) >= 0.7:
            kinds.add("dead_units")
        if act in LIMITS and float((z.abs() >= 5.0).float().mean()) > 0.5:
            kinds.add("saturated_units")
    return kinds


RULES: dict[str, Callable[[Signals, float], set[str]]] = {
    "AUTOTRAINER": autotrainer,
    "SageMaker Debugger": sagemaker,
    "DeepDiagnosis": deepdiagnosis,
}


def _vanished(found: Signals) -> set[str]:
    small = any(float(g.abs().mean()) < 1e-7 for g in found.gradients)
    return {"vanishing_gradients"} if small else set()


def _finite(found: Signals) -> bool:
    tensors = [*found.outputs, *found.gradients, *found.weights]
    return math.isfinite(found.loss) and all(bool(x.isfinite().all()) for x in tensors)


def _idle(active: Tensor) -> float:
    """Give the share of units that are active on less than 1 % of the batch."""
    axis = 1 if active.ndim == 4 else active.ndim - 1
    shares = active.transpose(0, axis).flatten(1).float().mean(1)
    return float((shares < 0.01).float().mean()) if shares.numel() else torch.nan
