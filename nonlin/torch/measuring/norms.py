"""Sums of squares that neither overflow nor underflow.

What thirty sigmoid layers leave of a gradient has squares that float32 cannot hold, and sums in
double cost five times as much. So a tensor is divided by its largest element, and the sum is
multiplied by that element's square in double: what underflows then is 2^-126 of the largest square.
"""

from __future__ import annotations

import torch
from torch import Tensor


def square_sum(x: Tensor) -> Tensor:
    """Sum the squares |x|^2 of a tensor's elements, in double."""
    if not x.numel():
        return torch.zeros((), dtype=precise(x.device), device=x.device)
    x, scale = _scaled(x)
    norm: Tensor = torch.linalg.vector_norm(x)
    return (norm.to(scale) * scale).square()


def square_sums(x: Tensor, over: tuple[int, ...]) -> Tensor:
    """Sum the squares |x|^2 of a tensor's real elements over some axes, in double."""
    x, scale = _scaled(x)
    return x.square_().sum(over).to(scale) * scale.square()


def precise(device: torch.device) -> torch.dtype:
    """Name the widest dtype of a device."""
    return torch.float32 if device.type == "mps" else torch.float64


def wide(x: Tensor) -> Tensor:
    """Make a tensor float32 or complex64 at least."""
    if x.is_complex():
        return x.to(torch.complex64) if x.itemsize < 8 else x
    return x.float() if x.itemsize < 4 else x


def is_real(x: Tensor) -> bool:
    """Whether a tensor holds numbers with a fractional part, complex ones among them."""
    return x.is_floating_point() or x.is_complex()


def magnitude(x: Tensor) -> Tensor:
    """Leave real numbers as they are and give the |x| of complex ones."""
    return x.abs() if x.is_complex() else x


def _scaled(x: Tensor) -> tuple[Tensor, Tensor]:
    x = wide(x.detach())
    x = torch.view_as_real(x.resolve_conj()) if x.is_complex() else x
    low, high = x.aminmax()
    largest = torch.maximum(-low, high)
    # Of zeros 0/1; of what is not finite NaN.
    largest = torch.where(largest == 0.0, torch.ones_like(largest), largest)
    return x / largest, largest.to(precise(x.device))
