"""The reading that a measurement's sums amount to."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
import torch.distributed as dist
from numpy.typing import NDArray
from torch import Tensor
from torch.optim import Optimizer

from nonlin.torch.measuring.features import summary as of_features
from nonlin.torch.measuring.graph import gated, on_branches
from nonlin.torch.measuring.isolation import Leaves
from nonlin.torch.measuring.layers import LayerSums
from nonlin.torch.measuring.norms import square_sum, wide
from nonlin.torch.measuring.passes import Measurement
from nonlin.torch.measuring.sites import SiteSums
from nonlin.torch.measuring.slopes import can_die, supremum
from nonlin.torch.measuring.subject import surroundings
from nonlin.torch.measuring.transfer import agree, averaged, gathered
from nonlin.torch.measuring.units import units
from nonlin.torch.measuring.updates import update_squares
from nonlin.torch.reading import Layer, Reading, Site, Step

Numbers = NDArray[np.float64]


def reading(found: Measurement, leaves: Leaves, optimizer: Optimizer | None, group: Any) -> Reading:
    """Bring everything to the host at once and turn it into plain numbers.

    Parameters
    ----------
    found : Measurement
    leaves : mapping of str to Tensor
        With the gradients in them.
    optimizer : Optimizer or None
    group : process group or None
        Over whose ranks the sums are summed.
    """
    sites = list(found.observation.sites.values())
    layers = list(found.observation.layers.values())
    agree([*(x.name for x in sites), *(x.name for x in layers)], group)
    ranks = 1 if group is None else dist.get_world_size(group)
    sums = gathered(_sums(found, sites, layers, leaves, optimizer, group), group)
    extremes = gathered(_extremes(found, sites), group, largest=True)
    samples, inputs, batches, loss = sums["whole"].tolist()
    branches = {call.name for call in on_branches(found.calls)}
    gates = {call.name for call in gated(found.calls)}
    objective = found.observation.objective
    features = of_features(sums["features"], int(inputs)) if inputs else (math.nan,) * 3
    return Reading(
        sites=tuple(
            _site(x, sums, extremes, ranks, x.name in branches, x.name in gates) for x in sites
        ),
        layers=tuple(_layer(x, sums, leaves, ranks) for x in layers),
        steps=_steps(found),
        target=objective.target(loss / batches, extremes["objective"]) if objective else None,
        samples=int(samples),
        input_mean=features[0],
        input_deviation=features[1],
        input_feature_spread=features[2],
        environment={**surroundings(found.model), "batches": int(batches) // ranks, "ranks": ranks},
    )


def _sums(
    found: Measurement,
    sites: Sequence[SiteSums],
    layers: Sequence[LayerSums],
    leaves: Leaves,
    optimizer: Optimizer | None,
    group: Any,
) -> dict[Any, Tensor]:
    loss, features = found.loss, found.features
    assert loss is not None
    whole = [found.samples, features.count, found.observation.batches]
    sums: dict[Any, Tensor] = {"whole": torch.cat([loss.new_tensor(whole), loss[None]])}
    if features.sums is not None:
        sums["features"] = features.sums
    for site in sites:
        counts = [site.units.samples, site.units.observations]
        sums[site.name, "counts"] = site.units.sums.new_tensor(counts)
        sums[site.name, "sums"] = site.units.sums
        sums[site.name, "pre"] = site.units.pre_gradient
    for layer in layers:
        sums[layer.name, "counts"] = layer.sums.new_tensor([layer.inputs, layer.gradients])
        sums[layer.name, "sums"] = layer.sums
    weights = _weight_sums(found, layers, leaves, optimizer, group)
    return sums | {(layer.name, "weights"): x for layer, x in zip(layers, weights, strict=True)}


def _extremes(found: Measurement, sites: Sequence[SiteSums]) -> dict[Any, Tensor]:
    extremes: dict[Any, Tensor] = {}
    for site in sites:
        extremes[site.name, "largest"] = site.units.largest
        extremes[site.name, "smallest"] = -site.units.smallest
    if found.observation.objective is not None:
        extremes["objective"] = found.observation.objective.extremes
    return extremes


def _weight_sums(
    found: Measurement,
    layers: Sequence[LayerSums],
    leaves: Leaves,
    optimizer: Optimizer | None,
    group: Any,
) -> list[Tensor]:
    """Sum, for each layer, weights, their squares, the biases', the gradients' and the updates'."""
    grads = [_dense(found.gradients.get(layer.parameter)) for layer in layers]
    for grad in grads:
        if grad is not None:
            grad /= found.observation.batches
    averaged(grads, group)
    moves: Sequence[Tensor | None] = [None] * len(layers)
    if optimizer is not None:
        owned = [found.parameters[layer.parameter] for layer in layers]
        moves = update_squares(optimizer, list(zip(owned, grads, strict=True)))
    rows = []
    for layer, grad, move in zip(layers, grads, moves, strict=True):
        weight = wide(leaves[layer.parameter].detach())
        nothing = weight.new_zeros(())
        bias = leaves[layer.bias].detach() if layer.bias is not None else nothing
        unknown = weight.new_full((), math.nan)
        row = (
            weight.sum(),
            square_sum(weight),
            square_sum(bias),
            nothing if grad is None else square_sum(grad),
            unknown if move is None else move,
        )
        rows.append(torch.stack([x.to(layer.sums) for x in row]))
    return rows


