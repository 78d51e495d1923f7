"""Plants units that do nothing."""

from __future__ import annotations

import torch
from torch import nn

from doctor.setup import Case, Fault, Setup, Truth

# Pre-activations have a length of about 1. GELU's derivative is 0 in float32 below -14, SiLU's
# below -104.
DEADLY = {"relu": -12.0, "gelu": -60.0, "silu": -250.0}
FLAT = {"tanh": 15.0, "sigmoid": 25.0, "elu": -25.0, "leaky_relu": -12.0}


def chosen(setup: Setup, case: Case, fault: Fault) -> list[int]:
    """Draw the share of units at the fault's place."""
    units = setup.model.layers[fault.place].weight.shape[0]
    generator = torch.Generator().manual_seed(1000 + case.number)
    count = max(round(fault.size * units), 1)
    return sorted(torch.randperm(units, generator=generator)[:count].tolist())


@torch.no_grad()
def dead_by_bias(setup: Setup, case: Case, fault: Fault) -> None:
    """Push units below the edge with their bias, or the normalisation's."""
    units = chosen(setup, case, fault)
    _bias(setup, fault)[units] = DEADLY[case.shape.activation]
    setup.truths.append(_truth(fault, setup, units))


@torch.no_grad()
def dead_by_weights(setup: Setup, case: Case, fault: Fault) -> None:
    """Let units see nothing but negative weights; their inputs are not negative."""
    units = chosen(setup, case, fault)
    weight = setup.model.layers[fault.place].weight
    weight[units] = -4.0 * weight[units].abs()
    setup.truths.append(_truth(fault, setup, units))


@torch.no_grad()
def saturated_by_bias(setup: Setup, case: Case, fault: Fault) -> None:
    """Push units to the flat parts with their bias, half of them to each side if there are two."""
    units = chosen(setup, case, fault)
    bias, value = _bias(setup, fault), FLAT[case.shape.activation]
    bias[units] = value
    if value > 0:
        bias[units[::2]] = -value
    setup.truths.append(_truth(fault, setup, units))


@torch.no_grad()
def saturated_by_weights(setup: Setup, case: Case, fault: Fault) -> None:
    """Make the weights of a layer so large that every unit saturates."""
    setup.model.layers[fault.place].weight.mul_(fault.size)
    truth = _truth(fault, setup, None)
    truth.roots |= {"bad_initialization"}
    setup.truths.append(truth)


@torch.no_grad()
def sparse(setup: Setup, case: Case, fault: Fault) -> None:
    """Let a share of the units of each place work on few inputs; no fault.

    The bias is put at a unit's own quantile: it works on 2 % to 10 % of the inputs.
    """
    units = chosen(setup, case, fault)
    inputs, _ = setup.probe(1200)
    share = torch.linspace(0.9, 0.98, len(units))
    layer = setup.model.layers[fault.place]
    seen: list[torch.Tensor] = []
    handle = layer.register_forward_hook(lambda _, args, z: seen.append(z.detach()))
    setup.model(inputs)
    handle.remove()
    z = seen[0].transpose(0, 1 if seen[0].ndim == 4 else -1).flatten(1)
    for unit, level in zip(units, share, strict=True):
        layer.bias[unit] -= torch.quantile(z[unit][:20_000], float(level))


def _bias(setup: Setup, fault: Fault) -> torch.Tensor:
    norm = setup.model.norms[fault.place]
    place: nn.Module = setup.model.layers[fault.place] if isinstance(norm, nn.Identity) else norm
    bias: torch.Tensor = place.bias  # type: ignore[assignment]
    return bias


def _truth(fault: Fault, setup: Setup, units: list[int] | None) -> Truth:
    names = {f"layers.{fault.place}", f"acts.{fault.place}"}
    return Truth(fault.kind, names, {fault.kind}, None if units is None else tuple(units))
