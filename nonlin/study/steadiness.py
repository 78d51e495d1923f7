"""How much the gradient turns along its own step: what "stable gradients" can mean with units.

The gradient g at weights w and the one at w - s g, with s such that the step is a given part of
|w|: |g(w - s g) - g(w)| / |g(w)|, the gradient predictiveness of Santurkar et al. (2018) without
its scale. It has no unit: no rescaling of x, of the loss or of the function changes what is small.
"""

from __future__ import annotations

import torch
from torch import Tensor

from nonlin.study import claims
from nonlin.study.context import Context
from nonlin.study.data import Part, load
from nonlin.study.networks import Ensemble
from nonlin.study.results import Number
from nonlin.study.statistics import geometric_mean
from nonlin.study.training import member_losses, train

HIDDEN = (64, 64, 64)
RATE = 0.003
STEP = claims.get("S5").lines["step"]  # of the weights' norm
PAIR = ("sigmoid", "relu")
WHENS = ("untrained", "underway")
UNDERWAY = 20  # steps: later ReLU's gradient is nearly 0, and anything turns it


def numbers(context: Context) -> list[Number]:
    """What the sigmoid's gradient turns by, beside ReLU's, before training and underway."""
    data = load("digits", context.seeds, context.first)
    turned: dict[str, dict[str, Tensor]] = {when: {} for when in WHENS}
    for name in PAIR:
        network = Ensemble((data.inputs, *HIDDEN, data.classes), name, data.members)
        turned["untrained"][name] = turning(network, data.train)
        train(network, data, [RATE] * data.seeds, UNDERWAY, optimiser="adam")
        turned["underway"][name] = turning(network, data.train)
    found = []
    for when, of in turned.items():
        found += [geometric_mean(f"turning_{name}_{when}", values) for name, values in of.items()]
        found.append(geometric_mean(f"turning_ratio_{when}", of["sigmoid"] / of["relu"]))
    return found


def turning(ensemble: Ensemble, part: Part) -> Tensor:
    """|g(w - s g) - g(w)| / |g(w)| of every member, (members,), computed in float64."""
    before = [p.detach().double() for p in ensemble.parameters()]
    g = _gradient(ensemble, before, part)
    scale = STEP * _norm(before) / _norm(g)
    after = [p - scale.view(-1, *[1] * (p.dim() - 1)) * d for p, d in zip(before, g, strict=True)]
    moved = _gradient(ensemble, after, part)
    return _norm([a - b for a, b in zip(moved, g, strict=True)]) / _norm(g)


def _gradient(ensemble: Ensemble, weights: list[Tensor], part: Part) -> list[Tensor]:
    names = [name for name, _ in ensemble.named_parameters()]
    leaves = [weight.requires_grad_() for weight in weights]
    called = torch.func.functional_call(
        ensemble, dict(zip(names, leaves, strict=True)), (part.x.double(),)
    )
    loss = member_losses(called, part.y).sum()
    return [gradient.detach() for gradient in torch.autograd.grad(loss, leaves)]


def _norm(tensors: list[Tensor]) -> Tensor:
    """One norm a member, over all of its tensors."""
    together = torch.cat([tensor.detach().flatten(1) for tensor in tensors], 1)
    norms: Tensor = torch.linalg.vector_norm(together, dim=1)
    return norms
