"""Each unit's statistics at one site, summed on the device while a pass runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import repeat

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from nonlin.torch.measuring.layout import Layout
from nonlin.torch.measuring.norms import precise, square_sum, square_sums, wide
from nonlin.torch.parts import Units

# The rows that are summed, in the order of `UnitSums._rows`, and the row of the gradients.
SUMS = (
    "active", "active_samples", "saturated", "zeros", "total", "square", "output",
    "output_square", "derivative_square", "gradient_square",
)  # fmt: skip

# Up to here float32 counts without rounding, and a sum in it takes a quarter of the time.
EXACT = 2**24


class UnitSums:
    """Sums over all samples that came through one site.

    Each pass over a tensor costs as much as the activation itself. So counts are sums of signs,
    which vectorise, where a comparison and a sum of booleans take five times as long.

    Parameters
    ----------
    count : int
        How many units there are.
    threshold : float
        An observation whose |phi'| is below it is saturated.
    device : torch.device
    packed : bool
        Whether a call with fewer samples has the first of them, as the later steps of packed
        sequences, which are sorted by length.
    """

    def __init__(
        self, count: int, threshold: float, device: torch.device, *, packed: bool = False
    ) -> None:
        self.threshold, self.packed = threshold, packed
        self.samples = 0
        self.observations = 0
        dtype = precise(device)
        self.sums = torch.zeros(len(SUMS), count, dtype=dtype, device=device)
        self.largest = torch.full((count,), -torch.inf, dtype=dtype, device=device)
        self.smallest = -self.largest
        self.pre_gradient = torch.zeros((), dtype=dtype, device=device)
        # This batch's squares of dL/dphi, by unit, and of dL/dz.
        self._gradient = torch.zeros(count, dtype=dtype, device=device)
        self._pre_gradient = torch.zeros((), dtype=dtype, device=device)
        # The observations of each sample of this batch that are active: (samples, units).
        self._active: list[Tensor] = []

    def add(
        self, z: Tensor, y: Tensor, slope: Tensor | Callable[[Tensor], Tensor] | None,
        layout: Layout,
    ) -> None:  # fmt: skip
        """Take one call.

        Parameters
        ----------
        z, y : Tensor
            The pre-activation and phi(z).
        slope : Tensor or callable, optional
            phi'(z), or what makes it of a part of z; else the sign of phi(z), 0 or 1.
        layout : Layout
        """
        slopes = layout.divided(slope) if isinstance(slope, Tensor) else repeat(slope)
        parts = zip(layout.divided(z), layout.divided(y), slopes, strict=False)
        active = [
            self._add(part, made, slope(part) if callable(slope) else slope, layout)
            for part, made, slope in parts
        ]
        self._active.append(torch.cat(active) if len(active) > 1 else active[0])
        self.observations += layout.observations

    def _add(self, z: Tensor, y: Tensor, slope: Tensor | None, layout: Layout) -> Tensor:
        """Take some samples, and give how many of each one's observations are active."""
        z, y = wide(z), wide(y)
        over = tuple(i for i in range(z.ndim) if i != layout.unit)
        count = z.numel() // max(layout.units, 1)
        counting = None if count <= EXACT else self.sums.dtype
        if slope is None:
            by_sample = layout.by_sample(y.sign())
            active = by_sample.sum(0, dtype=counting)
            saturated = zeros = count - active
            square = active
        else:
            size = wide(slope).abs()
            by_sample = layout.by_sample(size.sign())
            active = by_sample.sum(0, dtype=counting)
            saturated = (self.threshold - size).relu_().sign_().sum(over)
            zeros = count - y.sign().abs_().sum(over, dtype=counting)
            square = size.square_().sum(over)
        nothing = torch.zeros_like(active)
        rows = (
            active, nothing, saturated, zeros, *self._moments(z, over, count),
            *self._moments(y, over, count), square, nothing,
        )  # fmt: skip
        self.sums += torch.stack([row.to(self.sums.dtype) for row in rows])
        self.largest = torch.maximum(self.largest, z.amax(over).to(self.largest.dtype))
        self.smallest = torch.minimum(self.smallest, z.amin(over).to(self.smallest.dtype))
        return by_sample

    def _moments(self, x: Tensor, over: tuple[int, ...], count: int) -> tuple[Tensor, Tensor]:
        """Sum the values and their squares, the squares about the mean: no digits are lost."""
        mean = x.sum(over, keepdim=True) / count
        about = square_sums(x - mean, over)
        mean = mean.flatten().to(self.sums.dtype)
        return count * mean, about + count * mean.square()

    def add_gradient(self, grad: Tensor, layout: Layout) -> None:
        """Take dL/dphi of one call."""
        over = tuple(i for i in range(len(layout.shape)) if i != layout.unit)
        self._gradient += square_sums(layout.arrange(grad), over)

    def add_pre_gradient(self, grad: Tensor) -> None:
        """Take dL/dz of one call."""
        self._pre_gradient += square_sum(grad)

    def forget_gradients(self) -> None:
        """Begin the batch's backward pass again."""
        self._gradient.zero_()
        self._pre_gradient.zero_()

    def end_batch(self, scale: float) -> None:
        """Count the samples of the batch, each once however often it came through.

        Parameters
        ----------
        scale : float
            By which the loss was multiplied.
        """
        self.sums[-1] += self._gradient / scale**2
        self.pre_gradient += self._pre_gradient / scale**2
        self.forget_gradients()
        for active in united(self._active, self.packed):
            self.sums[1] += active.sign().sum(0)
            self.samples += len(active)
        self._active.clear()


def united(calls: Sequence[Tensor], packed: bool) -> Iterable[Tensor]:
    """Add the calls of a batch up, sample by sample: of those with as many samples, or of all.

    Parameters
    ----------
    calls : sequence of Tensor, shape (samples, units)
    packed : bool
        As in `UnitSums`.
    """
    groups: dict[int, Tensor] = {}
    most = max(map(len, calls), default=0)
    for active in calls:
        if packed:
            active = functional.pad(active, (0, 0, 0, most - len(active)))
        size = len(active)
        groups[size] = groups[size] + active if size in groups else active
    return groups.values()


def units(
    sums: NDArray[np.float64],
    largest: NDArray[np.float64],
    smallest: NDArray[np.float64],
    samples: int,
    observations: int,
) -> Units:
    """Turn sums into means, variances and counts."""
    row = dict(zip(SUMS, sums, strict=True))
    n = max(observations, 1)
    mean, output_mean = row["total"] / n, row["output"] / n
    return Units(
        samples=samples,
        observations=observations,
        active=_counts(row["active"]),
        active_samples=_counts(row["active_samples"]),
        saturated=_counts(row["saturated"]),
        zeros=_counts(row["zeros"]),
        mean=mean,
        variance=np.maximum(row["square"] / n - mean**2, 0.0),
        largest=largest,
        smallest=smallest,
        output_mean=output_mean,
        output_variance=np.maximum(row["output_square"] / n - output_mean**2, 0.0),
        derivative_square=row["derivative_square"] / n,
        gradient_square=row["gradient_square"] / n,
    )


def _counts(row: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.rint(np.nan_to_num(row)).astype(np.int64)
