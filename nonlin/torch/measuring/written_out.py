"""ReLU where it is written out: x * (x > 0), torch.where(x > 0, x, 0)."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from nonlin.torch.measuring.graph import PRODUCTS
from nonlin.torch.measuring.invocation import Invocation
from nonlin.torch.measuring.origins import Origins

POSITIVE = "is_positive"


def step_name(call: Invocation) -> str:
    """Name a call in the graph; a comparison with 0 so that `is_relu` finds it."""
    if call.name in ("gt", "__gt__") and _is_number_zero(call.argument(1, "other")):
        return POSITIVE
    return call.name


def is_relu(call: Invocation, origins: Origins) -> bool:
    """Whether a call multiplies a tensor by its being positive, or chooses between it and 0."""
    if call.name in PRODUCTS and len(call.given) == 2:
        one, other = call.given
        return _is_positive(one, other, origins) or _is_positive(other, one, origins)
    if call.name == "where" and len(call.args) == 3:
        condition, x, otherwise = call.args
        chosen = isinstance(x, Tensor) and _is_number_zero(otherwise)
        return chosen and _is_positive(condition, x, origins)
    return False


def _is_positive(condition: Any, x: Tensor, origins: Origins) -> bool:
    made = origins.of(condition) if isinstance(condition, Tensor) else None
    if made is None or made.name != POSITIVE:
        return False
    return made.sources == [origins.of(x)] and condition.shape == x.shape


def _is_number_zero(x: Any) -> bool:
    if isinstance(x, Tensor):
        return not x.requires_grad and x.numel() == 1 and not bool(x.any())
    return isinstance(x, int | float) and x == 0
