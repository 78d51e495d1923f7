"""What holds a model back on purpose: a decay of its weights, and units that are left out."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from typing import Any

from torch import nn
from torch.optim import Optimizer

from nonlin.torch.case import Case
from nonlin.torch.measuring.subject import unwrapped
from nonlin.torch.mending.change import Change

# A decay whose penalty, weight_decay / 2 |w|^2, is this share of the loss, or whose step is this
# share of the gradient's, is looked at; less of it is left. Digits, two layers of 64, SGD, momentum
# and Adam, each at its usual rate: a penalty of 0.3 of the loss costs no answer of 1,000 steps, as
# large as the loss 8 %, three times as large all. AdamW: a step of 0.2 costs none, of 0.7 5 %.
STRONG_PULL, MILD_PULL = 0.5, 0.05

# What trainings take at most: as a part of the gradient, and beside it.
USUAL_DECAY, USUAL_DECAY_BESIDE = 1e-2, 0.3

# Dropout from here on is looked at, and made this. Digits, as above: 0.6 costs 1 %, 0.8 3 %, 0.9
# 6 % and all; of four layers 0.7 costs half.
STRONG_DROPOUT, MILD_DROPOUT = 0.7, 0.2

# Optimizers whose decay is no part of the gradient.
BESIDE = ("adamw", "lion", "muon", "sgdw", "adafactor", "lamb")


def decay_pull(case: Case, scale: float, free: Collection[str] = ()) -> float:
    """Tell how strong weights are pulled to 0 beside what the loss can gain; 0 without a decay.

    Layers whose length is free, since a normalisation follows, lose nothing by a usual one; a large
    one takes the normalisation's own factor, too.
    """
    penalty, beside = 0.0, 0.0
    named = unwrapped(case.model)[0].named_parameters()
    left_out = {id(p) for name, p in named if name.removesuffix(".weight") in free}
    for optimizer in case.optimizers:
        for group in optimizer.param_groups:
            decay = float(group.get("weight_decay") or 0.0)
            weights = [
                p.detach()
                for p in group["params"]
                if p.ndim > 1 and (decay > USUAL_DECAY or id(p) not in left_out)
            ]
            if not (decay > 0.0 and weights):
                continue
            square = sum(float(w.double().square().sum()) for w in weights)
            if _is_beside(optimizer, group):
                # What Adam divides by makes each weight's step about 1.
                count = sum(w.numel() for w in weights)
                beside = max(beside, decay * math.sqrt(square / count))
            else:
                penalty += 0.5 * decay * square
    return max(beside, penalty / scale if scale > 0.0 else 0.0)


def has_large_decay(case: Case) -> bool:
    """Tell whether a group's decay is larger than usual, whatever it has left of the weights."""
    return any(
        float(group.get("weight_decay") or 0.0)
        > (USUAL_DECAY_BESIDE if _is_beside(optimizer, group) else USUAL_DECAY)
        for optimizer in case.optimizers
        for group in optimizer.param_groups
    )


def _is_beside(optimizer: Any, group: dict[str, Any]) -> bool:
    named = any(x in type(optimizer).__name__.lower() for x in BESIDE)
    return bool(group.get("decoupled_weight_decay", named))


def largest_decay(case: Case) -> float:
    """Give the largest decay of any group."""
    groups = (group for x in case.optimizers for group in x.param_groups)
    return max((float(group.get("weight_decay") or 0.0) for group in groups), default=0.0)


def less_decay(case: Case, pull: float) -> Change:
    """Lower every group's decay to a tenth, a hundredth, ..., until it pulls mildly."""
    times = 10.0 ** math.ceil(math.log10(pull / MILD_PULL))
    decay = float(f"{largest_decay(case) / times:.3g}")
    groups = "optimizer.param_groups" if isinstance(case.optimizer, Optimizer) else (
        "(group for each in optimizer for group in each.param_groups)"
    )  # fmt: skip
    code = (
        f"for group in {groups}:\n"
        f'    group["weight_decay"] = min(group.get("weight_decay", 0.0), {decay!r})'
    )
    return Change("lower_decay", code, {"decay": decay})


def largest_dropout(model: nn.Module) -> float:
    """Give the largest share of units that any module leaves out."""
    return max(_shares(model), default=0.0)


def _shares(model: nn.Module) -> Iterator[float]:
    for module in model.modules():
        if isinstance(module, nn.modules.dropout._DropoutNd):
            yield module.p
        elif isinstance(share := getattr(module, "dropout", None), float):
            # Attention and cells keep it as a number.
            yield share


def less_dropout(model: nn.Module) -> Change:
    """Let every module leave out no more units than is usual."""
    plain = [x for x in model.modules() if isinstance(x, nn.modules.dropout._DropoutNd)]
    code = []
    if any(x.p > MILD_DROPOUT for x in plain):
        code.append(
            "for module in model.modules():\n"
            "    if isinstance(module, nn.modules.dropout._DropoutNd):\n"
            f"        module.p = min(module.p, {MILD_DROPOUT!r})"
        )
    if any(
        isinstance(share := getattr(x, "dropout", None), float) and share > MILD_DROPOUT
        for x in model.modules()
    ):
        code.append(
            "for module in model.modules():\n"
            '    if isinstance(getattr(module, "dropout", None), float):\n'
            f"        module.dropout = min(module.dropout, {MILD_DROPOUT!r})"
        )
    return Change("lower_dropout", "\n".join(code), {"probability": MILD_DROPOUT})
