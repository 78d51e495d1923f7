"""Plants what is wrong with the calls, the inputs, the outputs and the numbers."""

from __future__ import annotations

from dataclasses import replace

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from doctor.networks import activation
from doctor.setup import Case, Fault, Setup, Truth


def inputs(setup: Setup, case: Case, fault: Fault) -> None:
    """Scale, shift or stretch the inputs."""
    x = setup.data.inputs
    if fault.variant == "uneven":
        powers = torch.linspace(-fault.size, fault.size, x.shape[1])
        order = torch.randperm(len(powers), generator=torch.Generator().manual_seed(case.number))
        x = x * 10.0 ** powers[order]
    else:
        x = x + fault.size if fault.variant == "offset" else x * fault.size
    setup.data = replace(setup.data, inputs=x)
    setup.truths.append(Truth(fault.kind, {"inputs"}, {fault.kind}))


def no_activation(setup: Setup, case: Case, fault: Fault) -> None:
    """Take away the activation at one place, or all of them if `size` is 0."""
    acts = setup.model.acts
    places = range(len(acts)) if fault.size == 0 else [fault.place]
    for i in places:
        acts[i] = nn.Identity()
    names = {f"layers.{i + d}" for i in places for d in (0, 1)} | {"out"}
    setup.truths.append(Truth(fault.kind, names, {fault.kind}))


def doubled(setup: Setup, case: Case, fault: Fault) -> None:
    """Apply an activation to the result of another, at one place or, if `size` is 0, at all."""
    acts = setup.model.acts
    places = range(len(acts)) if fault.size == 0 else [fault.place]
    for i in places:
        acts[i] = nn.Sequential(acts[i], activation(case.shape, fault.variant))
    names = {f"{part}.{i}{end}" for i in places for part in ("layers", "acts")
             for end in ("", ".0", ".1")}  # fmt: skip
    setup.truths.append(Truth(fault.kind, names, {fault.kind}))


def outputs(setup: Setup, case: Case, fault: Fault) -> None:
    """Put what the loss does not expect behind the last layer."""
    made = {
        "softmax": nn.Softmax(-1),
        "sigmoid": nn.Sigmoid(),
        "relu": nn.ReLU(),
        "tanh": nn.Tanh(),
    }
    setup.model.last = made[fault.variant]
    setup.truths.append(Truth(fault.kind, {"last", "softmax", "out"}, {fault.kind}))


def labels(setup: Setup, case: Case, fault: Fault) -> None:
    """Count the labels from 1, or call them -1 and 1, as the loss does not."""
    y = setup.data.targets
    setup.data = replace(setup.data, targets=2 * y - 1 if setup.data.binary else y + 1)
    setup.truths.append(Truth(fault.kind, {"loss"}, {fault.kind}))


def raw_nll(setup: Setup, case: Case, fault: Fault) -> None:
    """Use the loss for log-probabilities on logits."""
    setup.loss_fn = F.nll_loss
    setup.truths.append(Truth(fault.kind, {"loss", "out"}, {fault.kind}))


class Broken(nn.Module):
    """An operation that leaves the numbers: a logarithm, a root, a quotient, an exponential."""

    def __init__(self, operation: str) -> None:
        super().__init__()
        self.operation = operation

    def forward(self, x: Tensor) -> Tensor:
        if self.operation == "log":
            return torch.log(x - 1e3)
        if self.operation == "sqrt":
            return torch.sqrt(x - 1e3)
        if self.operation == "div":
            return torch.div(x, torch.zeros_like(x))
        return torch.exp(x.abs() * 1e4 + 1e3)


def operation(setup: Setup, case: Case, fault: Fault) -> None:
    """Put such an operation behind one activation."""
    acts = setup.model.acts
    acts[fault.place] = nn.Sequential(acts[fault.place], Broken(fault.variant))
    names = {fault.variant, f"layers.{fault.place}", f"acts.{fault.place}.1"}
    setup.truths.append(Truth(fault.kind, names, {fault.kind}))


@torch.no_grad()
def numbers(setup: Setup, case: Case, fault: Fault) -> None:
    """Put a NaN into one weight or one input, or make a layer's weights overflow."""
    if fault.variant == "input":
        x = setup.data.inputs.clone()
        x[3, 5] = float("nan")
        setup.data = replace(setup.data, inputs=x)
        setup.truths.append(Truth(fault.kind, {"input", "inputs"}, {fault.kind}))
        return
    weight = setup.model.layers[fault.place].weight
    if fault.variant == "weight":
        weight.view(-1)[7] = float("nan")
    else:
        weight.mul_(1e38)
    names = {f"layers.{fault.place}", f"acts.{fault.place}"}
    setup.truths.append(Truth(fault.kind, names, {fault.kind, "bad_initialization"}))
