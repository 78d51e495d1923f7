"""What the inputs are like, feature by feature."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nonlin.torch.measuring.norms import precise


class FeatureSums:
    """Sums over tensors of real numbers.

    Parameters
    ----------
    axis : int, optional
        Of the features; by default axis 1 of four and more axes, images, and the last otherwise.
    """

    def __init__(self, axis: int | None = None) -> None:
        self.axis = axis
        self.count = 0
        self.sums: Tensor | None = None
        self.extremes: Tensor | None = None

    def add(self, given: list[Tensor]) -> None:
        """Take one batch's inputs: the first dense tensor of real numbers."""
        dense = (x for x in given if x.layout == torch.strided)
        x = next((x for x in dense if x.is_floating_point()), None)
        if x is None or x.numel() == 0:
            return
        x = x.detach()
        x = x.reshape(-1, 1) if x.ndim < 2 else x
        axis = self.axis if self.axis is not None else 1 if x.ndim > 3 else x.ndim - 1
        axis %= x.ndim
        over = tuple(i for i in range(x.ndim) if i != axis)
        x = x.to(precise(x.device))
        sums = torch.stack([x.sum(over), x.square().sum(over)])
        extremes = torch.stack([x.amax(over), -x.amin(over)])
        if self.sums is not None and self.extremes is not None and self.sums.shape == sums.shape:
            sums, extremes = sums + self.sums, torch.maximum(extremes, self.extremes)
        else:
            self.count = 0
        self.sums, self.extremes = sums, extremes
        self.count += x.numel() // x.shape[axis]


def summary(
    sums: NDArray[np.float64], count: int, extremes: NDArray[np.float64] | None = None
) -> tuple[float, float, float]:
    """Tell the mean, the deviation and how far the features lie apart.

    The last is the largest deviation over the median of those that are not 0. With the features'
    extremes it is no more than the largest range over the median one: what is seldom there, as a
    word or a class of many, varies little and is as large as others where it is.
    """
    mean, square = sums / count
    variance = np.maximum(square - mean**2, 0.0)
    # What rounding leaves of a constant feature.
    varying = variance > 1e-12 * square
    spread = _apart(np.sqrt(variance[varying]))
    if extremes is not None:
        spread = min(spread, _apart(extremes.sum(0)[varying]))
    whole = max(float(square.mean() - mean.mean() ** 2), 0.0)
    return float(mean.mean()), whole**0.5, spread


def _apart(x: NDArray[np.float64]) -> float:
    return float(x.max() / np.median(x)) if x.size else 1.0
