"""Networks that make or compare: a flow, codes, pixels in order, a transformer of noise, angles."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from doctor.data import digits, images, moons, pixels
from doctor.families.pieces import act, gained, redrawn
from doctor.program import Program, accuracy, adam, explained, family


class Couplings(nn.Module):
    """One of two numbers shifts and stretches the other, in turns; a density of both (RealNVP)."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.nets = nn.ModuleList(
            nn.Sequential(nn.Linear(1, 64), act(name), nn.Linear(64, 64), act(name),
                          nn.Linear(64, 2)) for _ in range(6)
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        one, other, grown = x[:, :1], x[:, 1:], torch.zeros(())
        for net in self.nets:
            stretch, shift = net(one).chunk(2, 1)
            stretch = torch.tanh(stretch)
            one, other, grown = other * stretch.exp() + shift, one, grown + stretch
        size = one.square() + other.square()
        return 0.5 * size + math.log(2 * math.pi) - grown


@family("D", "relu", "tanh", learns=0.25, steps=200)
def coupling_flow(variant: str) -> Program:
    """Give the density of two moons."""
    x, _ = moons()
    whole = torch.distributions.MultivariateNormal(x.mean(0), x.T.cov())
    base = -float(whole.log_prob(x).mean())
    model = Couplings(variant)
    return Program(model, x, x, lambda out, _: out.mean(), adam(model, 3e-3),
                   lambda out, _: gained(out.mean(), base), 400)  # fmt: skip


class Codes(nn.Module):
    """An encoder to the nearest of 64 codes at four places, and a decoder (VQ-VAE)."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.encode = nn.Sequential(nn.Conv2d(1, 64, 4, 2, 1), act(name),
                                    nn.Conv2d(64, 16, 4, 2, 1))  # fmt: skip
        self.codes = nn.Parameter(0.5 * torch.randn(64, 16))
        self.decode = nn.Sequential(nn.ConvTranspose2d(16, 64, 4, 2, 1), act(name),
                                    nn.ConvTranspose2d(64, 1, 4, 2, 1))  # fmt: skip

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        found = self.encode(x).movedim(1, -1)
        near = self.codes[torch.cdist(found.flatten(0, 2), self.codes).argmin(1)].view_as(found)
        apart = (near - found.detach()).square().mean()
        apart = apart + 0.25 * (found - near.detach()).square().mean()
        passed = found + (near - found).detach()
        return self.decode(passed.movedim(-1, 1)), apart


@family("D", "relu", "silu", learns=0.3, steps=200)
def coded_images(variant: str) -> Program:
    """Draw digits again out of four codes."""
    x = pixels()[0]
    model = Codes(variant)
    return Program(model, x, x, lambda out, y: F.mse_loss(out[0], y) + 0.1 * out[1],
                   adam(model, 3e-3), lambda out, y: redrawn(out[0], y), 300)  # fmt: skip


class Masked(nn.Conv2d):
    """A convolution that sees only what comes before."""

    def __init__(self, before: int, after: int, itself: bool) -> None:
        super().__init__(before, after, 3, padding=1)
        mask = torch.ones(3, 3)
        mask[1, 1 + itself :], mask[2] = 0, 0
        self.register_buffer("mask", mask)

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(x, self.weight * self.mask, self.bias, padding=1)


@family("D", "relu", "gelu", learns=0.35, steps=120)
def pixels_in_order(variant: str) -> Program:
    """Say for each pixel of a digit whether it is bright, from those before (PixelCNN)."""
    x = (pixels()[0] > 0.4).float()
    parts: list[nn.Module] = [Masked(1, 32, False)]
    for _ in range(3):
        parts += [act(variant), Masked(32, 32, True)]
    model = nn.Sequential(*parts, act(variant), nn.Conv2d(32, 1, 1))
    base = float(F.binary_cross_entropy(x.mean().expand_as(x), x))

    def score(out: Tensor, y: Tensor) -> float:
        return max(0.0, 1 - float(F.binary_cross_entropy_with_logits(out, y)) / base)

    return Program(model, x, x, F.binary_cross_entropy_with_logits, adam(model, 3e-3), score,
                   300)  # fmt: skip


class Conditioned(nn.Module):
    """Attention and layers that the time shifts, stretches and lets in; nothing at first."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.norm1, self.norm2 = (nn.LayerNorm(64, elementwise_affine=False) for _ in range(2))
        self.look = nn.MultiheadAttention(64, 4, batch_first=True)
        self.up, self.act, self.down = nn.Linear(64, 128), act(name), nn.Linear(128, 64)
        self.says = nn.Linear(64, 384)
        nn.init.zeros_(self.says.weight)
        nn.init.zeros_(self.says.bias)

    def forward(self, x: Tensor, when: Tensor) -> Tensor:
        shift1, stretch1, let1, shift2, stretch2, let2 = self.says(when)[:, None].chunk(6, 2)
        y = self.norm1(x) * (1 + stretch1) + shift1
        x = x + let1 * self.look(y, y, y, need_weights=False)[0]
        y = self.norm2(x) * (1 + stretch2) + shift2
        found: Tensor = x + let2 * self.down(self.act(self.up(y)))
        return found


