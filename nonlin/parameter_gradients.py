"""The backward pass to the parameters of an activation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from nonlin.parameter_slopes import PARAMETER_SLOPES

if TYPE_CHECKING:
    from nonlin.activation import Activation

__all__ = ["parameter_gradients"]

# Stands for infinity: what grows is large there, what falls is 0.
FAR, LARGE = 1e160, 1e150
# At infinity they have no limit.
PERIODIC = ("snake", "snake_beta")


def parameter_gradients(
    act: Activation, grad: Any, x: Any, values: Mapping[str, Any]
) -> dict[str, Any]:
    """Give the gradient of each parameter that is a number; see `Activation.backward_parameters`.

    Raises
    ------
    TypeError
        If there is none.
    """
    numbers = {name: value for name, value in values.items() if not isinstance(value, str)}
    if act.record is None or not numbers:
        raise TypeError(f"{act!r} has no parameter that is a number, so there is no gradient")
    dtype = np.asarray(act.backward(grad, x, **values)).dtype
    # As in the kernels of that dtype.
    precision = np.float64 if dtype == np.float64 else np.float32
    given = {name: np.asarray(value, precision).astype(float) for name, value in numbers.items()}
    z = np.asarray(x).astype(np.float64)
    finite = np.where(np.isinf(z), np.copysign(FAR, z), z)
    with np.errstate(all="ignore"):
        slopes = PARAMETER_SLOPES[act.record.name](finite, **given)
        unknown = np.isnan(z) | (np.isinf(z) & (act.record.name in PERIODIC))
        weight = np.asarray(grad).astype(np.float64)
        return {
            name: np.asarray(weight * _at_the_ends(slope, z, unknown)).astype(dtype)[()]
            for name, slope in slopes.items()
        }


def _at_the_ends(slope: Any, z: Any, unknown: Any) -> Any:
    """Give the limit at infinity of a slope far out."""
    grows = np.isinf(z) & (np.abs(slope) > LARGE)
    return np.where(unknown, np.nan, np.where(grows, np.copysign(np.inf, slope), slope))
