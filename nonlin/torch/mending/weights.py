"""Draws weights anew."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from torch import nn

from nonlin.torch.case import Case
from nonlin.torch.findings.asked import to_draw
from nonlin.torch.findings.growth import streams
from nonlin.torch.findings.view import View
from nonlin.torch.initialize import LAYERS
from nonlin.torch.mending.change import Change
from nonlin.torch.mending.modules import arguments, find, parameter

SEED = 0


def deviation(view: View, layer: str) -> float:
    """Give the deviation that a layer's weights should have for the activation behind it."""
    sites = [site for site, _ in view.fed.get(layer, [])]
    asked = to_draw(view, layer, sites[0]) if sites else 1.0
    # Where several layers feed one site, each makes its part of the pre-activation.
    shares = sum(any(x is sites[0] for x, _ in fed) for fed in view.fed.values()) if sites else 1
    return math.sqrt(asked / max(shares, 1) / view.layers[layer].fan_in)


def layer_anew(view: View, case: Case, layer: str) -> Change | None:
    """Draw all weights of a layer anew and set its biases to 0."""
    name = weight_name(case.model, layer)
    if name is None:
        return None
    code = (
        f"weight, generator = model.get_parameter({name!r}), {generator(case.model)}\n"
        f"torch.nn.init.normal_(weight, std={deviation(view, layer):.4g}, generator=generator)"
    )
    if bias := bias_name(case.model, layer):
        code += f"\ntorch.nn.init.zeros_(model.get_parameter({bias!r}))"
    return Change("initialize_layer", code, {"layer": layer})


def layers_anew(view: View, case: Case, layers: Sequence[str]) -> Change | None:
    """Draw all weights of several layers anew and set their biases to 0."""
    named = {layer: weight_name(case.model, layer) for layer in dict.fromkeys(layers)}
    drawn = [f"({name!r}, {deviation(view, x):.4g})" for x, name in named.items() if name]
    if not drawn or None in named.values():
        return None
    code = (
        f"generator = {generator(case.model)}\n"
        f"for name, std in {in_lines(drawn)}:\n"
        f"    torch.nn.init.normal_(model.get_parameter(name), std=std, generator=generator)"
    )
    if biases := [repr(x) for x in (bias_name(case.model, layer) for layer in named) if x]:
        code += (
            f"\nfor name in {in_lines(biases)}:\n"
            f"    torch.nn.init.zeros_(model.get_parameter(name))"
        )
    return Change("initialize_layers", code, {"layer": "', '".join(named)})


def in_lines(parts: Iterable[str]) -> str:
    """Write a list, on a line or on several."""
    wrapped = textwrap.wrap(
        f"[{', '.join(parts)}]", 88, subsequent_indent="    ", break_long_words=False
    )
    return "\n".join(wrapped)


def made_finite(view: View, case: Case, layer: str) -> Change | None:
    """Draw those weights of a layer anew that are not finite, and set such biases to 0."""
    name = weight_name(case.model, layer)
    if name is None:
        return None
    code = (
        f"weight, generator = model.get_parameter({name!r}), {generator(case.model)}\n"
        f"with torch.no_grad():\n"
        f"    drawn = torch.empty_like(weight)\n"
        f"    drawn.normal_(0.0, {deviation(view, layer):.4g}, generator=generator)\n"
        f"    weight.copy_(weight.where(weight.isfinite(), drawn))"
    )
    if bias := bias_name(case.model, layer):
        code += f"\n    model.get_parameter({bias!r}).nan_to_num_(0.0, 0.0, 0.0)"
    return Change("finite_weights", code, {"layer": layer})


def quiet_branches(view: View, case: Case, site: str) -> Change | None:
    """Let the branches of a residual stream begin at 0, by the last layer of each.

    The layers before it become smaller by L^(-1 / (2 m - 2)), of m layers in each of L branches, so
    that a step changes the sum of all branches as much as it would change one: H. Zhang, Y. N.
    Dauphin, T. Ma, Fixup Initialization: Residual Learning Without Normalization, 2019.
    """
    row = next((x for x in streams(view) if x[0].name == site), [])
    additions, steps = {x.step for x in row}, view.reading.steps
    inside = [sorted(x.steps) for x in view.branches if x.addition in additions]
    rows = [[steps[i].name for i in x if steps[i].kind == "layer"] for x in inside]
    rows = [x for x in rows if x]
    last = [weight_name(case.model, x[-1]) for x in rows]
    before = [weight_name(case.model, name) for x in rows for name in x[:-1]]
    if not rows or None in last + before:
        return None
    last += [name for x in rows if (name := bias_name(case.model, x[-1]))]
    code = (
        f"for name in {in_lines(map(repr, last))}:\n"
        f"    torch.nn.init.zeros_(model.get_parameter(name))"
    )
    if before:
        depth = len(before) / len(rows)
        code += (
            f"\nwith torch.no_grad():\n"
            f"    for name in {in_lines(map(repr, before))}:\n"
            f"        model.get_parameter(name).mul_({len(rows) ** (-0.5 / depth):.4g})"
        )
    return Change("quiet_branches", code, {"branches": len(rows)})


