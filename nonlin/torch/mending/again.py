"""Examines a case once more, as it was examined."""

from __future__ import annotations

from nonlin.torch.case import Case
from nonlin.torch.exam import Exam
from nonlin.torch.examination import examine
from nonlin.torch.mending.trial import seed


def examined(case: Case, rates: bool = True) -> Exam:
    """Examine a case, with its learning rates or without."""
    seed()
    return examine(
        case.model, case.inputs, case.targets, case.loss_fn,
        optimizer=case.optimizer, activations=case.activations, trial=case.trial if rates else 0,
    )  # fmt: skip
