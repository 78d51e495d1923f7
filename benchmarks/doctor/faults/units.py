"""Units that do nothing, gates that are shut, experts that are never asked."""

from __future__ import annotations

import torch
from torch import nn

from doctor.faults.fault import Truth, fault, middle
from doctor.places import LAYERS, Place
from doctor.program import Program

# Pre-activations have a length of about 1. GELU's derivative is 0 in float32 below -14, SiLU's and
# Mish's below -104.
DEADLY = {
    "relu": -30.0, "relu6": -30.0, "hardswish": -30.0, "gelu": -60.0, "silu": -250.0,
    "mish": -250.0,
}  # fmt: skip
FLAT = {"tanh": 20.0, "sigmoid": 30.0, "elu": -30.0, "selu": -40.0}
SHARE = 0.9


def chosen(units: int, share: float = SHARE) -> list[int]:
    """Draw a share of units."""
    order = torch.randperm(units, generator=torch.Generator().manual_seed(units))
    return sorted(order[: max(round(share * units), 1)].tolist())


def shift(of: Program, place: Place) -> nn.Parameter | None:
    """Give the bias in front of an activation: the layer's or the normalisation's."""
    module = of.model.get_submodule(place.norm or place.layer)
    bias = getattr(module, "bias", None)
    return bias if isinstance(bias, nn.Parameter) and bias.requires_grad else None


@torch.no_grad()
def _killed(of: Program, share: float) -> Truth | None:
    place = middle(of, tuple(DEADLY))
    bias = shift(of, place) if place else None
    if place is None or bias is None:
        return None
    units = chosen(len(bias), share)
    bias[units] = DEADLY[place.function]
    return Truth(("dead_units",), place.names, tuple(units), place.act)


@fault("dead_units")
def dead_by_bias(of: Program) -> Truth | None:
    """Push nine of ten units below the edge."""
    return _killed(of, SHARE)


@fault("dead_units")
def all_dead(of: Program) -> Truth | None:
    """Push all units of a place below the edge."""
    return _killed(of, 1.0)


@fault("dead_units")
@torch.no_grad()
def dead_by_weights(of: Program) -> Truth | None:
    """Let units see what is never negative through negative weights."""
    place = middle(of, ("relu", "relu6"), positive=True, norm="")
    layer = of.model.get_submodule(place.layer) if place else None
    if place is None or not isinstance(layer, LAYERS) or hasattr(layer, "parametrizations"):
        return None
    units = chosen(len(layer.weight))
    layer.weight[units] = -4.0 * layer.weight[units].abs()
    if layer.bias is not None:
        layer.bias[units] = -0.1
    return Truth(("dead_units",), place.names, tuple(units), place.act)


@fault("saturated_units")
@torch.no_grad()
def saturated_by_bias(of: Program) -> Truth | None:
    """Push units to the flat parts, half of them to each side if there are two."""
    place = middle(of, tuple(FLAT))
    bias = shift(of, place) if place else None
    if place is None or bias is None:
        return None
    units, value = chosen(len(bias)), FLAT[place.function]
    bias[units] = value
    if value > 0:
        bias[units[::2]] = -value
    return Truth(("saturated_units",), place.names)


@fault("saturated_units")
@torch.no_grad()
def saturated_by_weights(of: Program) -> Truth | None:
    """Make a layer's weights so large that every unit saturates."""
    place = middle(of, ("tanh", "sigmoid"), norm="")
    layer = of.model.get_submodule(place.layer) if place else None
    if place is None or not isinstance(layer, LAYERS) or hasattr(layer, "parametrizations"):
        return None
    layer.weight.mul_(60.0)
    return Truth(("saturated_units", "bad_initialization"), place.names)


@fault("silent_gate")
@torch.no_grad()
def shut_gate(of: Program) -> Truth | None:
    """Give a gate a bias that shuts it."""
    name = of.known.get("gate")
    if name is None:
        return None
    gate = of.model.get_submodule(name)
    if gate.bias is None:
        return None
    gate.bias.fill_(-40.0)
    return Truth(("silent_gate", "saturated_units", "dead_units"), (name, name.rpartition(".")[0]))


@fault("silent_gate")
@torch.no_grad()
def shut_recurrent_gates(of: Program) -> Truth | None:
    """Give an nn.LSTM or nn.GRU gates that are shut."""
    name = of.known.get("fused")
    module = of.model.get_submodule(name) if name else None
    if name is None or not isinstance(module, nn.LSTM | nn.GRU):
        return None
    width = module.hidden_size
    # The LSTM's output gate lets nothing out; the GRU's update gate lets nothing in.
    at, value = (3, -40.0) if isinstance(module, nn.LSTM) else (1, 40.0)
    for key, bias in module.named_parameters():
        if key.startswith("bias_ih"):
            bias[at * width : (at + 1) * width] = value
    return Truth(("silent_gate", "saturated_units", "vanishing_gradients"), (name,))


@fault("idle_experts")
@torch.no_grad()
def idle_experts(of: Program) -> Truth | None:
    """Let the router ask the same few experts always."""
    name = of.known.get("router")
    if name is None:
        return None
    router = of.model.get_submodule(name)
    if getattr(router, "bias", None) is not None:
        router.bias[0] = 40.0
    else:
        router.weight[2:] = 0.0
        router.weight[1] = -20.0 * router.weight[0]
        router.weight[0] *= 20.0
    parent = name.rpartition(".")[0]
    return Truth(("idle_experts",), (name, parent, f"{parent}.experts".lstrip(".")))
