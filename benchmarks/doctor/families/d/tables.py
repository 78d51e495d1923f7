"""Layers in a row with losses of their own: quantiles, survival, mixtures, a policy; certainty."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from doctor.data import pole, table
from doctor.families.pieces import act, gained
from doctor.program import Program, accuracy, adam, explained, family, sgd

PLAIN = frozenset({"plain"})


@family("D", "64", "128", learns=0.93, chance=0.63, steps=300)
def self_normalising(variant: str) -> Program:
    """Tell two classes to certainty with SELU, LeCun's first weights and alpha dropout, by SGD."""
    width = int(variant)
    parts: list[nn.Module] = []
    for before in (30, *[width] * 3):
        parts += [nn.Linear(before, width), nn.SELU(), nn.AlphaDropout(0.05)]
    model = nn.Sequential(*parts, nn.Linear(width, 2))
    for layer in model:
        if isinstance(layer, nn.Linear):
            nn.init.normal_(layer.weight, 0.0, layer.in_features**-0.5)
            nn.init.zeros_(layer.bias)
    return Program(model, *table("breast_cancer"), F.cross_entropy, sgd(model, 0.01), accuracy, 169,
                   out="12", task="classes", traits=PLAIN)  # fmt: skip


@family("D", "relu", "elu", learns=0.3, steps=120)
def quantiles(variant: str) -> Program:
    """Say three quantiles of how a disease will go on, in hundreds of its own units."""
    x, y = table("diabetes")
    share = torch.tensor([0.1, 0.5, 0.9])
    model = nn.Sequential(nn.Linear(10, 64), act(variant), nn.Linear(64, 64), act(variant),
                          nn.Linear(64, 3))  # fmt: skip

    def pinball(out: Tensor, y: Tensor) -> Tensor:
        error = y - out
        return torch.maximum(share * error, (share - 1) * error).mean()

    return Program(model, x, 1.52 + 0.77 * y, pinball, adam(model, 1e-3),
                   lambda out, y: explained(out[:, 1:2], y), 142, out="4",
                   traits=PLAIN)  # fmt: skip


@family("D", "relu", "selu", learns=0.72, chance=0.5)
def survival(variant: str) -> Program:
    """Order patients by their risk, some of whom leave before anything happens (DeepSurv)."""
    rng = torch.Generator().manual_seed(42)
    x = torch.rand(1600, 8, generator=rng)
    risk = 3 * x[:, 0] + 3 * (x[:, 1] - 0.5).abs() + 2 * x[:, 2] * x[:, 3]
    time = -torch.rand(1600, generator=rng).log() * torch.exp(2 - 2 * risk)
    leaves = -torch.rand(1600, generator=rng).log() * time.median() * 3
    y = torch.stack([torch.minimum(time, leaves), (time <= leaves).float()], 1)
    model = nn.Sequential(nn.Linear(8, 64), act(variant), nn.Linear(64, 64), act(variant),
                          nn.Linear(64, 1))  # fmt: skip

    def partial(out: Tensor, y: Tensor) -> Tensor:
        later = y[None, :, 0] >= y[:, None, 0]
        among = out[None, :, 0].masked_fill(~later, -math.inf).logsumexp(1)
        return ((among - out[:, 0]) * y[:, 1]).sum() / y[:, 1].sum().clamp(min=1)

    def concordance(out: Tensor, y: Tensor) -> float:
        pairs = (y[:, None, 0] < y[None, :, 0]) & (y[:, None, 1] > 0)
        return float((out > out.T)[pairs].float().mean())

    return Program(model, x, y, partial, adam(model, 3e-3), concordance, 400, out="4",
                   traits=PLAIN)  # fmt: skip


@family("D", "tanh", "gelu", learns=0.25, steps=300)
def mixture_density(variant: str) -> Program:
    """Say where a joint may stand when a hand is somewhere: one of two places, or between."""
    rng = torch.Generator().manual_seed(43)
    y = torch.rand(1600, 1, generator=rng)
    x = y + 0.3 * torch.sin(2 * math.pi * y) + 0.05 * torch.randn(1600, 1, generator=rng)
    model = nn.Sequential(nn.Linear(1, 64), act(variant), nn.Linear(64, 64), act(variant),
                          nn.Linear(64, 15))  # fmt: skip

    def loss(out: Tensor, y: Tensor) -> Tensor:
        weight, mean, spread = out.chunk(3, 1)
        scale = F.softplus(spread) + 0.03
        found = -0.5 * ((y - mean) / scale).square() - scale.log() - 0.5 * math.log(2 * math.pi)
        return -(F.log_softmax(weight, 1) + found).logsumexp(1).mean()

    # Beside a distribution that is even between 0 and 1.
    return Program(model, x, y, loss, adam(model, 5e-3), lambda out, y: gained(loss(out, y), 0.0),
                   400, out="4", traits=PLAIN)  # fmt: skip


@family("D", "tanh", "relu", learns=0.75, chance=0.5, steps=120)
def proximal_policy(variant: str) -> Program:
    """Improve a policy on saved steps of an even one, not far from it (PPO), by RMSprop."""
    state, action, reward, _ = pole()
    pull = 0.45 * state[:, 0] + 0.27 * state[:, 1] * state[:, 2].sign()
    gain = (reward - reward.mean()) / reward.std()
    model = nn.Sequential(nn.Linear(4, 64), act(variant), nn.Linear(64, 64), act(variant),
                          nn.Linear(64, 2))  # fmt: skip
    for layer, size in ((0, math.sqrt(2)), (2, math.sqrt(2)), (4, 0.01)):
        nn.init.orthogonal_(model[layer].weight, size)
        nn.init.zeros_(model[layer].bias)

    def loss(out: Tensor, y: tuple[Tensor, Tensor, Tensor]) -> Tensor:
        chance = F.log_softmax(out, 1)
        ratio = torch.exp(chance.gather(1, y[0][:, None])[:, 0] - math.log(0.5))
        near = ratio.clamp(0.8, 1.2)
        spread = -(chance.exp() * chance).sum(1).mean()
        return -torch.minimum(ratio * y[1], near * y[1]).mean() - 0.01 * spread

    def score(out: Tensor, y: tuple[Tensor, Tensor, Tensor]) -> float:
        return float((out.argmax(1) == y[2]).float().mean())

    return Program(model, state, (action, gain, (pull < 0).long()), loss,
                   torch.optim.RMSprop(model.parameters(), 1e-3), score, 400, out="4",
                   traits=PLAIN)  # fmt: skip
