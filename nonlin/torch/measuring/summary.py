"""The reading that a measurement's sums amount to."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor

from nonlin.torch.branches import branches
from nonlin.torch.measuring.attention import attention_record
from nonlin.torch.measuring.compared import fit
from nonlin.torch.measuring.contents import listed
from nonlin.torch.measuring.features import summary as of_features
from nonlin.torch.measuring.graph import gated
from nonlin.torch.measuring.isolation import Leaves
from nonlin.torch.measuring.layers import LayerSums
from nonlin.torch.measuring.norms import precise
from nonlin.torch.measuring.parts import gate_record, residual_record, router_record
from nonlin.torch.measuring.passes import Measurement
from nonlin.torch.measuring.records import layer_record, site_record
from nonlin.torch.measuring.sites import SiteSums
from nonlin.torch.measuring.subject import surroundings
from nonlin.torch.measuring.transfer import agree, first_of_all, gathered
from nonlin.torch.measuring.weight_sums import weight_sums
from nonlin.torch.reading import Note, Reading, Step, Stranger, Target


def reading(found: Measurement, leaves: Leaves, optimizers: Sequence[Any], group: Any) -> Reading:
    """Bring everything to the host at once and turn it into plain numbers.

    Parameters
    ----------
    found : Measurement
    leaves : mapping of str to Tensor
        With the gradients in them.
    optimizers : sequence of Optimizer
    group : process group or None
        Over whose ranks the sums are summed.
    """
    sites, layers = found.observation.measured()
    agree([*(x.name for x in sites), *(x.name for x in layers)], group)
    ranks = 1 if group is None else dist.get_world_size(group)
    weights, updates, notes = weight_sums(found, layers, leaves, optimizers, group)
    own = _sums(found, sites, layers)
    own |= {(layer.name, "weights"): x for layer, x in zip(layers, weights, strict=True)}
    sums = gathered(own, group)
    extremes = gathered(_extremes(found, sites), group, largest=True)
    samples, inputs, batches, loss = sums["whole"].tolist()
    steps = _steps(found)
    uses = Counter(x.parameter for x in layers)
    beside = branches(steps)
    on = {steps[x].name for branch in beside for x in branch.steps}
    streams = {found.calls[x.addition]: x.addition for x in beside if x.bends}
    gates = {call.name for call in gated(found.calls)}
    places = {call: place for place, call in enumerate(found.calls)}
    features = of_features(sums["features"], int(inputs)) if inputs else (math.nan,) * 3
    return Reading(
        sites=tuple(site_record(x, sums, extremes, ranks, on, gates) for x in sites),
        layers=tuple(
            replace(
                layer_record(x, sums, leaves, ranks, update, of_entry(x.name, sums, extremes)),
                tied=uses[x.parameter] > 1,
            )
            for x, update in zip(layers, updates, strict=True)
        ),
        steps=steps,
        target=_target(found, loss / batches, batches, sums, extremes),
        samples=int(samples),
        input_mean=features[0],
        input_deviation=features[1],
        input_feature_spread=features[2],
        gates=tuple(
            gate_record(x, sums[key, "gate"], *map(int, sums[key, "counts"]))
            for key, x in found.observation.gates.items()
        ),
        attentions=tuple(
            attention_record(
                x, sums[key, "attention"], extremes[key, "scores"], places.get(x.call, -1)
            )
            for key, x in found.observation.attentions.items()
        ),
        residuals=tuple(
            residual_record(
                x, sums[key, "residual"], int(sums[key, "residual counts"][0]), streams[x.call]
            )
            for key, x in found.observation.residuals.items()
            if x.call in streams
        ),
        routers=tuple(
            router_record(x, sums[key, "tokens"])
            for key, x in found.observation.routers.items()
            if x.is_used
        ),
        notes=(*_notes(found), *notes),
        environment={**surroundings(found.model), "batches": int(batches) // ranks, "ranks": ranks},
        gradient_fault=first_of_all(found.fault, group),
        coverage=found.observation.seen.coverage(list(found.gradients)),
        linear=found.linear,
        mixtures=found.mixtures,
        strangers=tuple(_strangers(found, optimizers)),
    )


def _strangers(found: Measurement, optimizers: Sequence[Any]) -> Iterator[Stranger]:
    groups = (group for x in optimizers for group in x.param_groups)
    known = {id(parameter) for group in groups for parameter in group["params"]}
    for key, (tensor, module) in found.strangers.items():
        optimized = key in known if optimizers else None
        yield Stranger(module, tuple(tensor.shape), optimized)


def _target(
    found: Measurement,
    loss: float,
    batches: float,
    sums: dict[Any, Any],
    extremes: dict[Any, Any],
) -> Target | None:
    objective = found.observation.objective
    if objective is None:
        return None
    made = objective.target(loss, batches, extremes["objective"], sums["objective"])
    made = replace(made, ahead=found.ahead)
    if "fit" not in sums:
        return made
    error, explained = fit(sums["fit"], int(sums["fit count"][0]))
    return replace(made, error=error, explained=explained)


def of_entry(name: str, sums: dict[Any, Any], extremes: dict[Any, Any]) -> float | None:
    """Tell how far the features lie apart that come into a layer; None if no inputs do."""
    if (name, "features") not in sums:
        return None
    count = int(sums[name, "feature counts"][0])
    return of_features(sums[name, "features"], count, extremes[name, "features"])[2]


def _sums(
    found: Measurement, sites: Sequence[SiteSums], layers: Sequence[LayerSums]
) -> dict[Any, Tensor]:
    loss, features = found.loss, found.features
    assert loss is not None
    whole = [found.samples, features.count, found.observation.batches]
    own = precise(loss.device)
    sums: dict[Any, Tensor] = {
        "whole": torch.cat([loss.new_tensor(whole, dtype=own), loss[None].to(own)])
    }
    if features.sums is not None:
        sums["features"] = features.sums
    if (fit := found.observation.fit).sums is not None:
        sums["fit"] = fit.sums
        sums["fit count"] = fit.sums.new_tensor([fit.count])
    for site in sites:
        counts = [site.units.samples, site.units.observations]
        sums[site.name, "counts"] = site.units.sums.new_tensor(counts)
        sums[site.name, "sums"] = site.units.sums
        sums[site.name, "pre"] = site.units.pre_gradient
    for layer in layers:
        sums[layer.name, "counts"] = layer.sums.new_tensor([layer.inputs, layer.gradients])
        sums[layer.name, "sums"] = layer.sums
        entry = found.observation.entries.get(layer.name)
        if entry is not None and entry.sums is not None:
            sums[layer.name, "features"] = entry.sums
            sums[layer.name, "feature counts"] = layer.sums.new_tensor([entry.count])
    for key, gate in found.observation.gates.items():
        sums[key, "counts"] = gate.sums.new_tensor([gate.samples, gate.observations])
        sums[key, "gate"] = gate.sums
    for key, attention in found.observation.attentions.items():
        sums[key, "attention"] = attention.sums
    for key, residual in found.observation.residuals.items():
        sums[key, "residual"] = residual.sums
        sums[key, "residual counts"] = residual.sums.new_tensor([residual.observations])
    for key, router in found.observation.routers.items():
        sums[key, "tokens"] = router.tokens
    if found.observation.objective is not None:
        sums["objective"] = found.observation.objective.sums
    return sums


def _extremes(found: Measurement, sites: Sequence[SiteSums]) -> dict[Any, Tensor]:
    extremes: dict[Any, Tensor] = {}
    for site in sites:
        extremes[site.name, "largest"] = site.units.largest
        extremes[site.name, "smallest"] = -site.units.smallest
    for name, entry in found.observation.entries.items():
        if entry.extremes is not None:
            extremes[name, "features"] = entry.extremes
    for key, attention in found.observation.attentions.items():
        extremes[key, "scores"] = attention.largest
    if found.observation.objective is not None:
        extremes["objective"] = found.observation.objective.extremes
    return extremes


def _notes(found: Measurement) -> Iterator[Note]:
    if found.unkept:
        yield Note("unkept", {"objects": listed(found.unkept)})


def _steps(found: Measurement) -> tuple[Step, ...]:
    place = {call: index for index, call in enumerate(found.calls)}
    return tuple(
        Step(
            call.kind,
            call.name,
            tuple(place[x] for x in call.sources if x in place),
            call.finite,
            call.in_loss,
        )
        for call in found.calls
    )
