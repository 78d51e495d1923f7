"""Whether a model has learnt something that new first weights would lose."""

from __future__ import annotations

import math

from nonlin.torch.case import Case
from nonlin.torch.exam import Exam
from nonlin.torch.findings.guessing import WELL_BELOW, beats_guessing
from nonlin.torch.measuring.batches import Batch
from nonlin.torch.measuring.isolation import devices
from nonlin.torch.measuring.keeping import random_states_kept
from nonlin.torch.mending.knowledge import with_others
from nonlin.torch.mending.modules import first_batch

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
