"""Convolutions: networks in networks, branches, standardised weights, capsules, a detector."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from doctor.data import images, pixels, shapes
from doctor.families.pieces import Beside, act
from doctor.program import Program, accuracy, adam, family


@family("D", "relu", "elu", learns=0.85, chance=0.1, steps=200)
def network_in_network(variant: str) -> Program:
    """Classify digits with layers across channels, and a mean for each class at the end."""
    parts: list[nn.Module] = []
    for before, size in ((1, 3), (64, 3)):
        parts += [nn.Conv2d(before, 64, size, padding=1), act(variant), nn.Conv2d(64, 64, 1),
                  act(variant), nn.MaxPool2d(2)]  # fmt: skip
    model = nn.Sequential(*parts, nn.Conv2d(64, 10, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    return Program(model, *pixels(), F.cross_entropy, adam(model, 3e-3), accuracy, 300,
                   task="classes", traits=frozenset({"plain"}))  # fmt: skip


class Branches(nn.Module):
    """Windows of three sizes, and the largest of neighbours, beside each other."""

    def __init__(self, before: int, name: str) -> None:
        super().__init__()

        def conv(first: int, size: int) -> list[nn.Module]:
            return [nn.Conv2d(first, 16, size, padding=size // 2, bias=False),
                    nn.BatchNorm2d(16), act(name)]  # fmt: skip

        self.one = nn.Sequential(*conv(before, 1))
        self.three = nn.Sequential(*conv(before, 1), *conv(16, 3))
        self.five = nn.Sequential(*conv(before, 1), *conv(16, 5))
        self.pool = nn.Sequential(nn.MaxPool2d(3, 1, 1), *conv(before, 1))

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.one(x), self.three(x), self.five(x), self.pool(x)], 1)


@family("D", "relu", "silu", learns=0.85, chance=0.1, steps=120)
def inception(variant: str) -> Program:
    """Classify digits with branches; the rate rises and falls in one cycle."""
    model = nn.Sequential(Branches(1, variant), nn.MaxPool2d(2), Branches(64, variant),
                          nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2),
                          nn.Linear(64, 10))  # fmt: skip
    optimizer = adam(model, 1e-2)
    # It sets the rate of the first step.
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1e-2, total_steps=121)
    return Program(model, *images(), F.cross_entropy, optimizer, accuracy, 300, out="6",
                   task="classes", between=lambda _: schedule.step())  # fmt: skip


class Standardised(nn.Conv2d):
    """A convolution whose weights have mean 0 and deviation 1 for each unit."""

    def forward(self, x: Tensor) -> Tensor:
        weight = self.weight
        weight = weight - weight.mean((1, 2, 3), keepdim=True)
        scale = weight.var((1, 2, 3), keepdim=True, unbiased=False)
        return F.conv2d(x, weight / (scale + 1e-10).sqrt(), self.bias, self.stride, self.padding)


@family("D", "relu", "elu", learns=0.85, chance=0.1)
def standardised_weights(variant: str) -> Program:
    """Classify digits with standardised weights and groups normalised, by Nesterov's SGD (BiT)."""

    def block() -> nn.Module:
        return Beside(nn.GroupNorm(8, 64), act(variant), Standardised(64, 32, 1, bias=False),
                      nn.GroupNorm(8, 32), act(variant),
                      Standardised(32, 32, 3, padding=1, bias=False), nn.GroupNorm(8, 32),
                      act(variant), Standardised(32, 64, 1, bias=False))  # fmt: skip

    model = nn.Sequential(Standardised(1, 64, 3, 2, 1, bias=False), block(), block(),
                          nn.GroupNorm(8, 64), act(variant), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
                          nn.Linear(64, 10))  # fmt: skip
    optimizer = torch.optim.SGD(model.parameters(), 0.05, momentum=0.9, nesterov=True,
                                weight_decay=1e-4)  # fmt: skip
    return Program(model, *images(), F.cross_entropy, optimizer, accuracy, 300, out="7",
                   task="classes")  # fmt: skip


def _squashed(x: Tensor) -> Tensor:
    """Keep directions, with lengths below 1."""
    square = x.square().sum(-1, keepdim=True)
    return square / (1 + square) * x / (square + 1e-8).sqrt()


