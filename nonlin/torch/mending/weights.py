"""Draws weights anew."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from nonlin.torch.exam import Case
from nonlin.torch.finding import Finding
from nonlin.torch.mending.change import Change
from nonlin.torch.mending.modules import find, first_batch, normalization_behind
from nonlin.torch.verdicts.asked import to_draw
from nonlin.torch.verdicts.view import View

SEED = 0


def deviation(view: View, layer: str) -> float:
    """Give the deviation that a layer's weights should have for the activation behind it."""
    sites = [site for site, _ in view.fed.get(layer, [])]
    asked = to_draw(view, layer, sites[0]) if sites else 1.0
    # Where several layers feed one site, each makes its part of the pre-activation.
    shares = sum(any(x is sites[0] for x, _ in fed) for fed in view.fed.values()) if sites else 1
    return math.sqrt(asked / max(shares, 1) / view.layers[layer].fan_in)


def units_anew(view: View, layer: str, finding: Finding) -> Change:
    """Draw the incoming weights of a finding's units anew."""
    spread, chosen = deviation(view, layer), list(finding.units)

    def act(case: Case) -> Case:
        module = find(case.model, layer)
        _draw(_tensor(module, "weight"), spread, chosen)
        _clear(module, chosen)
        return case

    code = (
        f'layer, units = model.get_submodule("{layer}"), {_short(finding)}\n'
        f"with torch.no_grad():\n"
        f"    layer.weight[units] = {spread:.4g} * torch.randn_like(layer.weight[units])\n"
        f"    layer.bias[units] = 0.0"
    )
    return Change("reinitialize_units", code, act, {"layer": layer, "units": len(chosen)})


def shift_reset(case: Case, layer: str, finding: Finding) -> Change | None:
    """Set the normalisation behind a layer back to shift 0 and scale 1 for some units."""
    name, chosen = normalization_behind(case, layer), list(finding.units)
    if name is None:
        return None

    def act(changed: Case) -> Case:
        module = find(changed.model, name)
        with torch.no_grad():
            _tensor(module, "weight")[chosen] = 1.0
            _tensor(module, "bias")[chosen] = 0.0
        return changed

    code = (
        f'norm, units = model.get_submodule("{name}"), {_short(finding)}\n'
        f"with torch.no_grad():\n    norm.weight[units], norm.bias[units] = 1.0, 0.0"
    )
    return Change("reset_shift", code, act, {"layer": name, "units": len(chosen)})


def layer_anew(view: View, layer: str, key: str = "initialize_layer") -> Change:
    """Draw all weights of a layer anew and set its biases to 0."""
    spread = deviation(view, layer)

    def act(case: Case) -> Case:
        module = find(case.model, layer)
        weight = _tensor(module, "weight")
        _draw(weight, spread, list(range(len(weight))))
        _clear(module, list(range(len(weight))))
        return case

    code = (
        f'layer = model.get_submodule("{layer}")\n'
        f"torch.nn.init.normal_(layer.weight, std={spread:.4g})\ntorch.nn.init.zeros_(layer.bias)"
    )
    return Change(key, code, act, {"layer": layer})


def all_anew() -> Change:
    """Draw every layer's weights anew."""

    def act(case: Case) -> Case:
        from nonlin.torch.initialize import initialize_

        batch = first_batch(case)[0]
        initialize_(
            case.model,
            batch,
            activations=case.activations,
            generator=torch.Generator().manual_seed(SEED),
        )
        return case

    code = "from nonlin.torch import initialize_\n\ninitialize_(model, inputs)"
    return Change("initialize", code, act)


def _tensor(module: nn.Module | None, name: str) -> Tensor:
    found: Tensor = getattr(module, name)
    return found


def _draw(weight: Tensor, spread: float, units: list[int]) -> None:
    generator = torch.Generator().manual_seed(SEED)
    with torch.no_grad():
        drawn = torch.randn(weight[units].shape, generator=generator)
        weight[units] = (spread * drawn).to(weight)


def _clear(module: nn.Module | None, units: list[int]) -> None:
    bias = getattr(module, "bias", None)
    if isinstance(bias, Tensor):
        with torch.no_grad():
            bias[units] = 0.0


def _short(finding: Finding) -> str:
    if len(finding.units) <= 12:
        return str(list(finding.units))
    found = f'(x.kind, x.site) == ("{finding.kind}", "{finding.site}")'
    return f"next(\n    list(x.units) for x in exam.findings if {found}\n)"
