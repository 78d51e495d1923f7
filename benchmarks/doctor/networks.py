"""Five families of small networks, each with numbered places: a layer and the activation behind it.

Every network takes (n, 64) and makes (n, outputs). Activations are modules in half of the networks
and calls of a function in the others, as users write both.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

Family = Literal["mlp", "cnn", "resnet", "transformer", "recurrent"]
SIDE = 8

MODULES = {
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "elu": nn.ELU,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
}
CALLS = {
    "relu": lambda x: x.relu(),
    "leaky_relu": lambda x: F.leaky_relu(x, 0.01),
    "elu": F.elu,
    "gelu": F.gelu,
    "silu": F.silu,
    "tanh": torch.tanh,
    "sigmoid": lambda x: x.sigmoid(),
}


@dataclass(frozen=True)
class Shape:
    """What a network is like.

    Attributes
    ----------
    normalized : bool
        With batch normalisation between layers and activations (MLP, CNN).
    critical : bool
        First weights at criticality instead of PyTorch's own.
    called : bool
        With activations as calls of a function.
    """

    family: Family
    activation: str
    width: int = 32
    depth: int = 4
    normalized: bool = False
    critical: bool = True
    called: bool = False


class Call(nn.Module):
    """An activation as a call of a function."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def forward(self, x: Tensor) -> Tensor:
        return CALLS[self.name](x)


def activation(shape: Shape, name: str | None = None) -> nn.Module:
    """Make one activation, a module or a call."""
    wanted = name or shape.activation
    return Call(wanted) if shape.called else MODULES[wanted]()


class Network(nn.Module):
    """What all families share: `layers`, `norms` and `acts`, one each a place, and `out`."""

    def __init__(self, shape: Shape, layers: list[nn.Module], features: int, outputs: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)
        self.norms = nn.ModuleList(_norm(layer, shape) for layer in layers)
        self.acts = nn.ModuleList(activation(shape) for _ in layers)
        self.out = nn.Linear(features, outputs)
        self.last: nn.Module = nn.Identity()

    def place(self, x: Tensor, i: int) -> Tensor:
        """Go through one place."""
        return self.acts[i](self.norms[i](self.layers[i](x)))


class MLP(Network):
    """Linear layers in a row."""

    def __init__(self, shape: Shape, outputs: int) -> None:
        widths = [SIDE * SIDE] + [shape.width] * shape.depth
        layers = [nn.Linear(*pair) for pair in pairwise(widths)]
        super().__init__(shape, layers, shape.width, outputs)

    def forward(self, x: Tensor) -> Tensor:
        for i in range(len(self.layers)):
            x = self.place(x, i)
        return self.last(self.out(x))


class CNN(Network):
    """3 x 3 convolutions in a row on the 8 x 8 image, one maximum pooling behind the second."""

    def __init__(self, shape: Shape, outputs: int) -> None:
        channels = [1] + [shape.width] * shape.depth
        pairs = pairwise(channels)
        layers = [nn.Conv2d(*pair, 3, padding=1) for pair in pairs]
        super().__init__(shape, layers, shape.width * 16, outputs)

    def forward(self, x: Tensor) -> Tensor:
        x = x.view(-1, 1, SIDE, SIDE)
        for i in range(len(self.layers)):
            x = self.place(x, i)
            if i == 1:
                x = F.max_pool2d(x, 2)
        return self.last(self.out(x.flatten(1)))


class ResNet(Network):
    """A stem and blocks of two convolutions beside an identity, with batch normalisation."""

    def __init__(self, shape: Shape, outputs: int) -> None:
        blocks = max((shape.depth - 1) // 2, 1)
        layers: list[nn.Module] = [nn.Conv2d(1, shape.width, 3, padding=1, stride=2)]
        layers += [nn.Conv2d(shape.width, shape.width, 3, padding=1) for _ in range(2 * blocks)]
        super().__init__(shape, layers, shape.width, outputs)
        self.norms = nn.ModuleList(nn.BatchNorm2d(shape.width) for _ in layers)

    def forward(self, x: Tensor) -> Tensor:
        x = self.place(x.view(-1, 1, SIDE, SIDE), 0)
        for i in range(1, len(self.layers), 2):
            inner = self.place(x, i)
            x = self.acts[i + 1](x + self.norms[i + 1](self.layers[i + 1](inner)))
        return self.last(self.out(x.mean((2, 3))))


class Transformer(Network):
    """Pre-norm blocks of attention and a feed-forward part over the image's eight rows."""

    def __init__(self, shape: Shape, outputs: int) -> None:
        width, blocks = shape.width, max(shape.depth // 2, 1)
        layers = [nn.Linear(width, 2 * width) for _ in range(blocks)]
        super().__init__(shape, layers, width, outputs)
        self.embed = nn.Linear(SIDE, width)
        self.position = nn.Parameter(0.1 * torch.randn(SIDE, width))
        self.attend = nn.ModuleList(nn.Linear(width, 3 * width) for _ in range(blocks))
        self.mix = nn.ModuleList(nn.Linear(width, width) for _ in range(blocks))
        self.back = nn.ModuleList(nn.Linear(2 * width, width) for _ in range(blocks))
        self.before = nn.ModuleList(nn.LayerNorm(width) for _ in range(2 * blocks + 1))

    def forward(self, x: Tensor) -> Tensor:
        x = self.embed(x.view(-1, SIDE, SIDE)) + self.position
        for i in range(len(self.layers)):
            q, k, v = self.attend[i](self.before[2 * i](x)).chunk(3, -1)
            weights = torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1]), -1)
            x = x + self.mix[i](weights @ v)
            x = x + self.back[i](self.place(self.before[2 * i + 1](x), i))
        return self.last(self.out(self.before[-1](x).mean(1)))


class Recurrent(Network):
    """A cell written out: h <- phi(W x + U h) over the image's eight rows."""

    def __init__(self, shape: Shape, outputs: int) -> None:
        super().__init__(shape, [nn.Linear(SIDE, shape.width)], shape.width, outputs)
        self.again = nn.Linear(shape.width, shape.width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        rows = x.view(-1, SIDE, SIDE)
        state = x.new_zeros(len(x), self.again.in_features)
        for t in range(SIDE):
            state = self.acts[0](self.norms[0](self.layers[0](rows[:, t]) + self.again(state)))
        return self.last(self.out(state))


FAMILIES: dict[Family, type[Network]] = {
    "mlp": MLP, "cnn": CNN, "resnet": ResNet, "transformer": Transformer, "recurrent": Recurrent,
}  # fmt: skip


def _norm(layer: nn.Module, shape: Shape) -> nn.Module:
    if not shape.normalized:
        return nn.Identity()
    if isinstance(layer, nn.Conv2d):
        return nn.BatchNorm2d(layer.out_channels)
    return nn.BatchNorm1d(layer.out_features)
