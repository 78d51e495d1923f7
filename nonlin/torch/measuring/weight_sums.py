"""Sums over each layer's weights, over their gradients, and over how far they would move."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from nonlin.torch.measuring.isolation import Leaves
from nonlin.torch.measuring.layers import LayerSums
from nonlin.torch.measuring.norms import magnitude, square_sum, wide
from nonlin.torch.measuring.passes import Measurement
from nonlin.torch.measuring.transfer import averaged
from nonlin.torch.measuring.updates import update_squares


def weight_sums(
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
        nothing = torch.zeros((), dtype=layer.sums.dtype, device=weight.device)
        bias = leaves[layer.bias].detach() if layer.bias is not None else nothing
        unknown = torch.full_like(nothing, math.nan)
        row = (
            magnitude(weight.sum()),
            square_sum(weight),
            square_sum(bias),
            nothing if grad is None else square_sum(grad),
            unknown if move is None else move,
        )
        rows.append(torch.stack([x.to(layer.sums) for x in row]))
    return rows


def _dense(grad: Tensor | None) -> Tensor | None:
    return grad.to_dense() if grad is not None and grad.is_sparse else grad
