"""What the inputs are like, feature by feature."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


class FeatureSums:
    """Sums over the inputs' first dense tensor of real numbers.

    The features lie along axis 1 of four and more axes, images, and along the last one otherwise.
    """

    def __init__(self) -> None:
        self.count = 0
        self.sums: Tensor | None = None

    def add(self, given: list[Tensor]) -> None:
        """Take one batch's inputs."""
        dense = (x for x in given if x.layout == torch.strided)
        x = next((x for x in dense if x.is_floating_point()), None)
        if x is None or x.numel() == 0:
            return
        x = x.detach()
        x = x.reshape(-1, 1) if x.ndim < 2 else x
        axis = 1 if x.ndim > 3 else x.ndim - 1
        over = tuple(i for i in range(x.ndim) if i != axis)
        x = x.float() if x.device.type == "mps" else x.double()
        sums = torch.stack([x.sum(over), x.square().sum(over)])
        if self.sums is not None and self.sums.shape == sums.shape:
            sums = sums + self.sums
        else:
            self.count = 0
        self.sums, self.count = sums, self.count + x.numel() // x.shape[axis]


def summary(sums: NDArray[np.float64], count: int) -> tuple[float, float, float]:
    """Tell the mean, the deviation and how far the features' deviations lie apart.

    The last is the largest deviation over the median of those that are not 0.
    """
    mean, square = sums / count
    variance = np.maximum(square - mean**2, 0.0)
    # What rounding leaves of a constant feature.
    deviations = np.sqrt(variance[variance > 1e-12 * square])
    spread = deviations.max() / np.median(deviations) if deviations.size else 1.0
    whole = max(float(square.mean() - mean.mean() ** 2), 0.0)
    return float(mean.mean()), whole**0.5, float(spread)
