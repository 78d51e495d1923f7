"""Finds in any model where a layer feeds an activation, with PyTorch's hooks alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from doctor.program import Program, leaves

# By the names of classes: torch's, and those of transformers.
FUNCTIONS = {
    "ReLU": "relu", "ReLU6": "relu6", "LeakyReLU": "leaky_relu", "ELU": "elu", "SELU": "selu",
    "GELU": "gelu", "GELUActivation": "gelu", "NewGELUActivation": "gelu", "SiLU": "silu",
    "SiLUActivation": "silu", "Tanh": "tanh", "Sigmoid": "sigmoid", "Mish": "mish",
    "Softplus": "softplus", "Hardswish": "hardswish",
}  # fmt: skip
NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.LayerNorm, nn.GroupNorm)
LAYERS = (nn.Linear, nn.Conv1d, nn.Conv2d)


@dataclass(frozen=True)
class Place:
    """A layer and the activation behind it.

    Attributes
    ----------
    norm : str
        A normalisation between them; empty if there is none.
    positive : bool
        Whether nothing negative comes into the layer.
    """

    layer: str
    norm: str
    act: str
    function: str
    positive: bool

    @property
    def names(self) -> tuple[str, ...]:
        """What a finding at this place may name."""
        return tuple(x for x in (self.layer, self.norm, self.act) if x)


def places(of: Program) -> list[Place]:
    """List a healthy program's places in the order in which they are called, each once."""
    if "places" not in of.known:
        of.known["places"] = _places(of)
    found: list[Place] = of.known["places"]
    return found


@torch.no_grad()
def _places(of: Program) -> list[Place]:
    """Look at one call in evaluation mode, in which nothing of the model changes."""
    names = {module: name for name, module in of.model.named_modules()}
    made: dict[int, tuple[str, bool]] = {}
    normed: dict[int, tuple[str, str, bool]] = {}
    kept: list[Any] = []
    found: dict[str, Place] = {}

    def look(module: nn.Module, args: Any, output: Any) -> None:
        if not (args and isinstance(args[0], Tensor) and isinstance(output, Tensor)):
            return
        given, name = args[0], names[module]
        kept.extend((given, output))
        kind = type(module).__name__
        if isinstance(module, LAYERS) or kind == "Conv1D":
            made[id(output)] = (name, bool(given.numel()) and float(given.min()) >= 0.0)
        elif isinstance(module, NORMS) and id(given) in made:
            layer, positive = made[id(given)]
            normed[id(output)] = (layer, name, positive)
        elif kind in FUNCTIONS and name not in found:
            if id(given) in made:
                layer, positive = made[id(given)]
                found[name] = Place(layer, "", name, FUNCTIONS[kind], positive)
            elif id(given) in normed:
                layer, norm, positive = normed[id(given)]
                found[name] = Place(layer, norm, name, FUNCTIONS[kind], positive)

    handles = [x.register_forward_hook(look) for x in names]
    of.model.eval()
    try:
        of.call(of.probe(32)[0])
    finally:
        of.model.train()
        for handle in handles:
            handle.remove()
    return list(found.values())


@torch.no_grad()
def idle_units(of: Program, act: str) -> list[int]:
    """List the units of an activation that are inactive on all the data, by looking at them."""
    seen: list[Tensor] = []
    module = of.model.get_submodule(act)

    def look(_: Any, args: Any) -> None:
        # In double precision: elsewhere an error function that is not quite -1 leaves a slope.
        z = args[0].detach().double().requires_grad_()
        with torch.enable_grad():
            (slope,) = torch.autograd.grad(module.forward(z).sum(), z)
        axis = 1 if z.ndim == 4 else z.ndim - 1
        seen.append((slope != 0).transpose(0, axis).flatten(1).any(1))

    handle = module.register_forward_pre_hook(look)
    try:
        inputs, _ = of.part(slice(None))
        of.call(inputs)
    finally:
        handle.remove()
    active = torch.stack(seen).any(0)
    return [int(i) for i in torch.nonzero(~active)[:, 0]]


def replaced(model: nn.Module, name: str, by: nn.Module) -> None:
    """Put another module in the place of one."""
    parent, _, last = name.rpartition(".")
    setattr(model.get_submodule(parent), last, by)


def first_numbers(inputs: Any) -> Tensor | None:
    """Give the first input if it holds numbers, not names of words."""
    first = leaves(inputs)[0]
    plain = first.is_floating_point() and first.layout == torch.strided
    return first if plain else None