class Capsules(nn.Module):
    """Groups of units whose length says how likely a part is; three rounds of agreement."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.conv, self.act = nn.Conv2d(1, 64, 3, padding=1), act(name)
        self.parts = nn.Conv2d(64, 64, 3, 2)
        self.votes = nn.Parameter(0.1 * torch.randn(72, 10, 8, 8))

    def forward(self, x: Tensor) -> Tensor:
        parts = self.parts(self.act(self.conv(x)))
        parts = _squashed(parts.unflatten(1, (8, 8)).permute(0, 1, 3, 4, 2).flatten(1, 3))
        votes = torch.einsum("bpi,pcij->bpcj", parts, self.votes)
        agree = votes.new_zeros(votes.shape[:3])
        for _ in range(3):
            wholes = _squashed((torch.softmax(agree, 2)[..., None] * votes).sum(1))
            agree = agree + (votes * wholes[:, None]).sum(-1).detach()
        return wholes.norm(dim=-1)


def _margins(out: Tensor, y: Tensor) -> Tensor:
    there = F.one_hot(y, 10)
    near, far = (0.9 - out).clamp(min=0).square(), (out - 0.1).clamp(min=0).square()
    return (there * near + 0.5 * (1 - there) * far).sum(1).mean()


@family("D", "relu", "gelu", learns=0.85, chance=0.1, steps=120)
def capsules(variant: str) -> Program:
    """Classify digits with capsules and a margin for lengths."""
    model = Capsules(variant)
    return Program(model, *pixels(), _margins, adam(model, 3e-3), accuracy, 300)


class Centres(nn.Module):
    """A map of where something's middle is, and a map of how large it is; two heads."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.trunk = nn.Sequential(nn.Conv2d(1, 32, 3, 1, 1), nn.BatchNorm2d(32), act(name),
                                   nn.Conv2d(32, 64, 3, 2, 1), nn.BatchNorm2d(64), act(name),
                                   nn.Conv2d(64, 64, 3, 1, 1), nn.BatchNorm2d(64),
                                   act(name))  # fmt: skip
        self.where, self.size = nn.Conv2d(64, 1, 1), nn.Conv2d(64, 2, 1)
        # As the focal loss asks: hardly anything is a middle.
        nn.init.constant_(self.where.bias, -2.19)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        inner = self.trunk(x)
        return self.where(inner)[:, 0], self.size(inner)


def _at(sizes: Tensor, middle: Tensor) -> Tensor:
    """Read the sizes at the middles."""
    there = middle.flatten(1).argmax(1)
    return sizes.flatten(2)[torch.arange(len(there)), :, there]


def _detected(out: tuple[Tensor, Tensor], y: tuple[Tensor, Tensor]) -> Tensor:
    """Compute the focal loss of the middles and the absolute error of sizes."""
    (logits, sizes), (middle, size) = out, y
    chance = torch.sigmoid(logits)
    hit = (1 - chance).square() * F.logsigmoid(logits) * (middle == 1)
    miss = (1 - middle) ** 4 * chance.square() * F.logsigmoid(-logits) * (middle < 1)
    return -(hit + miss).sum((1, 2)).mean() + 0.1 * F.l1_loss(_at(sizes, middle), size)


@family("D", "relu", "leaky_relu", learns=0.6)
def centre_net(variant: str) -> Program:
    """Find the middle and the size of a disc or a square."""
    x, classes = shapes()
    there = ((classes > 0) & (classes < 255)).float()
    rows, columns = there.amax(2), there.amax(1)
    size = torch.stack([rows.sum(1), columns.sum(1)], 1)
    at = torch.arange(16.0)
    middle = torch.stack([(rows * at).sum(1), (columns * at).sum(1)], 1) / size
    axis, cell = torch.arange(8.0), (middle / 2).round()
    apart = [(axis - cell[:, i : i + 1]).square() for i in range(2)]
    heat = torch.exp(-(apart[0][:, :, None] + apart[1][:, None]) / 2)
    model = Centres(variant)

    def found(out: tuple[Tensor, Tensor], y: tuple[Tensor, Tensor]) -> float:
        places = [torch.stack([x.flatten(1).argmax(1) // 8, x.flatten(1).argmax(1) % 8])
                  for x in (out[0], y[0])]  # fmt: skip
        near = (places[0] - places[1]).abs().amax(0) <= 1
        right = (_at(out[1], y[0]) - y[1]).abs().amax(1) < 1.5
        return float((near & right).float().mean())

    return Program(model, x, (heat, size), _detected, adam(model, 5e-3), found, 128, batch=32)
