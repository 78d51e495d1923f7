"""Whether a model has learnt something that new first weights would lose, whatever its loss."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from nonlin.torch.case import Case
from nonlin.torch.exam import Exam
from nonlin.torch.findings.guessing import WELL_BELOW, beats_guessing
from nonlin.torch.measuring.batches import Batch
from nonlin.torch.measuring.batches import copied as fresh
from nonlin.torch.measuring.isolation import devices, random_states_kept
from nonlin.torch.mending.modules import compared, first_batch, run

# So many orders of the targets make the loss that outputs have which tell nothing.
ORDERINGS = 8


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
        found = [with_others(case, batch, ORDERINGS) for batch in batches]
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


# The chance that outputs which tell nothing fit their targets better than all of these orders do is
# 1 in 40.
ORDERS = 39


def has_learnt(exam: Exam, case: Case) -> bool:
    """Tell whether a model was trained.

    It was if a step was made, if the optimizer remembers one, if a weight is frozen, which is done
    with what was learnt elsewhere, or if the loss is well below what guessing gives.

    Parameters
    ----------
    exam : Exam
    case : Case
        A copy of the exam's, whose model may be run.
    """
    return (
        bool(exam.reading.step)
        or exam.reading.begun
        or any(not p.requires_grad and p.ndim > 1 for p in case.model.parameters())
        or beats_guessing(exam.reading.target)
        or _knows_its_targets(case)
    )


def _knows_its_targets(case: Case) -> bool:
    """Compare the loss with that of the same outputs beside other samples' targets.

    Outputs of first weights fit their own targets no better than others, whatever the loss is.
    """
    own, others = _beside_others(case, first_batch(case))
    usual = sum(others) / max(len(others), 1)
    return bool(others) and 0.0 <= own < min(others) and own < WELL_BELOW * usual


def guess(case: Case, batch: Batch) -> float:
    """Give the loss that a model's outputs have beside other samples' targets, on average.

    Parameters
    ----------
    case : Case
        A copy, whose model may be run.
    batch : Batch

    Returns
    -------
    float
        NaN where there are no targets, or one sample alone.
    """
    _, others = _beside_others(case, batch)
    return sum(others) / len(others) if others else math.nan


def _beside_others(case: Case, batch: Batch) -> tuple[float, list[float]]:
    """Compute the loss beside the own targets, and beside each of some orders of them."""
    try:
        with random_states_kept(devices(case.model)):
            return with_others(case, batch, ORDERS)
    except Exception:  # whatever a loss that cannot be called so raises: nothing is known
        return math.nan, []