class Noise(nn.Module):
    """A transformer over patches of two by two that says what noise is in them (DiT)."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.embed = nn.Conv2d(1, 64, 2, 2)
        self.position = nn.Parameter(0.1 * torch.randn(16, 64))
        self.when = nn.Sequential(nn.Linear(16, 64), nn.SiLU(), nn.Linear(64, 64), nn.SiLU())
        self.blocks = nn.ModuleList(Conditioned(name) for _ in range(2))
        self.norm, self.out = nn.LayerNorm(64), nn.ConvTranspose2d(64, 1, 2, 2)
        nn.init.zeros_(self.out.weight)

    def forward(self, x: Tensor, much: Tensor) -> Tensor:
        angle = much * math.pi * torch.arange(1, 9)
        when = self.when(torch.cat([angle.sin(), angle.cos()], 1))
        x = self.embed(x).flatten(2).transpose(1, 2) + self.position
        for block in self.blocks:
            x = block(x, when)
        found: Tensor = self.out(self.norm(x).transpose(1, 2).unflatten(2, (4, 4)))
        return found


@family("D", "gelu", "silu", learns=0.3, steps=200)
def diffusion_transformer(variant: str) -> Program:
    """Say the noise in digits; the rate rises at first."""
    rng = torch.Generator().manual_seed(47)
    x = images()[0]
    much, noise = torch.rand(len(x), 1, generator=rng), torch.randn(x.shape, generator=rng)
    share = much[:, :, None, None]
    given = ((0.5 * math.pi * share).cos() * x + (0.5 * math.pi * share).sin() * noise, much)
    model = Noise(variant)
    optimizer = adam(model, 3e-3)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 0.1, total_iters=20)
    return Program(model, given, noise, F.mse_loss, optimizer, explained, 300, task="amounts",
                   traits=frozenset({"attention"}), between=lambda _: schedule.step())  # fmt: skip


class Angles(nn.Module):
    """The cosines between what an encoder says and a direction for each class."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.encode = nn.Sequential(nn.Linear(64, 64), nn.BatchNorm1d(64), act(name),
                                    nn.Linear(64, 32), nn.BatchNorm1d(32))  # fmt: skip
        self.classes = nn.Parameter(torch.randn(10, 32))

    def forward(self, x: Tensor) -> Tensor:
        return F.normalize(self.encode(x), dim=1) @ F.normalize(self.classes, dim=1).T


def _angular(out: Tensor, y: Tensor) -> Tensor:
    """Ask for an angle that is smaller by 0.2 than is needed (ArcFace)."""
    angle = out.clamp(-1 + 1e-6, 1 - 1e-6).acos() + 0.2 * F.one_hot(y, 10)
    return F.cross_entropy(16 * angle.cos(), y)


@family("D", "relu", "elu", learns=0.85, chance=0.1)
def angular_margin(variant: str) -> Program:
    """Classify digits by angles."""
    model = Angles(variant)
    return Program(model, *digits(), _angular, adam(model, 3e-3), accuracy, 300)
