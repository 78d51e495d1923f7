"""The backward pass to the parameters of an activation or a gate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from nonlin.parameter_slopes import GATE_SLOPES, PARAMETER_SLOPES

if TYPE_CHECKING:
    from nonlin.activation import Activation
    from nonlin.gate import Gate

__all__ = ["gate_parameter_gradients", "parameter_gradients"]

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
    dtype = np.asarray(act.backward(grad, x, **values)).dtype
    given = _numbers(act, values, dtype)
    z = np.asarray(x).astype(np.float64)
    finite = np.where(np.isinf(z), np.copysign(FAR, z), z)
    with np.errstate(all="ignore"):
        slopes = PARAMETER_SLOPES[act.name](finite, **given)
        unknown = np.isnan(z) | (np.isinf(z) & (act.name in PERIODIC))
        weight = np.asarray(grad).astype(np.float64)
        return {
            name: np.asarray(weight * _at_the_ends(slope, z, unknown)).astype(dtype)[()]
            for name, slope in slopes.items()
        }


def gate_parameter_gradients(
    gate: Gate, grad: Any, x: Any, value: Any, values: Mapping[str, Any]
) -> dict[str, Any]:
    """Give the gradient of each parameter that is a number; see `Gate.backward_parameters`.

    Raises
    ------
    TypeError
        If there is none.
    """
    dtype = np.asarray(gate.backward(grad, x, value, **values)[0]).dtype
    given = _numbers(gate.activation if gate.record is None else gate, values, dtype)
    weight, x, value = (np.asarray(each).astype(np.float64) for each in (grad, x, value))
    own = GATE_SLOPES.get("" if gate.record is None else gate.record.name)
    with np.errstate(all="ignore"):
        if own is None:
            activation = gate.activation.bind(**{k: float(v) for k, v in given.items()})
            found = activation.backward_parameters(weight * gate.value_activation(value), x)
        else:
            found = {name: weight * slope for name, slope in own(x, value, **given).items()}
        return {name: np.asarray(slope).astype(dtype)[()] for name, slope in found.items()}


def _numbers(
    given: Activation | Gate, values: Mapping[str, Any], dtype: np.dtype[Any]
) -> dict[str, Any]:
    """Give the parameters that are numbers as precise as the kernels of a dtype take them."""
    numbers = {name: value for name, value in values.items() if not isinstance(value, str)}
    if given.record is None or not numbers:
        raise TypeError(f"{given!r} has no parameter that is a number, so there is no gradient")
    precision = np.float64 if dtype == np.float64 else np.float32
    return {name: np.asarray(value, precision).astype(float) for name, value in numbers.items()}


def _at_the_ends(slope: Any, z: Any, unknown: Any) -> Any:
    """Give the limit at infinity of a slope far out."""
    grows = np.isinf(z) & (np.abs(slope) > LARGE)
    return np.where(unknown, np.nan, np.where(grows, np.copysign(np.inf, slope), slope))
