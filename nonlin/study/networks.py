"""Ensembles of perceptrons: many independent networks of one shape, computed at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from nonlin.propagation import critical_initialization
from nonlin.study.design import FIRST_SEED

Function = Callable[[Tensor], Tensor]
Init = Literal["xavier", "he", "default", "critical", "as_tanh"]

ACTIVATIONS: dict[str, Function] = {
    "identity": lambda z: z,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "leaky_relu": functional.leaky_relu,
    "elu": functional.elu,
}

# Xavier where the function is nearly linear at 0 or saturates, He where it cuts one half off.
USUAL_INIT: dict[str, Init] = {
    "identity": "xavier",
    "sigmoid": "xavier",
    "tanh": "xavier",
    "relu": "he",
    "leaky_relu": "he",
    "elu": "he",
}

# Tanh and functions like it are critical without biases only at length 0, where they are linear.
_CRITICAL_BIAS = {"tanh": 0.05}


@cache
def critical_variances(activation: str) -> tuple[float, float]:
    """fan_in times the weights' variance, and the biases', at which gradients keep their length."""
    bias = _CRITICAL_BIAS.get(activation, 0.0)
    return critical_initialization(activation, bias).weight_variance, bias


def initial_weights(
    init: Init, fan_in: int, fan_out: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """One layer's first weights (fan_in, fan_out) and biases (fan_out).

    xavier : normal with variance 2 / (fan_in + fan_out), zero biases (Glorot and Bengio 2010).
    he : normal with variance 2 / fan_in, zero biases (He et al. 2015).
    default : uniform within +-1 / sqrt(fan_in), biases too: what torch.nn.Linear does.
    """
    if init not in ("xavier", "he", "default"):
        raise ValueError(f"an init that hangs on the function is drawn by Ensemble, got {init!r}")
    if init == "default":
        bound = 1 / math.sqrt(fan_in)
        weight = torch.rand(fan_in, fan_out, generator=generator) * 2 * bound - bound
        return weight, torch.rand(fan_out, generator=generator) * 2 * bound - bound
    variance = 2 / (fan_in + fan_out) if init == "xavier" else 2 / fan_in
    weight = torch.randn(fan_in, fan_out, generator=generator) * math.sqrt(variance)
    return weight, torch.zeros(fan_out)


def _critical(
    activation: str, fan_in: int, fan_out: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    weight_variance, bias_variance = critical_variances(activation)
    weight = torch.randn(fan_in, fan_out, generator=generator)
    bias = torch.randn(fan_out, generator=generator)
    return weight * math.sqrt(weight_variance / fan_in), bias * math.sqrt(bias_variance)


def as_tanh(layers: Sequence[tuple[Tensor, Tensor]]) -> list[tuple[Tensor, Tensor]]:
    """The sigmoid network that computes what a tanh network with these weights does.

    tanh(z) = 2 sigmoid(2 z) - 1: with pre-activations twice as large, W (2 s - 1) = 2 W s - W 1,
    and the next layer's are again doubled. The biases must be 0.
    """
    last = len(layers) - 1
    found = []
    for place, (weight, bias) in enumerate(layers):
        out = 1 if place == last else 2
        into = 1 if place == 0 else 2
        shift = 0 if place == 0 else -out * weight.sum(0)
        found.append((weight * (out * into), bias + shift))
    return found


class Ensemble(nn.Module):
    """Independent perceptrons of one shape, as batched weights.

    Layer l of member m computes z = x W[l][m] + b[l][m], with phi between the layers and none after
    the last. No member sees another: training one alone follows the same trajectory.

    Parameters
    ----------
    sizes : inputs, hidden widths, outputs.
    activation : a name in ACTIVATIONS, or a function of z, (members, samples, units).
    seeds : one seed a member; members with one seed start with the same weights.
    init : how weights start; None takes USUAL_INIT. The last layer, which no activation follows,
        starts with Xavier where the others start with He or at the critical point. "critical" is
        `nonlin.critical_initialization` of the named function. "as_tanh" is for the sigmoid alone:
        weights and biases with which it starts as the very function of x that a tanh network with
        Xavier's weights is, and so without the small slopes of its usual start.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: str | Function,
        seeds: Sequence[int],
        init: Init | None = None,
    ) -> None:
        super().__init__()
        named = isinstance(activation, str)
        self.activation = ACTIVATIONS[activation] if isinstance(activation, str) else activation
        self.init: Init = init or (USUAL_INIT[str(activation)] if named else "he")
        name = activation if named else ""
        first = {seed: self._first_weights(sizes, seed, str(name)) for seed in set(seeds)}
        layers = range(len(sizes) - 1)
        self.weights = nn.ParameterList(
            torch.stack([first[seed][layer][0] for seed in seeds]) for layer in layers
        )
        self.biases = nn.ParameterList(
            torch.stack([first[seed][layer][1] for seed in seeds]) for layer in layers
        )

    def _first_weights(
        self, sizes: Sequence[int], seed: int, name: str
    ) -> list[tuple[Tensor, Tensor]]:
        generator = torch.Generator().manual_seed(1_000_003 + FIRST_SEED + seed)
        layers = list(pairwise(sizes))
        if self.init == "as_tanh":
            if name != "sigmoid":
                raise ValueError(f"only the sigmoid starts as tanh, got {name!r}")
            return as_tanh([initial_weights("xavier", *layer, generator) for layer in layers])
        if self.init == "critical":
            hidden = [_critical(name, *layer, generator) for layer in layers[:-1]]
        else:
            hidden = [initial_weights(self.init, *layer, generator) for layer in layers[:-1]]
        last: Init = "xavier" if self.init in ("he", "critical") else self.init
        return [*hidden, initial_weights(last, *layers[-1], generator)]

    @property
    def members(self) -> int:
        """How many networks there are."""
        return int(self.weights[0].shape[0])

    def member(self, index: int) -> nn.Sequential:
        """One of the networks by itself, with a copy of its weights."""
        layers: list[nn.Module] = []
        for weight, bias in zip(self.weights, self.biases, strict=True):
            if layers:
                layers.append(_Applied(self.activation))
            linear = nn.Linear(*weight.shape[1:])
            with torch.no_grad():
                linear.weight.copy_(weight[index].T)
                linear.bias.copy_(bias[index])
            layers.append(linear)
        return nn.Sequential(*layers)

    def pre_activations(self, x: Tensor) -> list[Tensor]:
        """z of every layer, the last one the logits: a list of (members, samples, units)."""
        zs: list[Tensor] = []
        for weight, bias in zip(self.weights, self.biases, strict=True):
            zs.append(torch.baddbmm(bias.unsqueeze(1), x, weight))
            x = self.activation(zs[-1])
        return zs

    def forward(self, x: Tensor) -> Tensor:
        """The logits (members, samples, outputs) of x (members, samples, inputs)."""
        return self.pre_activations(x)[-1]


class _Applied(nn.Module):
    """A function as a layer."""

    def __init__(self, function: Function) -> None:
        super().__init__()
        self.function = function

    def forward(self, z: Tensor) -> Tensor:
        return self.function(z)
