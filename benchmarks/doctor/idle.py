"""The truth about dead units: a look at all the data, with PyTorch alone."""

from __future__ import annotations

from typing import Any

import torch

from doctor.data import Data
from doctor.networks import Network


@torch.no_grad()
def idle_units(model: Network, data: Data, place: int) -> list[int]:
    """List the units of a place that are inactive on all the data there is, by looking at them."""
    seen: list[torch.Tensor] = []

    def look(_: Any, args: Any) -> None:
        z = args[0].detach().requires_grad_()
        with torch.enable_grad():
            (slope,) = torch.autograd.grad(model.acts[place].forward(z).sum(), z)
        axis = 1 if z.ndim == 4 else z.ndim - 1
        seen.append((slope != 0).transpose(0, axis).flatten(1).any(1))

    handle = model.acts[place].register_forward_pre_hook(look)
    training = model.training
    try:
        model(data.inputs) if training else model.train()(data.inputs)
    finally:
        handle.remove()
        model.train(training)
    active = torch.stack(seen).any(0)
    return [int(i) for i in torch.nonzero(~active)[:, 0]]
