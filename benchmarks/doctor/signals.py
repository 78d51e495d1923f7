"""What the published rules look at, of one batch: outputs of activations, gradients of weights."""

from __future__ import annotations

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
        Their names.
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
    """Run one batch forwards and backwards and keep what the rules need.

    The gradients that were there, and the buffers, are put back.
    """
    model = setup.model
    found = Signals([activation] * len(model.acts))

    def look(_: Any, args: Any, output: Tensor) -> None:
        found.inputs.append(args[0].detach())
        found.outputs.append(output.detach())

    handles = [act.register_forward_hook(look) for act in model.acts]
    buffers = {name: x.clone() for name, x in model.named_buffers()}
    kept = [p.grad for p in model.parameters()]
    for p in model.parameters():
        p.grad = None
    try:
        x, y = setup.probe(samples)
        loss = setup.loss_fn(model(x), y)
        found.loss = float(loss.detach())
        loss.backward()
    except (IndexError, RuntimeError):
        pass
    rate = float(setup.optimizer.param_groups[0]["lr"])
    for p, grad in zip(model.parameters(), kept, strict=True):
        if p.ndim > 1:
            found.weights.append(p.detach())
            found.gradients.append(torch.zeros_like(p) if p.grad is None else p.grad)
            found.updates.append(rate * found.gradients[-1])
        p.grad = grad
    for handle in handles:
        handle.remove()
    for name, x in model.named_buffers():
        x.copy_(buffers[name])
    found.acts = (found.acts * max(len(found.inputs), 1))[: len(found.inputs)]
    return found
