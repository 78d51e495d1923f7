"""Which axis of a tensor is the samples', and which the units'."""

from __future__ import annotations

import math
from typing import NamedTuple

from torch import Tensor


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

    def by_sample(self, x: Tensor) -> Tensor:
        """Sum over the positions: shape (samples, units)."""
        return x.sum(self.positions) if self.positions else x

    @property
    def units(self) -> int:
        """How many units there are."""
        return self.shape[self.unit]

    @property
    def observations(self) -> int:
        """How many values each unit has."""
        return math.prod(self.shape) // max(self.units, 1)


def batch_axis(shape: tuple[int, ...], batch: int) -> int:
    """Find the samples' axis: the first of the batch's size, else axis 0.

    A first axis that is a multiple of the batch's size holds several positions of each sample, as
    where windows, patches or time steps are folded into it.
    """
    if not shape or shape[0] % batch == 0 or batch not in shape[:-1]:
        return 0
    return shape.index(batch)


def layout(shape: tuple[int, ...], batch: int, channels: bool) -> Layout:
    """Tell the axes of a pre-activation.

    Parameters
    ----------
    shape : tuple of int
    batch : int
        How many samples the inputs have.
    channels : bool
        Whether a convolution made it, so that the units lie along axis 1.
    """
    if len(shape) < 2:
        return Layout((math.prod(shape), 1), 1, (), False, math.prod(shape))
    channels = channels and len(shape) > 2
    axis = batch_axis(shape, batch)
    unit = 1 if channels else len(shape) - 1
    if axis == 0 and shape[0] != batch and shape[0] % batch == 0:
        shape, unit = (batch, shape[0] // batch, *shape[1:]), unit + 1
    positions = tuple(i for i in range(len(shape)) if i not in (axis, unit))
    return Layout(shape, unit, positions, channels, shape[axis])
