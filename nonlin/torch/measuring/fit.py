"""How far the outputs are from the targets, unit by unit, where both are of one shape."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nonlin.torch.measuring.norms import is_real, precise, wide

# Of more units the errors are told together.
MOST_UNITS = 4096


class FitSums:
    """Sums of |y - t|, (y - t)^2, t and t^2 over one unit's outputs y and targets t each."""

    def __init__(self) -> None:
        self.sums: Tensor | None = None
        self.count = 0

    def add(self, outputs: Tensor, targets: Any) -> None:
        """Take one batch's; what cannot be compared element by element is left out."""
        if not _are_alike(outputs, targets):
            return
        y, t = (wide(_by_unit(x.detach()).to(outputs.device)) for x in (outputs, targets))
        found = torch.stack([(y - t).abs().sum(0), ((y - t) ** 2).sum(0), t.sum(0), (t**2).sum(0)])
        found = found.to(precise(found.device))
        if self.sums is None or self.sums.shape == found.shape:
            self.sums = found if self.sums is None else self.sums + found
            self.count += len(y)


def _are_alike(outputs: Tensor, targets: Any) -> bool:
    if not isinstance(targets, Tensor) or outputs.shape != targets.shape or not outputs.numel():
        return False
    strided = outputs.layout == targets.layout == torch.strided
    return strided and is_real(outputs) and targets.is_floating_point()


def _by_unit(x: Tensor) -> Tensor:
    """Bring it to the shape (observations, units): channels lie along axis 1, features last."""
    if x.ndim < 2:
        return x.reshape(-1, 1)
    x = x.movedim(1, -1) if x.ndim > 3 else x
    return x.reshape(-1, x.shape[-1] if x.shape[-1] <= MOST_UNITS else 1)


def fit(sums: NDArray[np.float64], count: int) -> tuple[tuple[float, ...], float]:
    """Turn sums into each unit's mean error, and the share of the variance that is explained."""
    error, square, total, squares = sums / count
    variance = float((squares - total**2).mean() + total.var())
    explained = 1.0 - float(square.mean()) / variance if variance > 0.0 else math.nan
    return tuple(error.tolist()), explained
