"""Plants weights that are too small or too large, and layers that the optimizer does not move."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from doctor.setup import Case, Fault, Setup, Truth, optimizer_for


@torch.no_grad()
def every_layer(setup: Setup, case: Case, fault: Fault) -> None:
    """Give all layers, or a cell's recurrent one, weights whose variance is `size` / fan_in."""
    model = setup.model
    for layer in [*model.layers, *([model.again] if hasattr(model, "again") else [])]:
        layer.weight.normal_(0.0, math.sqrt(fault.size / layer.weight[0].numel()))
    setup.truths.append(Truth(fault.kind, set(), {fault.kind, "bad_initialization"}))


@torch.no_grad()
def as_made(setup: Setup, case: Case, fault: Fault) -> None:
    """Leave PyTorch's first weights: for this depth and activation they are the fault."""
    setup.truths.append(Truth(fault.kind, set(), {fault.kind, "bad_initialization"}))


@torch.no_grad()
def one_layer(setup: Setup, case: Case, fault: Fault) -> None:
    """Give one layer weights with the standard deviation `size`; 0 makes them all equal."""
    weight = setup.model.layers[fault.place].weight
    if fault.size:
        weight.normal_(0.0, fault.size)
    else:
        weight.fill_(1.0 / weight[0].numel())
    setup.truths.append(Truth(fault.kind, _names(fault), {fault.kind}))


def forgotten(setup: Setup, case: Case, fault: Fault) -> None:
    """Leave one layer out of the optimizer."""
    layer = setup.model.layers[fault.place]
    own = {id(x) for x in layer.parameters()}
    rest = [x for x in setup.model.parameters() if id(x) not in own]
    setup.optimizer = optimizer_for(case, rest)
    setup.truths.append(Truth(fault.kind, _names(fault), {fault.kind}))


def slow(setup: Setup, case: Case, fault: Fault) -> None:
    """Give the whole model a learning rate that moves nothing."""
    for group in setup.optimizer.param_groups:
        group["lr"] = fault.size
    setup.truths.append(Truth(fault.kind, set(), {fault.kind}))


class Cut(nn.Module):
    """Passes values on and no gradient."""

    def forward(self, x: Tensor) -> Tensor:
        return x.detach()


def cut(setup: Setup, case: Case, fault: Fault) -> None:
    """Detach the signal behind one place: what lies before it gets no gradient."""
    acts = setup.model.acts
    acts[fault.place] = nn.Sequential(acts[fault.place], Cut())
    names = {f"{part}.{i}" for i in range(fault.place + 1) for part in ("layers", "acts")}
    setup.truths.append(Truth(fault.kind, names | {f"acts.{fault.place}.0"}, {fault.kind}))


def _names(fault: Fault) -> set[str]:
    return {f"layers.{fault.place}", f"acts.{fault.place}"}
