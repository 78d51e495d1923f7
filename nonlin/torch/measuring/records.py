"""What a reading says of one site and of one layer."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nonlin.torch.measuring.isolation import Leaves
from nonlin.torch.measuring.layers import LayerSums
from nonlin.torch.measuring.sites import SiteSums
from nonlin.torch.measuring.slopes import can_die, supremum
from nonlin.torch.measuring.units import units
from nonlin.torch.measuring.updates import Update
from nonlin.torch.parts import Layer, Site

Numbers = NDArray[np.float64]

# Of fewer weights the law by which they were drawn cannot be told.
FEWEST = 64


def site_record(
    site: SiteSums,
    sums: dict[Any, Numbers],
    extremes: dict[Any, Numbers],
    ranks: int,
    branches: Collection[str],
    gates: Collection[str],
) -> Site:
    """Turn a site's sums into what a reading says of it.

    Parameters
    ----------
    site : SiteSums
    sums, extremes : mapping of array
        Over all ranks.
    ranks : int
    branches, gates : collection of str
        The sites on residual branches, and those whose output is a factor.
    """
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
    fed_by = site.first.sources[0].feeding if site.first.sources else {}
    activation = site.known.activation
    assert activation is not None
    layer = next(reversed(fed_by), None)
    return Site(
        name=site.name,
        activation=repr(activation).partition(".bind")[0],
        parameters=dict(activation.parameters),
        unit_axis=1 if site.channels else -1,
        supremum=supremum(activation),
        can_die=can_die(activation),
        calls=site.calls,
        layer=layer,
        normalized=layer is not None and fed_by[layer],
        residual=site.name in branches,
        gate=site.name in gates,
        length=float(np.mean(own.mean**2 + own.variance)),
        gradient_rms=math.sqrt(float(sums[site.name, "pre"]) / values) / ranks,
        output_gradient_rms=math.sqrt(float(np.mean(own.gradient_square))),
        units=own,
        where=site.where,
        curve=site.known.curve,
        ranges=dict(site.known.ranges),
        gradient_by_call=_by_call(site),
    )


def _by_call(site: SiteSums) -> tuple[float, ...]:
    """List the RMS of dL/dz call by call, of this rank's last batch."""
    if len(site.by_call) < 2:
        return ()
    return tuple(math.nan if x is None else math.sqrt(float(x)) for x in site.by_call)


def layer_record(
    layer: LayerSums,
    sums: dict[Any, Numbers],
    leaves: Leaves,
    ranks: int,
    update: Update,
    spread: float | None = None,
) -> Layer:
    """Turn a layer's sums into what a reading says of it; see `site_record`."""
    inputs, gradients = sums[layer.name, "counts"].tolist()
    square, total, pairs, paired, gradient = sums[layer.name, "sums"].tolist()
    row = (sums[layer.name, "weights"] / ranks).tolist()
    weight, weights, biases, grads, moves, unmoved = row
    leaf = leaves[layer.parameter]
    size = leaf.numel()
    # The sum of numbers near the largest is infinite, and then tells no mean.
    mean = weight / size if math.isfinite(weight) else 0.0
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
        update_untold=update.untold or (update.square is not None and math.isnan(moves)),
        rate_share=update.share,
        shape=layer.shape,
        weights=layer.weights,
        reached=update.reached,
        unmoved=None if math.isnan(unmoved) else unmoved,
        first=spread is not None,
        input_spread=1.0 if spread is None else spread,
        biased=layer.bias is not None,
        drawn=not leaf.requires_grad and _is_as_drawn(leaf),
    )


def _is_as_drawn(weight: Tensor) -> bool:
    """Tell whether weights look as PyTorch's layers draw them, uniform up to fan_in ** -0.5.

    Of n of them the largest is within some 1 / n of that edge, and the mean of w^2, of which the
    standard error is sqrt(0.8 / n), one third of its square. A step of a training leads beyond.
    """
    count = weight.numel()
    if weight.ndim < 2 or count < FEWEST or not weight.is_floating_point():
        return False
    scaled = weight.detach().double() * weight[0].numel() ** 0.5
    largest, square = float(scaled.abs().amax()), 3.0 * float(scaled.square().mean())
    inside = 1.0 - 20.0 / count <= largest <= 1.0 + torch.finfo(weight.dtype).eps
    return inside and abs(square - 1.0) <= 5.0 * math.sqrt(0.8 / count)
