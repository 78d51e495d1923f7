"""What a loss compares, in numbers: sums and extremes of outputs and targets, and how far apart."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nonlin.torch.measuring.norms import is_real, precise, square_sum, wide

# Of a class fewer than so many are counted one by one, in so many of the targets.
COUNTED = 32
LOOKED_AT = 2**18

# Beyond so many outputs their exponentials are not summed, unless the loss takes logarithms.
LARGE = 2**22

# A row of probabilities whose sum is further from 1 is none.
FAR_FROM_ONE = 0.1

SUMS = 7 + COUNTED
EXTREMES = 9


def parts(x: Tensor) -> Tensor:
    """Give the real parts and the imaginary ones of complex numbers; others as they are."""
    x = x.detach()
    return torch.view_as_real(x.resolve_conj()) if x.is_complex() else x


def numbers(x: Tensor) -> Tensor:
    """Give the outputs' numbers with an axis at least; one number is one output."""
    x = parts(x).float()
    return x if x.ndim else x[None]


def is_integer(x: Tensor) -> bool:
    """Whether a tensor's dtype is one of integers."""
    return not (x.is_floating_point() or x.is_complex() or x.dtype == torch.bool)


def class_axis(x: Tensor) -> int:
    """Tell along which axis PyTorch's losses expect the classes."""
    return 1 if x.ndim > 1 else 0


def extremes(
    x: Tensor, targets: Tensor | None, counts: Tensor | None, exponentials: bool
) -> Tensor:
    """Give the largest of what is compared; the smallest with the sign turned.

    Parameters
    ----------
    x : Tensor
        The outputs.
    targets : Tensor or None
    counts : Tensor or None
        Which of the labels count.
    exponentials : bool
        Whether to look at the sums of exp(x), too.

    Returns
    -------
    Tensor, shape (9,)
        -x, x, how far the sums of x along the axis of the classes stray from 1, -targets, targets,
        how far targets stray from whole numbers, and how far the sums along another axis, of x and
        of exp(x), stray from 1 where they stray least; how far targets do that are grouped anew.
    """
    nothing = torch.full((), -torch.inf, device=x.device)
    found = [-x.amin(), x.amax(), _strays(x, class_axis(x))]
    if targets is None:
        found += [nothing, nothing, nothing]
    else:
        low, high = -targets.float(), targets.float()
        if counts is not None:
            low, high = low.where(counts, nothing), high.where(counts, nothing)
        # What is not finite is no whole number.
        apart = (high - high.round()).abs().nan_to_num(torch.inf)
        apart = apart if counts is None else apart.where(counts, nothing)
        found += [low.amax(), high.amax(), apart.amax()]
    found += [_least(x), _least(x.exp()) if exponentials else nothing + torch.inf]
    found.append(_regrouped(x, targets))
    return torch.stack([each.to(x.device) for each in found])


def sums(x: Tensor, targets: Tensor | None, counts: Tensor | None, exponentials: bool) -> Tensor:
    """Give the sums of what is compared; see `extremes`.

    Returns
    -------
    Tensor, shape (7 + COUNTED,)
        How many outputs; their squares; how many targets; they, and their squares; the share of
        rows whose exp(x) do not sum to 1, and of rows of targets that do not; how many targets are
        0, 1, 2, ...
    """
    own = precise(x.device)
    made = torch.zeros(SUMS, dtype=own, device=x.device)
    made[0], made[1] = x.numel(), square_sum(x)
    axis = class_axis(x)
    if exponentials and x.shape[axis] > 1:
        made[5] = _share_far(x.exp(), axis, counts)
    if targets is None:
        return made
    t = targets.to(own)
    counted = t.flatten() if counts is None else t[counts]
    made[2], made[3], made[4] = counted.numel(), counted.sum(), counted.square().sum()
    if targets.is_floating_point() and t.shape == x.shape and t.shape[axis] > 1:
        made[6] = _share_far(t, axis, None)
    classes = torch.arange(COUNTED, device=t.device)
    made[7:] = (counted[:LOOKED_AT, None] == classes).sum(0)
    return made


def _strays(x: Tensor, axis: int) -> Tensor:
    if x.shape[axis] < 2:
        return torch.full((), torch.inf, device=x.device)
    return (x.sum(axis) - 1.0).abs().amax()


def _regrouped(x: Tensor, targets: Tensor | None) -> Tensor:
    """Tell how far targets stray from 1 if their classes lay last before they were reshaped."""
    axis = class_axis(x)
    if targets is None or targets.shape != x.shape or x.ndim < 3 or not targets.is_floating_point():
        return torch.full((), torch.inf, device=x.device)
    return _strays(targets.reshape(-1, x.shape[axis]).float(), 1)


def _least(x: Tensor) -> Tensor:
    """Give the strayings along the axis other than that of the classes that has the least."""
    others = [a for a in range(x.ndim) if a != class_axis(x) and x.ndim > 1]
    found = [_strays(x, a) for a in others]
    return torch.stack(found).amin() if found else torch.full((), torch.inf, device=x.device)


def _share_far(x: Tensor, axis: int, counts: Tensor | None) -> Tensor:
    far = ((x.sum(axis) - 1.0).abs() > FAR_FROM_ONE).float()
    if counts is not None and counts.shape == far.shape:
        return (far * counts).sum() / counts.sum().clamp_min(1)
    return far.mean()


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
