"""What the loss compares, summed up on the device while passes run."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nonlin.torch.measuring.batches import tensors
from nonlin.torch.measuring.graph import LOSSES
from nonlin.torch.reading import Target

# PyTorch's own value for labels that count for nothing.
IGNORED = -100

# What rounding makes of a row of probabilities in float16.
ROUNDING = 5e-3


class Objective:
    """The loss's function, and the extremes of what came into it.

    Parameters
    ----------
    function : str
        Its name.
    device : torch.device
    """

    def __init__(self, function: str, device: torch.device) -> None:
        self.function = function
        self.classes: int | None = None
        self.ignored: int | None = None
        # Of the outputs, of the targets, and the strayings of a row's sum from 1:
        # each the largest, so the smallest with the sign turned.
        self.extremes = torch.full((5,), -torch.inf, device=device)

    def add(self, outputs: Tensor, targets: Any, ignored: int | None = None) -> None:
        """Take one batch's; a loss of labels says which of them is `ignored`."""
        x = outputs.detach()
        x = (torch.view_as_real(x.resolve_conj()) if x.is_complex() else x).float()
        # A model that returns its loss may return nothing else: one number is one output.
        x = x if x.ndim else x[None]
        axis = 1 if x.ndim > 1 else 0
        strays = (x.sum(axis) - 1.0).abs().amax()
        if x.shape[axis] < 2:
            strays = torch.full_like(strays, torch.inf)
        found = [-x.amin(), x.amax(), strays]
        nothing = torch.full_like(strays, -torch.inf)
        low = high = nothing
        if isinstance(targets, Tensor) and targets.numel():
            t = targets.detach()
            t = torch.view_as_real(t.resolve_conj()) if t.is_complex() else t
            low, high = -t.float(), t.float()
            if ignored is not None and not t.is_floating_point():
                self.classes = x.shape[axis]
                self.ignored = ignored
                counts = t.ne(ignored)
                low, high = low.where(counts, nothing), high.where(counts, nothing)
        found += [low.amax(), high.amax()]
        self.extremes = torch.maximum(self.extremes, torch.stack(found))

    def target(self, loss: float, extremes: NDArray[np.float64]) -> Target:
        """Turn it into plain numbers."""
        low, high, strays, target_low, target_high = (float(x) for x in extremes)
        return Target(
            loss=LOSSES.get(self.function, self.function),
            value=loss,
            classes=self.classes,
            smallest=None if target_low == -math.inf else -target_low,
            largest=None if target_high == -math.inf else target_high,
            output_smallest=-low,
            output_largest=high,
            output_rows_sum_to_one=strays < ROUNDING and -low >= 0.0,
            ignored=self.ignored,
        )


def own_loss(outputs: Any, targets: Any = None) -> Any:
    """Find the loss that a model computed itself among what it returned.

    It is the result itself, the entry or the attribute "loss", or the only number in a tuple or a
    list that a gradient leads back from.

    Raises
    ------
    TypeError
        If there is none, or more than one.
    """
    if isinstance(outputs, Mapping):
        found = outputs.get("loss")
    elif isinstance(outputs, tuple | list) and not hasattr(outputs, "loss"):
        single = [x for x in tensors(outputs) if x.numel() == 1 and x.requires_grad]
        numbers = [x for x in single if not x.ndim] or single
        found = numbers[0] if len(numbers) == 1 else None
    else:
        found = getattr(outputs, "loss", outputs)
    if not isinstance(found, Tensor) or found.numel() != 1:
        raise TypeError(
            "loss_fn: expected a function of (outputs, targets), or a model that returns its loss: "
            "a tensor with one element, alone in a tuple or under the name 'loss'; it returned "
            f"{_shown(outputs)}"
        )
    return found


def _shown(outputs: Any) -> str:
    if isinstance(outputs, Tensor):
        return f"a tensor of shape {tuple(outputs.shape)}"
    if isinstance(outputs, Mapping):
        return f"{type(outputs).__name__} with {', '.join(map(repr, outputs))}"
    if isinstance(outputs, tuple | list):
        return f"{type(outputs).__name__} of {', '.join(type(x).__name__ for x in outputs)}"
    return type(outputs).__name__


def checked_loss(loss: Any) -> Tensor:
    """Check what a loss function returned.

    Raises
    ------
    TypeError
        If it is no tensor.
    ValueError
        If it has more than one element, or no parameter that is trained has a part in it.
    """
    if not isinstance(loss, Tensor):
        raise TypeError(f"loss_fn: expected a tensor with one element, got {type(loss).__name__}")
    if loss.numel() != 1:
        raise ValueError(
            f"loss_fn: expected one number, got a tensor of shape {tuple(loss.shape)}; "
            f"take its mean"
        )
    if not loss.requires_grad:
        raise ValueError("loss_fn: no parameter that requires a gradient has a part in the loss")
    return loss
