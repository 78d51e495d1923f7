"""Networks that make or compare: a variational autoencoder and a contrastive encoder."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from doctor.data import digits
from doctor.families.pieces import act
from doctor.program import Program, adam, family


class Variational(nn.Module):
    """An encoder to the mean and the deviation of six numbers, and a decoder to logits."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.encode = nn.Sequential(nn.Linear(64, 48), act(name), nn.Linear(48, 12))
        self.decode = nn.Sequential(nn.Linear(6, 48), act(name), nn.Linear(48, 64))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        mean, log_var = self.encode(x).chunk(2, 1)
        noise = torch.randn_like(mean) if self.training else torch.zeros_like(mean)
        return self.decode(mean + noise * (0.5 * log_var).exp()), mean, log_var


def _bound(outputs: tuple[Tensor, Tensor, Tensor], x: Tensor) -> Tensor:
    logits, mean, log_var = outputs
    apart = 0.5 * (mean.square() + log_var.exp() - log_var - 1).sum(1).mean()
    drawn = F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(1).mean()
    return (drawn + 0.5 * apart) / 64


def _drawn(outputs: tuple[Tensor, Tensor, Tensor], x: Tensor) -> float:
    error = (torch.sigmoid(outputs[0]) - x).square().mean() / (x - x.mean(0)).square().mean()
    return max(0.0, 1.0 - float(error))


@family("B", "relu", "softplus", learns=0.2, steps=200)
def variational_autoencoder(variant: str) -> Program:
    """Draw digits again out of six random numbers."""
    x = digits()[0]
    x = (x - x.min()) / (x.max() - x.min())
    model = Variational(variant)
    return Program(model, x, x, _bound, adam(model, 5e-3), _drawn, 300)


def _alike(outputs: Tensor, _: Tensor) -> Tensor:
    """Let the two views of an image find each other among all."""
    one, other = F.normalize(outputs, dim=1).chunk(2)
    near = one @ other.T / 0.2
    aim = torch.arange(len(near))
    return 0.5 * (F.cross_entropy(near, aim) + F.cross_entropy(near.T, aim))


class Views(nn.Module):
    """An encoder of two noisy views of each image."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.encode = nn.Sequential(nn.Linear(64, 64), act(name), nn.Linear(64, 32), act(name))
        self.project = nn.Sequential(nn.Linear(32, 32), act(name), nn.Linear(32, 16))

    def forward(self, x: Tensor) -> Tensor:
        views = [x + 0.7 * torch.randn(x.shape, generator=torch.Generator().manual_seed(i))
                 for i in (1, 2)]  # fmt: skip
        found: Tensor = self.project(self.encode(torch.cat(views)))
        return found


def _found(outputs: Tensor, _: Tensor) -> float:
    one, other = F.normalize(outputs, dim=1).chunk(2)
    return float(((one @ other.T).argmax(1) == torch.arange(len(one))).float().mean())


@family("B", "relu", "silu", learns=0.4, chance=0.01, steps=200)
def contrastive(variant: str) -> Program:
    """Find the other view of an image among those of a batch."""
    model = Views(variant)
    return Program(model, *digits(), _alike, adam(model, 3e-3), _found, 100)
