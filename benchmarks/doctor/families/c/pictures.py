"""Convolutions: dense, grouped, mixed, scaled, in half precision; an autoencoder; ConvNeXt."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn
from transformers import ConvNextConfig, ConvNextForImageClassification

from doctor.data import images, shapes
from doctor.families.pieces import Beside, Function, act, redrawn
from doctor.program import Program, accuracy, adam, family, pixel_accuracy, sgd


class Dense(nn.Module):
    """What comes in beside what is made of it."""

    def __init__(self, before: int, more: int, name: str) -> None:
        super().__init__()
        self.norm, self.act = nn.BatchNorm2d(before), act(name)
        self.conv = nn.Conv2d(before, more, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([x, self.conv(self.act(self.norm(x)))], 1)


@family("C", "relu", "elu", learns=0.85, chance=0.1, steps=120)
def dense_net(variant: str) -> Program:
    """Classify digits with layers that see all before them."""
    dense = [Dense(8 + 6 * i, 6, variant) for i in range(4)]
    model = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.MaxPool2d(2), *dense,
                          nn.BatchNorm2d(32), act(variant), nn.AdaptiveAvgPool2d(2), nn.Flatten(),
                          nn.Linear(128, 10))  # fmt: skip
    return Program(model, *images(), F.cross_entropy, adam(model, 5e-3), accuracy, 300, out="10",
                   task="classes")  # fmt: skip


@family("C", "gelu", "relu", learns=0.7, chance=0.1, steps=200)
def conv_next(variant: str) -> Program:
    """Classify digits with transformers' ConvNeXt."""
    made = ConvNextConfig(num_channels=1, patch_size=2, hidden_sizes=[16, 32], depths=[1, 1],
                          num_stages=2, hidden_act=variant, num_labels=10)  # fmt: skip
    model = ConvNextForImageClassification(made)
    x, y = images()
    return Program(model, {"pixel_values": x, "labels": y}, None, None, adam(model, 3e-3, 0.01),
                   accuracy, 300, task="classes", out="classifier")  # fmt: skip


@family("C", "relu", "silu", learns=0.85, chance=0.1)
def grouped_convolutions(variant: str) -> Program:
    """Classify digits with groups of channels and group normalisation."""

    def block() -> nn.Module:
        return Beside(nn.Conv2d(16, 16, 1), nn.GroupNorm(4, 16), act(variant),
                      nn.Conv2d(16, 16, 3, padding=1, groups=4), nn.GroupNorm(4, 16), act(variant),
                      nn.Conv2d(16, 16, 1))  # fmt: skip

    model = nn.Sequential(nn.Conv2d(1, 16, 2, 2), block(), block(), nn.GroupNorm(4, 16),
                          act(variant), nn.Flatten(), nn.Linear(256, 10))  # fmt: skip
    return Program(model, *images(), F.cross_entropy, adam(model, 3e-3), accuracy, 300, out="6",
                   task="classes")  # fmt: skip


