"""Draws weights anew."""

from __future__ import annotations

import math

from torch import nn

from nonlin.torch.exam import Case
from nonlin.torch.finding import Finding
from nonlin.torch.initialize import LAYERS, TRANSPOSED
from nonlin.torch.mending.change import Change
from nonlin.torch.mending.modules import arguments, find, normalization_behind, parameter
from nonlin.torch.reading import Site
from nonlin.torch.verdicts.asked import to_draw
from nonlin.torch.verdicts.view import View

SEED = 0

# So many units are listed; of more the finding is asked.
LISTED = 12


def deviation(view: View, layer: str) -> float:
    """Give the deviation that a layer's weights should have for the activation behind it."""
    sites = [site for site, _ in view.fed.get(layer, [])]
    asked = to_draw(view, layer, sites[0]) if sites else 1.0
    # Where several layers feed one site, each makes its part of the pre-activation.
    shares = sum(any(x is sites[0] for x, _ in fed) for fed in view.fed.values()) if sites else 1
    return math.sqrt(asked / max(shares, 1) / view.layers[layer].fan_in)


def units_anew(view: View, case: Case, layer: str, site: Site, finding: Finding) -> Change | None:
    """Draw the incoming weights of a finding's units anew, where a unit is a row of weights."""
    name = weight_name(case.model, layer)
    axis = None if name is None else _unit_axis(view, case.model, layer, name, site)
    if name is None or axis is None:
        return None
    rows = "units" if axis == 0 else ":, units"
    lines = [
        f"weight, units = model.get_parameter({name!r}), {_short(finding)}",
        "with torch.no_grad():",
        f"    drawn = torch.empty_like(weight[{rows}])",
        f"    weight[{rows}] = drawn.normal_(0.0, {deviation(view, layer):.4g}, "
        f"generator={_generator(case.model)})",
    ]
    if bias := _bias_name(case.model, layer):
        lines.append(f"    model.get_parameter({bias!r})[units] = 0.0")
    fields = {"layer": layer, "units": len(finding.units)}
    return Change("reinitialize_units", "\n".join(lines), fields)


def _unit_axis(view: View, model: nn.Module, layer: str, weight: str, site: Site) -> int | None:
    """Find the axis of a weight along which the site's units lie; None if they lie elsewhere.

    They do where what the layer makes is cut or folded before it comes to the site.
    """
    module, w = find(model, layer), model.get_parameter(weight)
    if isinstance(module, TRANSPOSED):
        axis = 1 if module.groups == 1 else None
    elif isinstance(module, LAYERS) or w.ndim != 2:
        axis = 0
    else:
        # Of layers of other libraries one axis is summed over: the other one is the units'.
        sums = [w.shape[i] == view.layers[layer].fan_in for i in (1, 0)]
        axis = sums.index(True) if sums.count(True) == 1 else None
    return axis if axis is not None and w.shape[axis] == site.units.count else None


def shift_reset(case: Case, layer: str, finding: Finding, site: Site) -> Change | None:
    """Set the normalisation behind a layer back to shift 0 and scale 1 for some units."""
    name = normalization_behind(case, layer)
    if name is None:
        return None
    scale, shift = (parameter(case.model, f"{name}.{x}") for x in ("weight", "bias"))
    if scale is None or shift is None or scale.shape != (site.units.count,):
        return None
    code = (
        f"norm, units = model.get_submodule({name!r}), {_short(finding)}\n"
        f"with torch.no_grad():\n    norm.weight[units], norm.bias[units] = 1.0, 0.0"
    )
    return Change("reset_shift", code, {"layer": name, "units": len(finding.units)})


def layer_anew(view: View, case: Case, layer: str, key: str = "initialize_layer") -> Change | None:
    """Draw all weights of a layer anew and set its biases to 0."""
    name = weight_name(case.model, layer)
    if name is None:
        return None
    code = (
        f"weight, generator = model.get_parameter({name!r}), {_generator(case.model)}\n"
        f"torch.nn.init.normal_(weight, std={deviation(view, layer):.4g}, generator=generator)"
    )
    if bias := _bias_name(case.model, layer):
        code += f"\ntorch.nn.init.zeros_(model.get_parameter({bias!r}))"
    return Change(key, code, {"layer": layer})


def all_anew(case: Case) -> Change | None:
    """Draw every layer's weights anew."""
    if not any(isinstance(module, LAYERS) for module in case.model.modules()):
        return None
    own = ", activations=activations" if case.activations else ""
    code = (
        "from nonlin.torch import initialize_\n\n"
        f"initialize_(model, {arguments(case)}{own}, generator={_generator(case.model)})"
    )
    return Change("initialize", code)


def before_training(case: Case) -> Change:
    """Advise new first weights for the next training, of a model that has learnt."""
    code = f"# before the next training:\n# initialize_(model, {arguments(case)})"
    return Change("start_again", code, {}, "learnt")


def weight_name(model: nn.Module, layer: str) -> str | None:
    """Name the weight of a layer that may be drawn: see `nonlin.torch.mending.modules.parameter`.

    A layer is named after its module, or after its weight where that is called otherwise.
    """
    for name in (f"{layer}.weight" if layer else "weight", layer):
        found = parameter(model, name)
        if found is not None and found.ndim > 1:
            return name
    return None


def _bias_name(model: nn.Module, layer: str) -> str | None:
    owner = layer if find(model, layer) is not None else layer.rpartition(".")[0]
    name = f"{owner}.bias" if owner else "bias"
    return None if parameter(model, name) is None else name


def _generator(model: nn.Module) -> str:
    device = next(model.parameters()).device
    where = "" if device.type == "cpu" else repr(str(device))
    return f"torch.Generator({where}).manual_seed({SEED})"


def _short(finding: Finding) -> str:
    if len(finding.units) <= LISTED:
        return str(list(finding.units))
    found = f"(x.kind, x.site) == ({finding.kind!r}, {finding.site!r})"
    return f"next(\n    list(x.units) for x in exam.findings if {found}\n)"
