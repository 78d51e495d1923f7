"""Sums of squares that neither overflow nor underflow.

What thirty sigmoid layers leave of a gradient has squares that float32 cannot hold, and sums in
double cost five times as much. So a sum in float32 counts where it is far from both ends of the
range: what underflows is less than 1e-25 of it. Else the tensor is divided by its largest element,
and the sum is multiplied by that element's square in double. On an accelerator, where looking at a
sum means waiting for it, that is done with all.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

# Of sums of squares in float32.
SAFE = (1e-20, 1e30)

# So many elements are in a processor's cache together with what is made of them on the way to a
# sum: a sum over 2 million elements then takes a third of the time.
PIECE = 2**16


def square_sum(x: Tensor) -> Tensor:
    """Sum the squares |x|^2 of a tensor's elements, in double."""
    if not x.numel():
        return torch.zeros((), dtype=precise(x.device), device=x.device)
    x = _parts(x)
    if x.is_cpu:
        plain: Tensor = torch.linalg.vector_norm(x).double().square()
        if SAFE[0] < plain.item() < SAFE[1]:
            return plain
    x, scale = _scaled(x)
    norm: Tensor = torch.linalg.vector_norm(x)
    return (norm.to(scale) * scale).square()


def square_sums(x: Tensor, over: tuple[int, ...]) -> Tensor:
    """Sum the squares |x|^2 of a tensor's real elements over some axes, in double."""
    x = _parts(x)
    if x.is_cpu and x.numel():
        axis = next((i for i in over if x.shape[i] > 1), None)
        parts = (x,) if axis is None else pieces(x, axis)
        plain = parts[0].square().sum(over).double()
        for part in parts[1:]:
            plain += part.square().sum(over)
        if SAFE[0] < plain.max().item() < SAFE[1]:
            return plain
    x, scale = _scaled(x)
    return x.square_().sum(over).to(scale) * scale.square()


def pieces(x: Tensor, axis: int) -> Sequence[Tensor]:
    """Divide a tensor along an axis into parts of a size that is treated fast."""
    if not x.is_cpu or x.numel() <= PIECE:
        return (x,)
    size = max(1, PIECE * x.shape[axis] // x.numel())
    parts: Sequence[Tensor] = x.split(size, axis)  # type: ignore[no-untyped-call]
    return parts


def precise(device: torch.device) -> torch.dtype:
    """Name the widest dtype of a device."""
    return torch.float32 if device.type == "mps" else torch.float64


def wide(x: Tensor) -> Tensor:
    """Make a tensor float32 or complex64 at least."""
    if x.is_complex():
        return x.to(torch.complex64) if x.itemsize < 8 else x
    return x.float() if x.itemsize < 4 else x


def stored(x: Tensor) -> Tensor:
    """Give the numbers that a tensor holds: of a sparse one those that it does not leave out."""
    return x.coalesce().values() if x.is_sparse else x


def is_real(x: Tensor) -> bool:
    """Whether a tensor holds numbers with a fractional part, complex ones among them."""
    return x.is_floating_point() or x.is_complex()


def magnitude(x: Tensor) -> Tensor:
    """Leave real numbers as they are and give the |x| of complex ones."""
    return x.abs() if x.is_complex() else x


def _parts(x: Tensor) -> Tensor:
    """Give real numbers, float32 at least; of complex ones both parts."""
    x = wide(x.detach())
    return torch.view_as_real(x.resolve_conj()) if x.is_complex() else x


def _scaled(x: Tensor) -> tuple[Tensor, Tensor]:
    low, high = x.aminmax()
    largest = torch.maximum(-low, high)
    # Of zeros 0/1; of what is not finite NaN.
    largest = torch.where(largest == 0.0, torch.ones_like(largest), largest)
    return x / largest, largest.to(precise(x.device))