class Mixer(nn.Module):
    """Words mixed along their row, then along their width."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(32), nn.LayerNorm(32)
        self.along = nn.Sequential(nn.Linear(16, 32), act(name), nn.Linear(32, 16))
        self.across = nn.Sequential(nn.Linear(32, 64), act(name), nn.Linear(64, 32))

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.along(self.norm1(x).transpose(1, 2)).transpose(1, 2)
        found: Tensor = x + self.across(self.norm2(x))
        return found


@family("C", "gelu", "relu", learns=0.8, chance=0.1)
def mlp_mixer(variant: str) -> Program:
    """Classify digits by mixing sixteen patches."""
    model = nn.Sequential(nn.Conv2d(1, 32, 2, 2), Function(lambda x: x.flatten(2).transpose(1, 2)),
                          Mixer(variant), Mixer(variant), nn.LayerNorm(32),
                          Function(lambda x: x.mean(1)), nn.Linear(32, 10))  # fmt: skip
    return Program(model, *images(), F.cross_entropy, adam(model, 3e-3), accuracy, 300, out="6",
                   task="classes")  # fmt: skip


class Scaled(nn.Module):
    """A branch without normalisation whose last layer is 0 at first, with scalars (Fixup)."""

    def __init__(self, width: int, name: str, depth: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.second = nn.Conv2d(width, width, 3, padding=1, bias=False)
        nn.init.kaiming_normal_(self.first.weight)
        with torch.no_grad():
            self.first.weight.mul_(depth**-0.5)
        nn.init.zeros_(self.second.weight)
        self.shift = nn.Parameter(torch.zeros(4))
        self.scale = nn.Parameter(torch.ones(1))
        self.act1, self.act2 = act(name), act(name)

    def forward(self, x: Tensor) -> Tensor:
        inner = self.act1(self.first(x + self.shift[0]) + self.shift[1])
        made = self.second(inner + self.shift[2]) * self.scale + self.shift[3]
        found: Tensor = self.act2(x + made)
        return found


@family("C", "relu", "leaky_relu", learns=0.8, chance=0.1, steps=200)
def fixup(variant: str) -> Program:
    """Classify digits with eight residual blocks and no normalisation, by SGD."""
    blocks = [Scaled(12, variant, 8) for _ in range(8)]
    model = nn.Sequential(nn.Conv2d(1, 12, 3, padding=1), act(variant), nn.MaxPool2d(2), *blocks,
                          nn.Flatten(), nn.Linear(192, 10))  # fmt: skip
    return Program(model, *images(), F.cross_entropy, sgd(model, 0.02), accuracy, 300, out="12",
                   task="classes", traits=frozenset({"residual"}))  # fmt: skip


class Autocast(nn.Module):
    """A model under autocast to bfloat16."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x: Tensor) -> Tensor:
        with torch.autocast("cpu", torch.bfloat16):
            found: Tensor = self.inner(x)
        return found.float()


@family("C", "relu", "silu", learns=0.85, chance=0.1, steps=100)
def half_precision(variant: str) -> Program:
    """Classify digits under autocast."""
    model = Autocast(nn.Sequential(
        nn.Conv2d(1, 12, 3, padding=1), act(variant), nn.MaxPool2d(2),
        nn.Conv2d(12, 16, 3, padding=1), act(variant), nn.Flatten(), nn.Linear(256, 32),
        act(variant), nn.Linear(32, 10),
    ))  # fmt: skip
    return Program(model, *images(), F.cross_entropy, adam(model, 3e-3), accuracy, 300,
                   out="inner.8", task="classes", traits=frozenset({"plain"}))  # fmt: skip


@family("C", "relu", "elu", learns=0.4, steps=200)
def convolutional_autoencoder(variant: str) -> Program:
    """Draw digits again out of sixteen numbers, with a tanh before the squared error."""
    x = images()[0]
    x = 2 * (x - x.min()) / (x.max() - x.min()) - 1
    model = nn.Sequential(nn.Conv2d(1, 12, 3, 2, 1), act(variant), nn.Conv2d(12, 4, 3, 2, 1),
                          nn.ConvTranspose2d(4, 12, 4, 2, 1), act(variant),
                          nn.ConvTranspose2d(12, 1, 4, 2, 1), nn.Tanh())  # fmt: skip
    return Program(model, x, x, F.mse_loss, adam(model, 1e-2), redrawn, 300)


@family("C", "relu", "silu", learns=0.9, chance=0.82)
def shared_weights(variant: str) -> Program:
    """Name each pixel's class with one block that is gone through three times."""
    block = Beside(nn.GroupNorm(2, 12), act(variant), nn.Conv2d(12, 12, 3, padding=1))
    model = nn.Sequential(nn.Conv2d(1, 12, 3, padding=1), block, block, block, nn.GroupNorm(2, 12),
                          act(variant), nn.Conv2d(12, 3, 1))  # fmt: skip
    return Program(model, *shapes(), nn.CrossEntropyLoss(ignore_index=255), adam(model, 1e-2),
                   pixel_accuracy, 128, batch=32, out="6")  # fmt: skip
