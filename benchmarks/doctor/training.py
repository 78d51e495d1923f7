"""Short trainings, the same batches in the same order for a model and its twin."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from doctor.data import Data

Loss = Callable[[Tensor, Tensor], Tensor]
BATCH = 64


@dataclass(frozen=True)
class Outcome:
    """How a training went.

    Attributes
    ----------
    score : float
        Share of right answers on the validation part; for a regression the share of the
        variance that is explained. 0 if the loss stopped being a number.
    loss : float
        The mean over the last tenth of the steps.
    """

    score: float
    loss: float


def train(model: nn.Module, optimizer: torch.optim.Optimizer, data: Data, loss_fn: Loss,
          steps: int, seed: int) -> Outcome:  # fmt: skip
    """Train in place for a number of steps."""
    part, rest = data.split()
    generator = torch.Generator().manual_seed(seed)
    losses: list[float] = []
    model.train()
    for _ in range(steps):
        chosen = torch.randint(len(part.inputs), (BATCH,), generator=generator)
        try:
            loss = loss_fn(model(part.inputs[chosen]), part.targets[chosen])
        except (IndexError, RuntimeError):
            return Outcome(0.0, math.nan)
        optimizer.zero_grad()
        if loss.requires_grad:
            loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
        if not math.isfinite(losses[-1]):
            return Outcome(0.0, math.nan)
    tail = losses[-max(steps // 10, 1) :]
    return Outcome(score(model, rest), sum(tail) / len(tail))


@torch.no_grad()
def score(model: nn.Module, data: Data) -> float:
    """Score a model on data; its mode afterwards is that for training."""
    model.eval()
    outputs = model(data.inputs)
    model.train()
    if not torch.isfinite(outputs).all():
        return 0.0
    if data.binary:
        return float(((outputs > 0.0) == (data.targets > 0.5)).float().mean())
    if data.targets.dtype == torch.int64:
        return float((outputs.argmax(1) == data.targets).float().mean())
    error = (outputs - data.targets).square().mean() / data.targets.var()
    return max(0.0, 1.0 - float(error))
