"""Sums over each layer's weights, over their gradients, and over how far they would move."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from nonlin.torch.measuring.isolation import Leaves
from nonlin.torch.measuring.layers import LayerSums
from nonlin.torch.measuring.norms import magnitude, square_sum, stored, wide
from nonlin.torch.measuring.passes import Measurement
from nonlin.torch.measuring.transfer import averaged
from nonlin.torch.measuring.updates import Update, updates
from nonlin.torch.reading import Note


def weight_sums(
    found: Measurement,
    layers: Sequence[LayerSums],
    leaves: Leaves,
    optimizers: Sequence[Any],
    group: Any,
) -> tuple[list[Tensor], list[Update], list[Note]]:
    """Sum, for each layer, weights, their squares, the biases', the gradients' and the updates'.

    The last number is the share that its step leaves as they are.
    """
    # By name: one weight may be that of several layers.
    grads = {layer.parameter: found.gradients.get(layer.parameter) for layer in layers}
    if group is not None:
        grads = {name: _dense(grad) for name, grad in grads.items()}
    if found.observation.batches > 1:
        for grad in grads.values():
            if grad is not None:
                grad /= found.observation.batches
    averaged(list(grads.values()), group)
    # Before the optimizers have them, which may write into them.
    squares = found.squares if group is None and found.observation.batches == 1 else {}
    squares |= {
        name: square_sum(stored(grad))
        for name, grad in grads.items()
        if grad is not None and name not in squares
    }
    owned = [(found.parameters[name], grad) for name, grad in grads.items()]
    told, notes = updates(optimizers, owned)
    of_name = dict(zip(grads, told, strict=True))
    rows = []
    for layer in layers:
        square, update = squares.get(layer.parameter), of_name[layer.parameter]
        weight = wide(leaves[layer.parameter].detach())
        nothing = torch.zeros((), dtype=layer.sums.dtype, device=weight.device)
        unknown = torch.full_like(nothing, math.nan)
        row = (
            magnitude(weight.sum()),
            square_sum(weight),
            nothing if layer.bias is None else square_sum(leaves[layer.bias]),
            nothing if square is None else square,
            unknown if update.square is None else update.square,
            unknown if update.unmoved is None else update.unmoved,
        )
        rows.append(torch.stack([x.to(layer.sums) for x in row]))
    return rows, [of_name[layer.parameter] for layer in layers], notes


def _dense(grad: Tensor | None) -> Tensor | None:
    return grad.to_dense() if grad is not None and grad.is_sparse else grad
