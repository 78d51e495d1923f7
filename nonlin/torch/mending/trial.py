"""Tries a change: on a copy, examined again and trained for a few steps beside the original."""

from __future__ import annotations

import copy
import math
from dataclasses import replace

import torch

from nonlin.torch.exam import Case
from nonlin.torch.finding import Finding
from nonlin.torch.mending.modules import first_batch, run


def copied(case: Case) -> Case:
    """Copy the model and the optimizer, which keeps its state for the copy's parameters."""
    model, optimizer = copy.deepcopy((case.model, case.optimizer))
    return replace(case, model=model, optimizer=optimizer)


def examined(case: Case) -> tuple[Finding, ...]:
    """Examine a case."""
    from nonlin.torch.examination import examine

    found = examine(
        case.model, case.inputs, case.targets, case.loss_fn,
        optimizer=case.optimizer, activations=case.activations,
    )  # fmt: skip
    return found.findings


def trained(case: Case, steps: int) -> float:
    """Train a copy on its one batch and give the last loss; NaN if it cannot be trained.

    Without an optimizer it is Adam at PyTorch's own rate.
    """
    own = copied(case)
    optimizers = own.optimizers or (torch.optim.Adam(own.model.parameters()),)
    inputs, targets = first_batch(own)
    value = math.nan
    own.model.train()
    with torch.random.fork_rng(), torch.enable_grad():
        torch.manual_seed(0)
        for _ in range(steps + 1):
            try:
                made = run(own.model, inputs)
                loss = own.loss_fn(made) if targets is None else own.loss_fn(made, targets)
            except (RuntimeError, IndexError, ValueError):
                return math.nan
            value = float(loss.detach())
            if not (math.isfinite(value) and loss.requires_grad):
                break
            for optimizer in optimizers:
                optimizer.zero_grad()
            loss.backward()
            for optimizer in optimizers:
                optimizer.step()
    return value