def all_anew(case: Case) -> Change | None:
    """Draw every layer's weights anew."""
    if not any(isinstance(module, LAYERS) for module in case.model.modules()):
        return None
    own = ", activations=activations" if case.activations else ""
    code = (
        "from nonlin.torch import initialize_\n\n"
        f"initialize_(model, {arguments(case)}{own}, generator={generator(case.model)})"
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


def bias_name(model: nn.Module, layer: str) -> str | None:
    """Name the bias of a layer that may be set; one named after its weight has one named alike.

    So "weight_ih" has "bias_ih", and "w1" has "b1".
    """
    owner, dot, last = layer.rpartition(".")
    whole = layer if find(model, layer) is not None else owner
    names = [f"{whole}.bias" if whole else "bias"]
    names += [owner + dot + last.replace(one, other, 1)
              for one, other in (("weight", "bias"), ("w", "b"), ("W", "b"), ("W", "B"))
              if one in last]  # fmt: skip
    found = ((x, parameter(model, x)) for x in names)
    return next((x for x, bias in found if bias is not None and bias.ndim == 1), None)


def generator(model: nn.Module) -> str:
    device = next(model.parameters()).device
    where = "" if device.type == "cpu" else repr(str(device))
    return f"torch.Generator({where}).manual_seed({SEED})"


def queries_and_keys_anew(case: Case, names: Sequence[str]) -> Change | None:
    """Draw the weights of queries and keys anew, in PyTorch's own attention.

    With inputs of length 1 and weights of variance 1 / width each score then has a deviation of
    about 1. Of an attention that is written out see `scores_scaled`.
    """
    drawn = [name for name in names if _is_packed(find(case.model, name))]
    if not drawn:
        return None
    device = next(case.model.parameters()).device
    where = "" if device.type == "cpu" else repr(str(device))
    code = (
        f"generator = torch.Generator({where}).manual_seed({SEED})\n"
        f"for name in {drawn!r}:\n"
        "    attention = model.get_submodule(name)\n"
        "    rows = attention.in_proj_weight.detach()[: 2 * attention.embed_dim]\n"
        "    rows.normal_(0.0, attention.embed_dim**-0.5, generator=generator)"
    )
    return Change("initialize_scores", code, {"layer": "', '".join(drawn)})


def scores_scaled(view: View, case: Case, names: Sequence[str]) -> Iterator[Change | None]:
    """Divide the weights of queries and keys, so that scores get a deviation of about 1.

    One layer that makes the values with them is drawn anew as a whole.
    """
    scaled: dict[str, float] = {}
    whole: list[str] = []
    found = [x for x in view.reading.attentions if x.name in names and x.step >= 0]
    for each in found:
        layers, spread = _of_scores(view, each.step), float(np.nanmean(each.spread))
        if len(layers) < 2:
            whole += layers
        elif spread > 1.0:
            scaled |= dict.fromkeys(layers, spread**-0.5)
    parameters = {
        name: factor
        for layer, factor in scaled.items()
        for name in (weight_name(case.model, layer), bias_name(case.model, layer))
        if name is not None
    }
    if parameters:
        rows = in_lines(f"({name!r}, {factor:.4g})" for name, factor in parameters.items())
        code = (
            f"with torch.no_grad():\n"
            f"    for name, factor in {rows}:\n"
            f"        model.get_parameter(name).mul_(factor)"
        )
        yield Change("scale_scores", code, {"layer": "', '".join(x.name for x in found)})
    if whole:
        yield layers_anew(view, case, whole)


def _of_scores(view: View, softmax: int) -> list[str]:
    """Name the layers that make the queries and the keys of an attention."""
    steps = view.reading.steps
    # A fused attention takes queries, keys and values, in this order.
    row = list(
        steps[softmax].sources if steps[softmax].kind == "softmax" else steps[softmax].sources[:2]
    )
    found: dict[str, None] = {}
    while row:
        at = row.pop(0)
        if steps[at].kind == "layer":
            kind = view.layers[steps[at].name].kind if steps[at].name in view.layers else ""
            found |= {} if kind == "embedding" else {steps[at].name: None}
        elif steps[at].kind not in ("activation", "softmax", "input"):
            row += steps[at].sources
    return list(found)


def _is_packed(module: nn.Module | None) -> bool:
    return isinstance(module, nn.MultiheadAttention) and module.in_proj_weight is not None
