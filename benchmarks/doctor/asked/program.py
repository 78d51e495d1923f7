"""What a program is: a model, its data and its training, and what is wrong with it."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

Score = Callable[[Tensor, Tensor], float]

# Samples that a program is examined on: a batch of these, as a user would take.
PROBE = 256


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong.

    Attributes
    ----------
    kind : str
        What a finding of it is called; "a|b" where either names it.
    place : str
        A site, layer or cause that the finding names; "a|b" again, and "" where there is none.
    """

    kind: str
    place: str = ""


@dataclass
class Program:
    """A model with its data, and how it is trained.

    Attributes
    ----------
    model : nn.Module
    inputs, targets : Tensor
        To train on; samples lie along the first axis.
    loss_fn : callable
    optimizer : Optimizer or list of Optimizer
    score : callable
        Of outputs and targets: share of right answers, or of the variance explained.
    held_out : (Tensor, Tensor)
        Inputs and targets to score on.
    learnt : float
        Score from which on it has learnt.
    steps, batch : int
    schedule : callable, optional
        Of the number of a step: the share of the group's "initial_lr" that it is made at.
    clip : float, optional
        Largest norm of the gradient.
    broken : bool
        Whether its training ended early: something was raised, or the loss was no number.
    """

    model: nn.Module
    inputs: Tensor
    targets: Tensor
    loss_fn: Callable[..., Tensor]
    optimizer: Any
    score: Score
    held_out: tuple[Tensor, Tensor]
    learnt: float
    steps: int = 200
    batch: int = 64
    schedule: Callable[[int], float] | None = None
    clip: float | None = None
    broken: bool = False

    def probe(self) -> tuple[Tensor, Tensor]:
        """Give the batch that it is examined on."""
        return self.inputs[:PROBE], self.targets[:PROBE]

    @property
    def optimizers(self) -> list[torch.optim.Optimizer]:
        """The optimizers, however many there are."""
        return list(self.optimizer) if isinstance(self.optimizer, list) else [self.optimizer]


def trained(program: Program, seed: int = 0) -> Program:
    """Train a copy, to the step at which it raises or its loss leaves the numbers."""
    own = copy.deepcopy(program)
    generator = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        own.model.train()
        for step in range(own.steps):
            _at_rate(own, step)
            chosen = torch.randint(len(own.inputs), (own.batch,), generator=generator)
            if not _step(own, own.inputs[chosen], own.targets[chosen]):
                own.broken = True
                break
    return own


def _at_rate(own: Program, step: int) -> None:
    """Set the learning rates by the schedule."""
    for optimizer in own.optimizers if own.schedule is not None else []:
        for group in optimizer.param_groups:
            group["lr"] = group["initial_lr"] * own.schedule(step)


def _step(own: Program, inputs: Tensor, targets: Tensor) -> bool:
    """Make one step, and tell whether the training can go on."""
    try:
        loss = own.loss_fn(own.model(inputs), targets)
    except (IndexError, RuntimeError):
        return False
    for optimizer in own.optimizers:
        optimizer.zero_grad()
    if loss.requires_grad:
        loss.backward()
    if own.clip is not None:
        nn.utils.clip_grad_norm_(own.model.parameters(), own.clip)
    for optimizer in own.optimizers:
        optimizer.step()
    return math.isfinite(float(loss.detach()))


@torch.no_grad()
def scored(program: Program) -> float:
    """Score a program's model on what was held out; it is left in the mode for training."""
    if program.broken:
        return 0.0
    inputs, targets = program.held_out
    program.model.eval()
    outputs = program.model(inputs)
    program.model.train()
    return program.score(outputs, targets) if bool(torch.isfinite(outputs).all()) else 0.0


def right_class(outputs: Tensor, targets: Tensor) -> float:
    """Share of samples whose largest output, along axis 1, is the class."""
    return float((outputs.argmax(1) == targets).float().mean())


def right_side(outputs: Tensor, targets: Tensor) -> float:
    """Share of logits on the right side of 0."""
    return float(((outputs > 0.0) == (targets > 0.5)).float().mean())


def right_half(outputs: Tensor, targets: Tensor) -> float:
    """Share of probabilities on the right side of one half."""
    return float(((outputs > 0.5) == (targets > 0.5)).float().mean())


def explained(outputs: Tensor, targets: Tensor) -> float:
    """Share of the variance explained, at least 0."""
    error = (outputs.flatten() - targets.flatten()).square().mean() / targets.var()
    return max(0.0, 1.0 - float(error))
