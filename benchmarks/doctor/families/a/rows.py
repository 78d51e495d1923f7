"""MLPs, convolutions in rows and beside identities, on the digits."""

from __future__ import annotations

import math
from itertools import pairwise

import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from doctor.data import digits, images, signs, waves
from doctor.families.pieces import act
from doctor.program import Program, accuracy, adam, explained, family, sgd
from nonlin.catalogue import get
from nonlin.propagation import first_weights

PLAIN = frozenset({"plain"})


def row(widths: list[int], name: str, critical: bool, norm: bool = False) -> nn.Sequential:
    """Make an MLP, with PyTorch's first weights or at criticality."""
    parts: list[nn.Module] = []
    for before, after in pairwise(widths[:-1]):
        parts += [nn.Linear(before, after), *([nn.BatchNorm1d(after)] if norm else []), act(name)]
    model = nn.Sequential(*parts, nn.Linear(widths[-2], widths[-1]))
    if critical:
        variance = first_weights(get(name)).weight_variance
        for layer in model:
            if isinstance(layer, nn.Linear):
                nn.init.normal_(layer.weight, 0.0, math.sqrt(variance / layer.in_features))
                nn.init.zeros_(layer.bias)
    return model


@family("A", "relu", "tanh", "gelu", "elu", "silu", "leaky_relu", learns=0.85, chance=0.1)
def a_mlp(variant: str) -> Program:
    """Classify digits with PyTorch's own first weights."""
    model = row([64, 40, 40, 40, 10], variant, critical=False)
    x, y = digits()
    return Program(model, x, y, F.cross_entropy, adam(model), accuracy, 300,
                   out="6", task="classes", traits=PLAIN)  # fmt: skip


@family("A", "relu", "tanh", "elu", "leaky_relu", learns=0.85, chance=0.1, steps=200)
def a_deep_mlp(variant: str) -> Program:
    """Classify digits with sixteen layers at criticality."""
    model = row([64, *[48] * 15, 10], variant, critical=True)
    x, y = digits()
    return Program(model, x, y, F.cross_entropy, adam(model, 1e-3), accuracy, 300,
                   out="30", task="classes", traits=PLAIN)  # fmt: skip


@family("A", "relu", "gelu", learns=0.85, chance=0.1)
def a_normalised_mlp(variant: str) -> Program:
    """Classify digits with batch normalisation, by SGD."""
    model = row([64, 40, 40, 40, 10], variant, critical=False, norm=True)
    x, y = digits()
    return Program(model, x, y, F.cross_entropy, sgd(model, 0.02), accuracy, 300,
                   out="9", task="classes", traits=PLAIN)  # fmt: skip


@family("A", "relu", "tanh", "gelu", learns=0.8, chance=0.5, steps=200)
def a_parity_mlp(variant: str) -> Program:
    """Learn what no linear model can."""
    model = row([16, 48, 48, 2], variant, critical=False)
    return Program(model, *signs(), F.cross_entropy, adam(model, 5e-3), accuracy, 400,
                   out="4", task="classes", traits=PLAIN)  # fmt: skip


@family("A", "tanh", "silu", learns=0.6, steps=200)
def a_regression_mlp(variant: str) -> Program:
    """Learn amounts of both signs."""
    model = row([16, 64, 64, 1], variant, critical=False)
    return Program(model, *waves(), F.mse_loss, adam(model, 5e-3), explained, 400,
                   out="4", task="amounts", traits=PLAIN)  # fmt: skip


@family("A", "relu", "tanh", "gelu", "elu", learns=0.85, chance=0.1)
def a_cnn(variant: str) -> Program:
    """Classify digits with convolutions in a row."""
    parts: list[nn.Module] = []
    for i, (before, after) in enumerate(pairwise([1, 12, 12, 12, 12])):
        parts += [nn.Conv2d(before, after, 3, padding=1), act(variant)]
        parts += [nn.MaxPool2d(2)] if i == 1 else []
    model = nn.Sequential(*parts, nn.Flatten(), nn.Linear(192, 10))
    return Program(model, *images(), F.cross_entropy, adam(model), accuracy, 300,
                   out="10", task="classes", traits=PLAIN)  # fmt: skip


class Block(nn.Module):
    """Two convolutions beside an identity, with batch normalisation."""

    def __init__(self, width: int, name: str) -> None:
        super().__init__()
        self.first, self.second = (nn.Conv2d(width, width, 3, padding=1) for _ in range(2))
        self.norm1, self.norm2 = (nn.BatchNorm2d(width) for _ in range(2))
        self.act1, self.act2 = act(name), act(name)

    def forward(self, x: Tensor) -> Tensor:
        inner = self.act1(self.norm1(self.first(x)))
        out: Tensor = self.act2(x + self.norm2(self.second(inner)))
        return out


@family("A", "relu", "gelu", "leaky_relu", learns=0.85, chance=0.1, steps=120)
def a_resnet(variant: str) -> Program:
    """Classify digits with three residual blocks."""
    stem = [nn.Conv2d(1, 12, 3, padding=1, stride=2), nn.BatchNorm2d(12), act(variant)]
    model = nn.Sequential(*stem, *(Block(12, variant) for _ in range(3)),
                          nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(12, 10))  # fmt: skip
    return Program(model, *images(), F.cross_entropy, adam(model, 1e-2), accuracy, 300,
                   out="8", task="classes")  # fmt: skip
