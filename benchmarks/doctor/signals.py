"""What the published rules look at, of one batch: outputs of activations, gradients of weights."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from doctor.setup import Setup


@dataclass
class Signals:
    """One batch's.

    Attributes
    ----------
    inputs, outputs : list of Tensor
        Of each activation.
    acts : list of str
        Which function each is.
    gradients : list of Tensor
        Of the weights with two or more axes, in the model's order; 0 where none came.
    weights, updates : list of Tensor
        Those weights, and by what the learning rate times the gradient moves them.
    loss : float
    """

    acts: list[str]
    inputs: list[Tensor] = field(default_factory=list)
    outputs: list[Tensor] = field(default_factory=list)
    gradients: list[Tensor] = field(default_factory=list)
    weights: list[Tensor] = field(default_factory=list)
    updates: list[Tensor] = field(default_factory=list)
    loss: float = float("nan")


def signals(setup: Setup, activation: str, samples: int) -> Signals:
    """Run one batch forwards and backwards through a copy and keep what the rules need."""
    found = Signals([])

    def look(_: Any, args: Any, output: Tensor) -> None:
        found.acts.append(activation)
        found.inputs.append(args[0].detach())
        found.outputs.append(output.detach())

    handles = [act.register_forward_hook(look) for act in setup.model.acts]
    setup.optimizer.zero_grad()
    x, y = setup.probe(samples)
    # A loss that refuses its targets, or a graph that is cut, leaves gradients of 0.
    with contextlib.suppress(IndexError, RuntimeError):
        loss = setup.loss_fn(setup.model(x), y)
        found.loss = float(loss.detach())
        loss.backward()
    for handle in handles:
        handle.remove()
    _weights(setup, found)
    return found


def _weights(setup: Setup, found: Signals) -> None:
    rate = float(setup.optimizer.param_groups[0]["lr"])
    for p in setup.model.parameters():
        if p.ndim > 1:
            found.weights.append(p.detach())
            found.gradients.append(torch.zeros_like(p) if p.grad is None else p.grad)
            found.updates.append(rate * found.gradients[-1])
