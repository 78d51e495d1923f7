"""What outputs tell of their targets, whatever the loss is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from nonlin.torch.case import Case
from nonlin.torch.measuring.batches import Batch
from nonlin.torch.measuring.batches import copied as fresh
from nonlin.torch.mending.modules import compared, run

# So many orders of the targets make the loss that outputs have which tell nothing.
ORDERS = 8


def with_others(case: Case, batch: Batch, orders: int) -> tuple[float, list[float]]:
    """Compute a loss, and those of the same outputs beside other samples' targets.

    Raises
    ------
    Exception
        Whatever a model or a loss that cannot be called raises.
    """
    size = batch.size
    if batch.targets is None or size is None or size < 2:
        return math.nan, []
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        outputs = run(case.model, batch._replace(args=fresh(batch.args)))
        own = float(compared(case, outputs, batch.targets))
        others = [
            float(compared(case, outputs, _reordered(batch.targets, order)))
            for order in (torch.randperm(size, generator=generator) for _ in range(orders))
        ]
    return own, others


def untold(case: Case, batches: Sequence[Batch]) -> float:
    """Give the share of the loss that is left by what outputs tell of their own targets.

    It is 1 for outputs that tell nothing, as a constant, and 0 for what fits. NaN where that is no
    share: losses below 0, or without targets.
    """
    try:
        found = [with_others(case, batch, ORDERS) for batch in batches]
    except Exception:  # whatever a loss that cannot be called so raises
        return math.nan
    own = sum(x for x, _ in found)
    usual = sum(sum(others) / len(others) if others else math.nan for _, others in found)
    if not (math.isfinite(own) and math.isfinite(usual)) or own < 0.0 or usual <= 0.0:
        return math.nan
    return own / usual


def _reordered(targets: Any, order: Tensor) -> Any:
    if isinstance(targets, Tensor):
        same = targets.ndim and len(targets) == len(order)
        return targets[order.to(targets.device)] if same else targets
    if isinstance(targets, tuple | list):
        return type(targets)(_reordered(x, order) for x in targets)
    if isinstance(targets, Mapping):
        return {key: _reordered(x, order) for key, x in targets.items()}
    return targets
