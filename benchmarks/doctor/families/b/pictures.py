"""Pictures: depthwise, segmenting, squeezing and residual networks, and a vision transformer."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn
from transformers import (
    ResNetConfig,
    ResNetForImageClassification,
    ViTConfig,
    ViTForImageClassification,
)

from doctor.data import digits, images, shapes
from doctor.families.pieces import Beside, act, redrawn
from doctor.program import Program, accuracy, adam, family, pixel_accuracy, sgd


def _norm_conv(
    before: int, after: int, size: int, groups: int = 1, stride: int = 1
) -> list[nn.Module]:
    conv = nn.Conv2d(before, after, size, stride, size // 2, groups=groups, bias=False)
    return [conv, nn.BatchNorm2d(after)]


@family("B", "relu6", "hardswish", learns=0.85, chance=0.1)
def mobile_net(variant: str) -> Program:
    """Classify digits with inverted residuals: widen, depthwise, narrow."""

    def inverted(width: int) -> nn.Module:
        wide = 4 * width
        return Beside(*_norm_conv(width, wide, 1), act(variant),
                      *_norm_conv(wide, wide, 3, groups=wide), act(variant),
                      *_norm_conv(wide, width, 1))  # fmt: skip

    model = nn.Sequential(*_norm_conv(1, 8, 3, stride=2), act(variant), inverted(8), inverted(8),
                          nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(32, 10))  # fmt: skip
    return Program(model, *images(), F.cross_entropy, adam(model, 1e-2), accuracy, 300, out="7",
                   task="classes")  # fmt: skip


class UNet(nn.Module):
    """Down once, up once, and across."""

    def __init__(self, name: str) -> None:
        super().__init__()

        def pair(before: int, after: int) -> nn.Sequential:
            return nn.Sequential(nn.Conv2d(before, after, 3, padding=1), act(name),
                                 nn.Conv2d(after, after, 3, padding=1), act(name))  # fmt: skip

        self.down, self.deep, self.up = pair(1, 8), pair(8, 16), pair(16, 8)
        self.wider = nn.ConvTranspose2d(16, 8, 2, 2)
        self.out = nn.Conv2d(8, 3, 1)

    def forward(self, x: Tensor) -> Tensor:
        across = self.down(x)
        deep = self.wider(self.deep(F.max_pool2d(across, 2)))
        found: Tensor = self.out(self.up(torch.cat([across, deep], 1)))
        return found


@family("B", "relu", "leaky_relu", learns=0.93, chance=0.82)
def unet(variant: str) -> Program:
    """Name each pixel's class; the border is not to be answered."""
    model = UNet(variant)
    loss = nn.CrossEntropyLoss(ignore_index=255)
    return Program(model, *shapes(), loss, adam(model, 5e-3), pixel_accuracy, 128, batch=32,
                   out="out")  # fmt: skip


class Squeeze(nn.Module):
    """Channels weighted by what the whole image says."""

    def __init__(self, width: int, name: str) -> None:
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.narrow, self.act = nn.Conv2d(width, width // 4, 1), act(name)
        self.widen, self.gate = nn.Conv2d(width // 4, width, 1), nn.Sigmoid()

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = x * self.gate(self.widen(self.act(self.narrow(self.pool(x)))))
        return found


@family("B", "relu", "silu", learns=0.85, chance=0.1)
def squeeze_and_excite(variant: str) -> Program:
    """Classify digits with weighted channels; first weights as torchvision's, by fan-out."""
    blocks = [Beside(*_norm_conv(16, 16, 3), act(variant), Squeeze(16, variant)) for _ in range(2)]
    model = nn.Sequential(*_norm_conv(1, 16, 3), act(variant), nn.MaxPool2d(2), *blocks,
                          nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 10))  # fmt: skip
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
    return Program(model, *images(), F.cross_entropy, adam(model, 1e-2), accuracy, 300, out="8",
                   task="classes", known={"gate": "4.branch.3.widen"})  # fmt: skip


@family("B", "relu", "elu", learns=0.85, chance=0.1)
def zero_first_residual(variant: str) -> Program:
    """Classify digits with residual blocks whose last normalisation is 0 at first, by SGD."""

    def block() -> Beside:
        return Beside(*_norm_conv(12, 12, 3), act(variant), *_norm_conv(12, 12, 3))

    blocks = [block() for _ in range(4)]
    for each in blocks:
        nn.init.zeros_(each.branch[4].weight)
    model = nn.Sequential(*_norm_conv(1, 12, 3), act(variant), nn.MaxPool2d(2), *blocks,
                          nn.BatchNorm2d(12), act(variant), nn.Flatten(),
                          nn.Linear(192, 10))  # fmt: skip
    return Program(model, *images(), F.cross_entropy, sgd(model, 0.05), accuracy, 300, out="11",
                   task="classes", traits=frozenset({"residual"}))  # fmt: skip


@family("B", "relu", "gelu", learns=0.85, chance=0.1)
def published_resnet(variant: str) -> Program:
    """Classify digits with transformers' ResNet."""
    made = ResNetConfig(num_channels=1, embedding_size=8, hidden_sizes=[8, 16], depths=[1, 1],
                        layer_type="basic", hidden_act=variant, num_labels=10)  # fmt: skip
    model = ResNetForImageClassification(made)
    x, y = images()
    wide = F.interpolate(x, scale_factor=2.0)
    return Program(model, {"pixel_values": wide, "labels": y}, None, None, adam(model, 5e-3),
                   accuracy, 300, batch=48, task="classes", out="classifier.1")  # fmt: skip


@family("B", "gelu", "relu", learns=0.5, chance=0.1, steps=200)
def vision_transformer(variant: str) -> Program:
    """Classify digits with transformers' ViT on four patches and a class word."""
    made = ViTConfig(image_size=8, patch_size=2, num_channels=1, hidden_size=32, num_labels=10,
                     num_hidden_layers=2, num_attention_heads=4, intermediate_size=64,
                     hidden_act=variant)  # fmt: skip
    model = ViTForImageClassification(made)
    x, y = images()
    return Program(model, {"pixel_values": x, "labels": y}, None, None, adam(model, 3e-3, 0.01),
                   accuracy, 300, task="classes", out="classifier",
                   traits=frozenset({"attention"}))  # fmt: skip


@family("B", "relu", "gelu", learns=0.55, steps=200)
def autoencoder(variant: str) -> Program:
    """Draw digits again out of twelve numbers, with a sigmoid before binary cross entropy."""
    x = (digits()[0] - digits()[0].min()) / 8.0
    x = (x / x.max()).clamp(0, 1)
    model = nn.Sequential(nn.Linear(64, 48), act(variant), nn.Linear(48, 12), nn.Linear(12, 48),
                          act(variant), nn.Linear(48, 64), nn.Sigmoid())  # fmt: skip
    return Program(model, x, x, F.binary_cross_entropy, adam(model, 5e-3), redrawn, 300)
