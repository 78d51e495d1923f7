"""Makes a network of a shape from a seed, with healthy first weights."""

from __future__ import annotations

import math

import torch
from torch import nn

from doctor.networks import FAMILIES, Network, Recurrent, Shape
from nonlin.catalogue import get
from nonlin.propagation import first_weights


def build(shape: Shape, outputs: int, seed: int) -> Network:
    """Make a network; the same seed gives the same weights."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = FAMILIES[shape.family](shape, outputs)
        if shape.critical:
            _critical(model, shape)
    return model


@torch.no_grad()
def _critical(model: Network, shape: Shape) -> None:
    """Draw the weights of each place with the variance that its activation asks for."""
    variance = first_weights(get(shape.activation)).weight_variance
    if isinstance(model, Recurrent):
        # The input and the state make half of the pre-activation each.
        variance *= 0.5
        torch.nn.init.orthogonal_(model.again.weight, math.sqrt(variance))
    for layer in model.layers:
        fan_in = layer.weight[0].numel()
        layer.weight.normal_(0.0, math.sqrt(variance / fan_in))
        layer.bias.zero_()


def module(model: nn.Module, name: str) -> nn.Module:
    """Give a module by its name."""
    return model.get_submodule(name)
