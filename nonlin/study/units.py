"""What single units do on a whole data set: which are dead, how often they are exactly zero."""

from __future__ import annotations

import torch
from torch import Tensor

from nonlin.study.data import Part
from nonlin.study.networks import Ensemble, Function
from nonlin.study.training import repeat


def zero_derivative(activation: Function, z: Tensor) -> Tensor:
    """Where phi'(z), as the dtype computes it, is exactly zero: bool, of z's shape."""
    z = z.detach().requires_grad_()
    (derivative,) = torch.autograd.grad(activation(z).sum(), z)
    return derivative == 0


@torch.no_grad()
def hidden_pre_activations(ensemble: Ensemble, part: Part) -> list[Tensor]:
    """z of every hidden layer on a whole part: a list of (members, samples, units)."""
    variants = ensemble.members // part.y.shape[0]
    return ensemble.pre_activations(repeat(part.x, variants))[:-1]


def dead(ensemble: Ensemble, part: Part) -> Tensor:
    """Units whose derivative is zero on all samples, bool (members, layers, units), equal widths.

    A unit with a pre-activation that is not finite is not dead but diverged.
    """
    layers = []
    for z in hidden_pre_activations(ensemble, part):
        still = zero_derivative(ensemble.activation, z).all(1)
        layers.append(still & z.isfinite().all(1))
    return torch.stack(layers, dim=1)


def highest(ensemble: Ensemble, part: Part) -> Tensor:
    """The largest pre-activation of every unit over all samples, (members, layers, units)."""
    zs = hidden_pre_activations(ensemble, part)
    return torch.stack([z.amax(1) for z in zs], dim=1)


def zero_outputs(ensemble: Ensemble, part: Part) -> Tensor:
    """The share of a layer's outputs that are exactly zero, (members, layers)."""
    zs = hidden_pre_activations(ensemble, part)
    return torch.stack([(ensemble.activation(z) == 0).float().mean((1, 2)) for z in zs], dim=1)
