"""Which axis of a tensor is the samples', and which the units'."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from torch import Tensor

from nonlin.torch.measuring.norms import pieces


class Layout(NamedTuple):
    """The axes of a pre-activation.

    Attributes
    ----------
    shape : tuple of int
        To which it is brought first.
    unit : int
        The units' axis in that shape.
    positions : tuple of int
        The axes that are neither the samples' nor the units': pixels, tokens.
    channels : bool
        Whether the units are channels.
    samples : int
    """

    shape: tuple[int, ...]
    unit: int
    positions: tuple[int, ...]
    channels: bool
    samples: int

    def arrange(self, x: Tensor) -> Tensor:
        """Bring a tensor to the shape, in float32 at least."""
        x = x.detach()
        if x.itemsize < 4:
            x = x.float()
        return x if x.shape == self.shape else x.reshape(self.shape)

    def divided(self, x: Tensor) -> Sequence[Tensor]:
        """Bring a tensor to the shape, and divide the samples where it is large."""
        axes = set(range(len(self.shape))) - {self.unit, *self.positions}
        return pieces(x.detach().reshape(self.shape), min(axes))

    def by_sample(self, x: Tensor) -> Tensor:
        """Sum over the positions: shape (samples, units)."""
        if all(x.shape[axis] == 1 for axis in self.positions):
            x = x.squeeze(self.positions)
        else:
            x = x.sum(self.positions)
        units_first = self.unit == min(set(range(len(self.shape))) - set(self.positions))
        return x.T if units_first else x

    def stacked(self, calls: int) -> Layout:
        """Tell the axes where several calls are put together along an axis in front."""
        positions = (0, *(axis + 1 for axis in self.positions))
        return Layout((calls, *self.shape), self.unit + 1, positions, self.channels, self.samples)

    @property
    def units(self) -> int:
        """How many units there are."""
        return self.shape[self.unit]

    @property
    def observations(self) -> int:
        """How many values each unit has."""
        return math.prod(self.shape) // max(self.units, 1)


def batch_axis(shape: tuple[int, ...], batch: int | None, unit: int | None = None) -> int:
    """Find the samples' axis: the first of the batch's size that is not the units', else axis 0.

    Time may come before the samples, so each axis but the last is looked at.
    """
    found = (i for i, size in enumerate(shape[:-1]) if size == batch and i != unit)
    return next(found, 0)


def layout(shape: tuple[int, ...], batch: int | None, axis: int | None = None) -> Layout:
    """Tell the axes of a pre-activation.

    A first axis that is a multiple of the batch's size, where no axis has that size, holds several
    positions of each sample: windows, patches or time steps that are folded into it.

    Parameters
    ----------
    shape : tuple of int
    batch : int or None
        How many samples the inputs have.
    axis : int, optional
        The units'; without it axis 1 of images, else the last one.
    """
    if len(shape) < 2:
        return Layout((math.prod(shape), 1), 1, (), False, math.prod(shape))
    last = len(shape) - 1
    unit = axis if axis is not None else 1 if len(shape) == 4 else last
    channels = unit != last
    samples = batch_axis(shape, batch, unit)
    if samples == unit:
        samples = last
    if batch and shape[samples] != batch and unit and shape[0] % batch == 0:
        shape, unit, samples = (batch, shape[0] // batch, *shape[1:]), unit + 1, 0
    positions = tuple(i for i in range(len(shape)) if i not in (samples, unit))
    return Layout(shape, unit, positions, channels, shape[samples])
