"""What single units do on a whole data set: who is silent, how high each one goes, what is zero.

All members at once, by the batched pass that trains them; that an examination of each network
(`nonlin.torch.examine`) finds the same is a test.
"""

from __future__ import annotations

import torch
from torch import Tensor

from nonlin.study.data import Part
from nonlin.study.networks import Ensemble
from nonlin.study.training import repeat


def _hidden(ensemble: Ensemble, part: Part) -> list[Tensor]:
    """The hidden layers' pre-activations, one (members, samples, units) a layer."""
    variants = ensemble.members // part.y.shape[0]
    with torch.no_grad():
        return ensemble.pre_activations(repeat(part.x, variants))[:-1]


def dead(ensemble: Ensemble, part: Part) -> Tensor:
    """Units whose derivative is zero on all samples, bool (members, layers, units), equal widths.

    A unit with a pre-activation that is not finite is not dead but diverged.
    """
    return torch.stack([_silent(ensemble, z) for z in _hidden(ensemble, part)], dim=1)


def _silent(ensemble: Ensemble, z: Tensor) -> Tensor:
    at = z.requires_grad_()
    (slope,) = torch.autograd.grad(ensemble.activation(at).sum(), at)
    return ((slope == 0) & z.isfinite()).all(1)


def highest(ensemble: Ensemble, part: Part) -> Tensor:
    """The largest pre-activation of every unit over all samples, (members, layers, units)."""
    return torch.stack([z.amax(1) for z in _hidden(ensemble, part)], dim=1)


def zero_outputs(ensemble: Ensemble, part: Part) -> Tensor:
    """The share of a layer's outputs that are exactly zero, (members, layers)."""
    shares = [ensemble.activation(z).eq(0).float().mean((1, 2)) for z in _hidden(ensemble, part)]
    return torch.stack(shares, dim=1)
