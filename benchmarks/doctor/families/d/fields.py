"""Functions and laws: operators of Fourier, energies, random features, a fixed point."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from doctor.data import pixels
from doctor.families.pieces import act
from doctor.program import Program, accuracy, adam, explained, family


class Spectral(nn.Module):
    """A complex layer of the lowest frequencies, beside a layer of each point."""

    def __init__(self, width: int, kept: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(width, width, kept, dtype=torch.cfloat) / width)
        self.point = nn.Conv1d(width, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        low = torch.fft.rfft(x)[..., : self.weight.shape[2]]
        made = torch.fft.irfft(torch.einsum("bif,iof->bof", low, self.weight), x.shape[2])
        found: Tensor = made + self.point(x)
        return found


class Operator(nn.Module):
    """From a function to a function (FNO)."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.lift = nn.Conv1d(2, 64, 1)
        self.inner = nn.Sequential(Spectral(64, 6), act(name), Spectral(64, 6), act(name))
        self.up, self.act, self.out = nn.Conv1d(64, 64, 1), act(name), nn.Conv1d(64, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        at = torch.linspace(0, 1, x.shape[2]).expand_as(x)
        inner = self.inner(self.lift(torch.cat([x, at], 1)))
        found: Tensor = self.out(self.act(self.up(inner)))
        return found


@family("D", "gelu", "relu", learns=0.8, steps=120)
def fourier_operator(variant: str) -> Program:
    """Say what a wave becomes that travels faster where it is higher, and fades."""
    rng = torch.Generator().manual_seed(48)
    at = 2 * math.pi * torch.arange(32) / 32
    waves = torch.stack([f(k * at) / k for k in (1, 2, 3) for f in (torch.sin, torch.cos)])
    first = x = torch.randn(1000, 6, generator=rng) @ waves
    for _ in range(40):  # Burgers's equation, in small steps
        left, right = x.roll(1, 1), x.roll(-1, 1)
        x = x - 0.02 * (right**2 - left**2) / (4 * at[1]) + 0.01 * (left - 2 * x + right) / at[1]
    model = Operator(variant)
    return Program(model, first[:, None], x[:, None], F.mse_loss, adam(model, 3e-3), explained, 200,
                   batch=32, task="amounts")  # fmt: skip


class Energy(nn.Module):
    """An energy, by whose slopes a state moves (a Hamiltonian network)."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Linear(2, 64), act(name), nn.Linear(64, 64), act(name),
                                 nn.Linear(64, 1))  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        with torch.enable_grad():
            x = x.requires_grad_() if x.is_leaf else x
            (slope,) = torch.autograd.grad(self.net(x).sum(), x, create_graph=True)
        return torch.stack([slope[:, 1], -slope[:, 0]], 1)


@family("D", "tanh", "softplus", learns=0.85, steps=200)
def energies(variant: str) -> Program:
    """Learn how a pendulum moves, in radians and a second's, from how it moved."""
    rng = torch.Generator().manual_seed(49)
    x = (torch.rand(1500, 2, generator=rng) - 0.5) * torch.tensor([6.0, 4.0])
    y = torch.stack([x[:, 1], -3 * x[:, 0].sin()], 1)
    model = Energy(variant)
    return Program(model, x, y, F.mse_loss, adam(model, 5e-3), explained, 300)


class Random(nn.Module):
    """Sines and cosines of random directions, which are not trained."""

    def __init__(self, before: int, many: int, scale: float) -> None:
        super().__init__()
        self.register_buffer("directions", scale * torch.randn(before, many))

    def forward(self, x: Tensor) -> Tensor:
        angle = 2 * math.pi * x @ self.directions
        return torch.cat([angle.sin(), angle.cos()], 1)


@family("D", "relu", "silu", learns=0.8, steps=200)
def random_features(variant: str) -> Program:
    """Fit a drawing of rings over the plane with random Fourier features."""
    x = torch.rand(2000, 2, generator=torch.Generator().manual_seed(50))
    far = (x - torch.tensor([0.4, 0.6])).norm(dim=1, keepdim=True)
    y = torch.sigmoid(6 * torch.sin(20 * far))
    model = nn.Sequential(Random(2, 32, 2.0), nn.Linear(64, 64), act(variant), nn.Linear(64, 64),
                          act(variant), nn.Linear(64, 1))  # fmt: skip
    return Program(model, x, y, F.mse_loss, adam(model, 3e-3), explained, 400, batch=128, out="5",
                   task="amounts", traits=frozenset({"plain"}))  # fmt: skip


class Fixed(nn.Module):
    """A state that a layer leaves as it is; only its last step is differentiated (DEQ)."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.into, self.again = nn.Linear(64, 64), nn.Linear(64, 64, bias=False)
        nn.init.normal_(self.again.weight, 0.0, 0.5 / 8)
        self.act, self.norm = act(name), nn.LayerNorm(64)

    def forward(self, x: Tensor) -> Tensor:
        given = self.into(x)
        state = torch.zeros_like(given)
        with torch.no_grad():
            for _ in range(12):
                state = self.act(self.again(state) + given)
        return self.norm(self.act(self.again(state) + given))


@family("D", "tanh", "relu", learns=0.85, chance=0.1)
def fixed_point(variant: str) -> Program:
    """Classify digits by a layer without end."""
    model = nn.Sequential(nn.Flatten(), Fixed(variant), nn.Linear(64, 10))
    return Program(model, *pixels(), F.cross_entropy, adam(model, 3e-3), accuracy, 300, out="2",
                   task="classes")  # fmt: skip