def _dense(grad: Tensor | None) -> Tensor | None:
    return grad.to_dense() if grad is not None and grad.is_sparse else grad


def _site(
    site: SiteSums,
    sums: dict[Any, Numbers],
    extremes: dict[Any, Numbers],
    ranks: int,
    residual: bool,
    gate: bool,
) -> Site:
    samples, observations = (int(x) for x in sums[site.name, "counts"])
    # The loss is the mean over the ranks, so each rank's gradients count 1 / ranks.
    rows = sums[site.name, "sums"]
    rows[-1] /= ranks**2
    own = units(
        rows,
        extremes[site.name, "largest"],
        -extremes[site.name, "smallest"],
        samples,
        observations,
    )
    values = max(observations * own.count, 1)
    fed_by = site.first.sources[0].feeding
    layer = next(reversed(fed_by), None)
    return Site(
        name=site.name,
        activation=repr(site.activation).partition(".bind")[0],
        parameters=dict(site.activation.parameters),
        unit_axis=1 if site.channels else -1,
        supremum=supremum(site.activation),
        can_die=can_die(site.activation),
        calls=site.calls,
        layer=layer,
        normalized=layer is not None and fed_by[layer],
        residual=residual,
        gate=gate,
        length=float(np.mean(own.mean**2 + own.variance)),
        gradient_rms=math.sqrt(float(sums[site.name, "pre"]) / values) / ranks,
        output_gradient_rms=math.sqrt(float(np.mean(own.gradient_square))),
        units=own,
    )


def _layer(layer: LayerSums, sums: dict[Any, Numbers], leaves: Leaves, ranks: int) -> Layer:
    inputs, gradients = sums[layer.name, "counts"].tolist()
    square, total, pairs, paired, gradient = sums[layer.name, "sums"].tolist()
    weight, weights, biases, grads, moves = (sums[layer.name, "weights"] / ranks).tolist()
    leaf = leaves[layer.parameter]
    size = leaf.numel()
    mean = weight / size
    rms = math.sqrt(weights / size)
    return Layer(
        name=layer.name,
        kind=layer.kind,
        fan_in=layer.fan_in,
        weight_variance=layer.fan_in * max(weights / size - mean**2, 0.0),
        bias_variance=biases / leaves[layer.bias].numel() if layer.bias is not None else 0.0,
        weight_rms=rms,
        weight_gradient_rms=math.sqrt(grads / size),
        update_ratio=None if math.isnan(moves) or not rms else math.sqrt(moves / size) / rms,
        input_length=square / inputs if inputs else math.nan,
        input_mean=total / inputs if inputs else math.nan,
        input_correlation=pairs / paired if paired else math.nan,
        output_gradient_rms=math.sqrt(gradient / gradients) / ranks if gradients else math.nan,
        trainable=leaf.requires_grad,
    )


def _steps(found: Measurement) -> tuple[Step, ...]:
    place = {call: index for index, call in enumerate(found.calls)}
    return tuple(
        Step(call.kind, call.name, tuple(place[x] for x in call.sources if x in place), call.finite)
        for call in found.calls
    )
