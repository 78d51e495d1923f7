"""Changes of single units: their weights, their biases, and who hears them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from torch import nn

from nonlin.torch.case import Case
from nonlin.torch.finding import Finding
from nonlin.torch.findings.view import View
from nonlin.torch.initialize import LAYERS, TRANSPOSED
from nonlin.torch.mending.change import Change
from nonlin.torch.mending.modules import find, normalization_behind, parameter
from nonlin.torch.mending.weights import bias_name, deviation, generator, in_lines, weight_name
from nonlin.torch.parts import Site

# So many units or ranges of units are listed; of more the finding is asked.
LISTED = 12


def anew(view: View, case: Case, layer: str, site: Site, finding: Finding) -> Change | None:
    """Draw the incoming weights of a finding's units anew, where a unit is a row of weights."""
    name = weight_name(case.model, layer)
    axis = None if name is None else _unit_axis(view, case.model, layer, name, site)
    if name is None or axis is None:
        return None
    rows = "units" if axis == 0 else ":, units"
    lines = [
        f"weight, units = model.get_parameter({name!r}), {_listed(finding)}",
        "with torch.no_grad():",
        f"    drawn = torch.empty_like(weight[{rows}])",
        f"    weight[{rows}] = drawn.normal_(0.0, {deviation(view, layer):.4g}, "
        f"generator={generator(case.model)})",
    ]
    if bias := bias_name(case.model, layer):
        lines.append(f"    model.get_parameter({bias!r})[units] = 0.0")
    fields = {"layer": layer, "units": len(finding.units)}
    return Change("reinitialize_units", "\n".join(lines), fields)


def anew_unheard(view: View, case: Case, layer: str, site: Site, finding: Finding) -> Change | None:
    """Draw dead units anew with outgoing weights of 0, so that the outputs stay what they are.

    What a dead unit's outgoing weights are was learnt without it: the redrawn unit would be noise
    in what the model has learnt (G. Sokar et al., The dormant neuron phenomenon, 2023).
    """
    drawn = anew(view, case, layer, site, finding)
    heard = list(_weights_behind(view, case.model, site))
    if drawn is None or not heard or finding.kind == "saturated_units":
        return None
    lines = [f"    model.get_parameter({name!r})[:, units] = 0.0" for name in heard]
    return replace(drawn, key="unheard_units", code="\n".join([drawn.code, *lines]))


def _weights_behind(view: View, model: nn.Module, site: Site) -> Iterator[str]:
    """Name the weights whose second axis is the site's units; none if some are not of that form."""
    steps = view.reading.steps
    reached = {i for i, step in enumerate(steps) if step.name == site.name}
    found: list[str] = []
    for place, step in enumerate(steps):
        if not reached.intersection(step.sources):
            continue
        if step.kind != "layer":
            reached.add(place)
            continue
        module, name = find(model, step.name), weight_name(model, step.name)
        fits = isinstance(module, LAYERS) and not isinstance(module, TRANSPOSED)
        if name is None or not fits or model.get_parameter(name).shape[1] != site.units.count:
            return
        found.append(name)
    yield from found


def centred(view: View, case: Case, layer: str, site: Site, finding: Finding) -> Change | None:
    """Move the biases of units to where their mean pre-activation is 0, and keep their weights."""
    bias = bias_name(case.model, layer)
    if finding.cause != "bias" or bias is None or _feeders(view, site) != 1:
        return None
    if case.model.get_parameter(bias).shape != (site.units.count,):
        return None
    code = (
        f"site = next(x for x in exam.sites if x.name == {site.name!r})\n"
        f"bias, units = model.get_parameter({bias!r}), {_listed(finding)}\n"
        f"with torch.no_grad():\n"
        f"    bias[units] -= torch.as_tensor(site.units.mean[units]).to(bias)"
    )
    return Change("centre_units", code, {"layer": layer, "units": len(finding.units)})


def biases_reset(view: View, case: Case, findings: Sequence[Finding]) -> Change | None:
    """Set the biases to 0 that push units to where they are, whichever of a layer's parts they are.

    A gate's units are a slice of what one layer makes, in an order that is the user's or PyTorch's;
    those biases are meant whose size is at least half of the units' mean pre-activation.
    """
    sites = {x.site for x in findings if x.cause == "bias"}
    layers = [name for name, fed in view.fed.items() if any(x.name in sites for x, _ in fed)]
    names = dict.fromkeys(x for layer in layers if (x := bias_name(case.model, layer)))
    means = [abs(x.evidence["mean"]) for x in findings if x.site in sites]
    least = 0.5 * min(means, default=0.0)
    large = [x for x in names if bool((case.model.get_parameter(x).abs() >= least).any())]
    if not large or not least > 0.0:
        return None
    code = (
        f"with torch.no_grad():\n"
        f"    for name in {in_lines(map(repr, large))}:\n"
        f"        bias = model.get_parameter(name)\n"
        f"        bias[bias.abs() >= {least:.4g}] = 0.0"
    )
    return Change("reset_biases", code, {"layer": "', '".join(large), "least": least})


def _feeders(view: View, site: Site) -> int:
    return sum(any(x is site for x, _ in fed) for fed in view.fed.values())


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
        f"norm, units = model.get_submodule({name!r}), {_listed(finding)}\n"
        f"with torch.no_grad():\n    norm.weight[units], norm.bias[units] = 1.0, 0.0"
    )
    return Change("reset_shift", code, {"layer": name, "units": len(finding.units)})


def _listed(finding: Finding) -> str:
    """Write the units of a finding, those in a row as a range."""
    parts: list[list[int]] = []
    for unit in sorted(finding.units):
        if parts and unit == parts[-1][-1] + 1:
            parts[-1].append(unit)
        else:
            parts.append([unit])
    if len(finding.units) <= LISTED:
        return str(list(finding.units))
    if len(parts) <= LISTED:
        shown = [f"*range({x[0]}, {x[-1] + 1})" if x[1:] else str(x[0]) for x in parts]
        return f"[{', '.join(shown)}]"
    found = f"(x.kind, x.site) == ({finding.kind!r}, {finding.site!r})"
    return f"next(\n    list(x.units) for x in exam.findings if {found}\n)"
