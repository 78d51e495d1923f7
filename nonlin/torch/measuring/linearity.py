"""Whether a model's outputs are linear in its inputs, by the outputs themselves.

A function f is affine if and only if f(x + y) - f(x) - f(y) + f(0) = 0 for all x and y.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from nonlin.torch.measuring.batches import Batch, copied, tensors
from nonlin.torch.measuring.graph import Call

# What float32 leaves of the difference, over the outputs' own size; bfloat16 leaves some 1e-2.
TOLERANCE = 2e-2

BENDING = ("activation", "softmax", "product", "router")


def may_be_linear(calls: Sequence[Call]) -> bool:
    """Tell whether there are several layers, and nothing that bends between first and last."""
    layers = [place for place, call in enumerate(calls) if call.kind == "layer"]
    between = calls[layers[0] : layers[-1]] if layers else ()
    return len(layers) > 1 and not any(call.kind in BENDING for call in between)


def is_linear(model: nn.Module, batch: Batch) -> bool | None:
    """Compare the outputs of sums of samples; None where there is nothing to compare.

    In evaluation, where a normalisation by stored statistics is linear and dropout is none. Of
    several arguments the first of real numbers is varied.
    """
    chosen = next((x for x in tensors([batch.args, batch.kwargs]) if x.is_floating_point()), None)
    if chosen is None or chosen.layout != torch.strided or not chosen.ndim:
        return None
    with in_evaluation(model):
        x = chosen.detach()
        # Samples of other values and signs; also where all samples are alike.
        y = -0.5 * x.roll(1, 0)
        rows = [_outputs(model, batch, chosen, z) for z in (x + y, x, y, torch.zeros_like(x))]
    return _cancels(rows)


@contextmanager
def in_evaluation(model: nn.Module) -> Iterator[None]:
    """Let a model run without gradients, as if it were evaluated."""
    modes = {module: module.training for module in model.modules()}
    try:
        model.eval()
        with torch.no_grad():
            yield
    finally:
        for module, mode in modes.items():
            module.training = mode


def _outputs(model: nn.Module, batch: Batch, chosen: Tensor, value: Tensor) -> list[Tensor]:
    args = tuple(value if x is chosen else copied(x) for x in batch.args)
    kwargs = {key: value if x is chosen else copied(x) for key, x in batch.kwargs.items()}
    return [x.double() for x in tensors([model(*args, **kwargs)]) if x.is_floating_point()]


def _cancels(rows: Sequence[Sequence[Tensor]]) -> bool | None:
    left = scale = 0.0
    for of_sum, of_one, of_other, of_none in zip(*rows, strict=True):
        left = max(left, float((of_sum - of_one - of_other + of_none).abs().amax()))
        scale = max(scale, float((of_one - of_none).abs().amax()))
    return left <= TOLERANCE * scale if scale > 0.0 else None
