"""One training of a trial: a copy of a model, its learning rates times a factor."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from nonlin.torch.case import Case
from nonlin.torch.measuring.batches import Batch
from nonlin.torch.measuring.measure import measure
from nonlin.torch.measuring.subject import unwrapped
from nonlin.torch.measuring.updates import rates_of
from nonlin.torch.mending import trial
from nonlin.torch.mending.copies import copied
from nonlin.torch.mending.modules import loss_of


class Rung:
    """A copy in training at one rate.

    Parameters
    ----------
    case : Case
    batches : sequence of Batch
        Gone through in turn.
    factor : float
        Of the rates; 0 for no step at all.
    """

    def __init__(self, case: Case, batches: Sequence[Batch], factor: float) -> None:
        self.case, self.factor = copied(case), factor
        self.losses: list[float] = []
        self._batches = batches
        self.case.model.train()
        for optimizer in self.case.optimizers:
            highest = [named for _, named in rates_of([optimizer])]
            for group, rate in zip(optimizer.param_groups, highest, strict=True):
                _set(group, factor * rate)

    def climb(self, steps: int) -> None:
        """Train until so many steps are made, or the loss is not finite."""
        with torch.set_grad_enabled(self.factor > 0.0):
            while len(self.losses) <= steps and all(map(math.isfinite, self.losses[-1:])):
                self._advance(len(self.losses))

    def _advance(self, place: int) -> None:
        """Make the step that the last loss asks for, and compute the next loss."""
        if place and self.factor > 0.0:
            for optimizer in self.case.optimizers:
                trial.step(optimizer, lambda: self._loss(place - 1))
        self.losses.append(float(self._loss(place).detach()))

    def _loss(self, place: int) -> Tensor:
        trial.seed(place)
        loss = loss_of(self.case, self._batches[place % len(self._batches)])
        if self.factor > 0.0:
            for optimizer in self.case.optimizers:
                optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
        return loss


def _set(group: dict[str, Any], rate: float) -> None:
    """Set a group's rate, which may be a tensor."""
    given = group["lr"]
    group["lr"] = given.new_tensor(rate) if isinstance(given, Tensor) else rate


def are_lost(case: Case) -> bool:
    """Tell whether a weight is not finite."""
    return not all(bool(x.isfinite().all()) for x in unwrapped(case.model)[0].parameters())


def renewed(case: Case) -> Case:
    """Copy a case with the first weights that PyTorch draws and optimizers that begin."""
    made = copied(case)
    trial.seed()
    for module in made.model.modules():
        if callable(reset := getattr(module, "reset_parameters", None)):
            reset()
    for optimizer in made.optimizers:
        optimizer.state.clear()
    return made


def ending(losses: Sequence[float]) -> float:
    """Average the last quarter of a training's losses; NaN where one of them is not finite."""
    last = losses[-max(len(losses) // 4, 1) :]
    return sum(last) / len(last) if math.isfinite(losses[-1]) else math.nan


def silent_share(case: Case, batch: Batch) -> float:
    """Tell which share of the units that can die is silent on a batch; NaN where none can."""
    inputs = batch.args or batch.kwargs
    try:
        found = measure(case.model, inputs, batch.targets, case.loss_fn)
    except Exception:  # whatever a model raises whose weights are not finite
        return math.nan
    active = [site.units.active_samples for site in found.sites if site.can_die]
    return float((np.concatenate(active) == 0).mean()) if active else math.nan
