"""Random networks in PyTorch, and what is measured of them layer by layer."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from nonlin import Activation
from nonlin.torch import activate
from theory.points import Point

CORRELATION = 0.5  # of the two inputs of a pair
PAIRS = 2


@dataclass(frozen=True)
class Size:
    """Of the networks, and how many of each are drawn."""

    width: int
    depth: int
    draws: int


@dataclass(frozen=True)
class Layers:
    """What one draw shows, means over the inputs; layer l is entry l - 1.

    Attributes
    ----------
    lengths : array, shape (depth,)
        Mean square of the pre-activations.
    correlations : array, shape (depth,)
        Of the pre-activations of a pair of inputs.
    factors : array, shape (depth - 1,)
        Mean squared gradient at layer l over that at layer l + 1; NaN where there is none left.
    """

    lengths: NDArray[np.float64]
    correlations: NDArray[np.float64]
    factors: NDArray[np.float64]


class RandomNetworks(nn.Module):
    """Perceptrons of one random draw: u_l = sqrt(sw2 / n) W_l phi(u_{l-1}) + sqrt(sb2) b_l.

    W and b are standard normal. The networks of several points share them and differ in sw2 and
    sb2, so that a draw is made once.
    """

    def __init__(self, act: Activation, points: Sequence[Point], size: Size) -> None:
        super().__init__()
        self.act = act
        self.layers = nn.ModuleList(nn.Linear(size.width, size.width) for _ in range(size.depth))
        weight = torch.tensor([point.weight_variance for point in points]) / size.width
        bias = torch.tensor([point.bias_variance for point in points])
        self.register_buffer("weight_scale", weight.sqrt().view(-1, 1, 1))
        self.register_buffer("bias_scale", bias.sqrt().view(-1, 1, 1))

    @torch.no_grad()
    def draw(self, generator: torch.Generator) -> None:
        """Draw all weights and biases anew."""
        for layer in self.layers:
            layer.weight.normal_(generator=generator)
            layer.bias.normal_(generator=generator)

    def forward(self, x: Tensor) -> list[Tensor]:
        """List the pre-activations of every layer, each (points, inputs, width), of x like them."""
        pre_activations = []
        for layer in self.layers:
            u = self.weight_scale * functional.linear(x, layer.weight)
            u = u + self.bias_scale * layer.bias
            pre_activations.append(u)
            x = activate(self.act, u)
        return pre_activations


def inputs(points: Sequence[Point], width: int, generator: torch.Generator) -> Tensor:
    """Draw pairs of inputs of each point's length and the correlation 0.5, both exact.

    Returns
    -------
    Tensor, shape (points, 2 PAIRS, width)
        Inputs 2k and 2k + 1 are a pair.
    """
    basis = torch.linalg.qr(torch.randn(width, 2 * PAIRS, generator=generator)).Q.T
    first, second = basis[0::2], basis[1::2]
    other = CORRELATION * first + (1.0 - CORRELATION**2) ** 0.5 * second
    unit = torch.stack([first, other], dim=1).flatten(0, 1) * width**0.5
    lengths = torch.tensor([point.input_length for point in points])
    return lengths.sqrt().view(-1, 1, 1) * unit


def measure(
    act: Activation,
    points: Sequence[Point],
    size: Size,
    finished: Callable[[], None] = lambda: None,
) -> list[list[Layers]]:
    """Draw networks and follow signals forward and a random gradient backward.

    Returns
    -------
    list of list of Layers
        By point, then by draw. Each draw of each function has a seed of its own.
    """
    networks = RandomNetworks(act, points, size)
    for parameter in networks.parameters():
        parameter.requires_grad_(False)
    found: list[list[Layers]] = [[] for _ in points]
    for draw in range(size.draws):
        generator = torch.Generator().manual_seed(zlib.crc32(f"{act!r} {draw}".encode()))
        networks.draw(generator)
        x = inputs(points, size.width, generator).requires_grad_()
        u = networks(x)
        output = torch.randn(u[-1].shape[1:], generator=generator).expand(u[-1].shape)
        gradients = torch.autograd.grad(u[-1], u, output)
        for place, layers in enumerate(_layers(u, gradients)):
            found[place].append(layers)
        finished()
    return found


def _layers(u: Sequence[Tensor], gradients: Sequence[Tensor]) -> list[Layers]:
    signal = torch.stack([x.detach().double() for x in u], dim=1)
    squares = signal.square().mean(-1)
    one, other = signal[:, :, 0::2], signal[:, :, 1::2]
    products = (one * other).mean(-1)
    correlations = products / (squares[:, :, 0::2] * squares[:, :, 1::2]).sqrt()
    sizes = torch.stack([g.double().square().mean(-1) for g in gradients], dim=1)
    factors = sizes[:, :-1] / sizes[:, 1:]
    return [
        Layers(q.mean(1).numpy(), c.mean(1).numpy(), chi.mean(1).numpy())
        for q, c, chi in zip(squares, correlations, factors, strict=True)
    ]
