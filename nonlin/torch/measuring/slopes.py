"""phi' at the very call that was made, and what is known of phi' beforehand."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from torch import Tensor
from torch.autograd.graph import saved_tensors_hooks

from nonlin.activation import Activation
from nonlin.torch.measuring.invocation import Invocation

# Where every function of the catalogue and most others have their steepest place.
GRID = np.concatenate([np.linspace(-12.0, 12.0, 4801), [-1e3, -1e2, 1e2, 1e3]])
# Far enough for each kink, and not so far that a derivative which decays underflows to 0.
FAR = np.array([10.0, 20.0, 30.0])

SATURATED = 0.01  # of the supremum of |phi'|, as the design says


@lru_cache(maxsize=256)
def supremum(activation: Activation) -> float:
    """Find the supremum of |phi'| to the width of a grid; inf where it keeps growing."""
    with np.errstate(all="ignore"):
        found = np.abs(np.asarray(activation.derivative(GRID), dtype=np.float64))
    largest = float(np.nanmax(found))
    return largest if largest < 1e4 else float("inf")


def threshold(activation: Activation) -> float:
    """Give the |phi'| below which an observation is saturated; 0 where phi' has no supremum."""
    largest = supremum(activation)
    return SATURATED * largest if np.isfinite(largest) else 0.0


@lru_cache(maxsize=256)
def can_die(activation: Activation) -> bool:
    """Whether phi' is exactly 0 on a half line."""
    with np.errstate(all="ignore"):
        left = np.asarray(activation.derivative(-FAR))
        right = np.asarray(activation.derivative(FAR))
    return bool(np.all(left == 0.0) or np.all(right == 0.0))


def slope(call: Invocation, given: Tensor, z: Tensor) -> Tensor:
    """Differentiate a call with respect to one of its arguments, away from the user's graph.

    Parameters
    ----------
    call : Invocation
        Elementwise in `given`.
    given : Tensor
        The argument, as it stands in the call.
    z : Tensor
        Its value before the call.
    """
    # Hooks of gradient checkpointing would count what is saved here as part of the region.
    with torch.enable_grad(), saved_tensors_hooks(_same, _same):
        leaf = z.detach().requires_grad_()
        point = leaf.clone() if call.is_in_place else leaf
        result = call.with_argument(given, point)()
        (found,) = torch.autograd.grad(result, leaf, torch.ones_like(result))
    return found


def _same(x: Tensor) -> Tensor:
    return x
