"""Tries a change: on a copy, examined again and trained for a few steps beside the original."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from nonlin.torch.exam import Case
from nonlin.torch.finding import Finding
from nonlin.torch.measuring.batches import Batch
from nonlin.torch.measuring.batches import copied as fresh
from nonlin.torch.mending.modules import run

# How much worse than without a change a trial may end: a share of the loss, or of what the loss
# fell by. After 30 steps, the same first weights drawn twelve times differ by a standard deviation
# of 2 % of the loss, or 7 % of its fall (medians over 32 trainings: four functions, two depths,
# Adam and SGD, 64 and 256 digits); a loss at guessing, which does not fall, bears two of them.
APART, APART_OF_FALL = 0.05, 0.1

# New weights start above guessing, where a model that does not learn stays. One whose loss falls
# faster than without the change is trained on, so many times as long, before it is called worse.
LONGER = 4


def examined(case: Case, rates: bool) -> tuple[Finding, ...]:
    """Examine a case, with its learning rates or without."""
    from nonlin.torch.examination import examine

    seed()
    found = examine(
        case.model, case.inputs, case.targets, case.loss_fn,
        optimizer=case.optimizer, activations=case.activations, trial=case.trial if rates else 0,
    )  # fmt: skip
    return found.findings


def seed(number: int = 0) -> None:
    """Let every trial draw the same; who calls puts the states of the generators back."""
    torch.manual_seed(number)
    random.seed(number)
    np.random.seed(number)  # noqa: NPY002 - the global one is what a model may use


def batch_of(case: Case, given: Batch, before: Case) -> Batch:
    """Take the batch of a trial, with the targets of a case that has others."""
    return given if case.targets is before.targets else given._replace(targets=case.targets)


def loss_of(case: Case, batch: Batch) -> Tensor:
    """Compute the loss of a batch."""
    outputs = run(case.model, batch._replace(args=fresh(batch.args), kwargs=fresh(batch.kwargs)))
    loss = case.loss_fn(outputs) if batch.targets is None else case.loss_fn(outputs, batch.targets)
    assert isinstance(loss, Tensor)
    return loss


class Training:
    """A copy of a model in training on one batch, with the loss after each step.

    Parameters
    ----------
    case : Case
        A copy. Without an optimizer it is Adam at PyTorch's own rate.
    batch : Batch
    """

    def __init__(self, case: Case, batch: Batch) -> None:
        self.case, self.batch = case, batch
        self.losses: list[float] = []
        self._optimizers = list(case.optimizers)
        self._stopped = False

    @property
    def steps(self) -> int:
        """How many steps were made."""
        return max(len(self.losses) - 1, 0)

    def loss(self, steps: int) -> float:
        """Train until so many steps are made, and give the loss; NaN if it cannot be trained."""
        if not self.losses:
            self.case.model.train()
            trained = [p for p in self.case.model.parameters() if p.requires_grad]
            self._optimizers = self._optimizers or [torch.optim.Adam(trained)]
        seed(len(self.losses))
        with torch.enable_grad():
            while self.steps < steps or not self.losses:
                self._advance()
        return self.losses[steps]

    def fall(self, steps: int) -> float:
        """Give what the loss fell by in the first steps."""
        return self.losses[0] - self.losses[steps]

    def _advance(self) -> None:
        """Make the step that the last loss asks for, and compute the loss behind it."""
        try:
            for optimizer in self._optimizers if self.losses and not self._stopped else ():
                step(optimizer, self._backward)
            value = math.nan if self._stopped else float(self._backward().detach())
        except Exception:  # whatever a model that cannot be trained raises
            value = math.nan
        self._stopped = not math.isfinite(value)
        self.losses.append(value)

    def _backward(self) -> Tensor:
        for optimizer in self._optimizers:
            optimizer.zero_grad()
        loss = loss_of(self.case, self.batch)
        loss.backward()  # type: ignore[no-untyped-call]
        return loss


def step(optimizer: Any, closure: Callable[[], Tensor]) -> None:
    """Let an optimizer make a step; one that computes the loss itself is given how."""
    try:
        optimizer.step()
    except (TypeError, AssertionError):
        # As LBFGS.
        optimizer.step(closure)


def measured(case: Case, batch: Batch) -> float:
    """Compute a loss as a number; NaN if it cannot be."""
    try:
        with torch.no_grad():
            seed()
            return float(loss_of(case, batch))
    except Exception:  # whatever a model that cannot be run raises
        return math.nan


def is_worse(own: Training, without: float, after: float, steps: int) -> bool:
    """Tell whether a trial ends worse than the model does without the change.

    Parameters
    ----------
    own : Training
        Without it.
    without, after : float
        The losses after so many steps.
    steps : int
    """
    if not math.isfinite(without):
        return False
    fall = own.fall(steps)
    allowed = max(APART * abs(without), APART_OF_FALL * fall if math.isfinite(fall) else 0.0)
    return not after <= without + allowed


def beside(own: Training, given: Case, changed: Case, steps: int) -> tuple[int, float, float, bool]:
    """Train a changed copy as long as the one without the change, and compare their losses.

    Where the loss or the targets are changed, both are measured by the changed ones.

    Parameters
    ----------
    own : Training
        Without it.
    given, changed : Case
        As it was given, and the copy with the change.
    steps : int

    Returns
    -------
    (int, float, float, bool)
        The steps, the losses without and with the change, and whether it is worse.
    """
    batch = batch_of(changed, own.batch, given)
    trial = Training(changed, batch)
    if changed.loss_fn is not given.loss_fn or batch is not own.batch:
        own.loss(steps)
        judge = replace(own.case, loss_fn=changed.loss_fn)
        without, after = measured(judge, batch), trial.loss(own.steps)
        return own.steps, without, after, is_worse(own, without, after, own.steps)
    for made in (steps, LONGER * steps):
        without, after = own.loss(made), trial.loss(made)
        worse = is_worse(own, without, after, made)
        if not (worse and trial.fall(made) > own.fall(made)):
            break
    return made, without, after, worse
