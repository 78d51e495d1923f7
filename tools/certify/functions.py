"""What is certified: every function, at its defaults and some at other parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import nonlin

Array = NDArray[Any]
Function = Callable[..., Array]

KINDS = ("value", "derivative")


@dataclass(frozen=True)
class Certified:
    """A function at certain parameters."""

    name: str
    reference: str
    activation: nonlin.Activation
    parameters: tuple[float, ...]

    def call(self, kind: str) -> Function:
        call: Function = self.activation if kind == "value" else self.activation.derivative
        return call

    def reference_name(self, kind: str) -> str:
        """The name in cases.hpp."""
        return self.reference + "'" * (kind == "derivative")

    def parameters_in(self, dtype: str) -> Array:
        """The parameters as the kernels of that dtype have them."""
        return np.asarray(self.parameters, dtype).astype(np.float64)


def certified() -> list[Certified]:
    """Every function at its defaults, and some with a parameter elsewhere."""
    found = []
    for name in nonlin.names():
        activation = nonlin.get(name)
        numbers = {k: v for k, v in activation.parameters.items() if not isinstance(v, str)}
        found.append(Certified(name, name, activation, tuple(numbers.values())))
        if "approximate" in activation.parameters:
            tanh = activation.bind(approximate="tanh")
            found.append(Certified(f"{name}_tanh", f"{name}_tanh", tanh, ()))
        for parameter, value in OTHERWISE.get(name, {}).items():
            bound = activation.bind(**{parameter: value})
            found.append(Certified(f"{name}({parameter}={value})", name, bound, (value,)))
    return found


# A multiple of 2^-4, which every type holds exactly.
OTHERWISE: Mapping[str, Mapping[str, float]] = {
    "leaky_relu": {"negative_slope": 0.1875},
    "elu": {"alpha": 0.6875},
    "celu": {"alpha": 0.6875},
    "silu": {"beta": 1.6875},
    "softplus": {"beta": 1.6875},
    "squareplus": {"b": 0.6875},
}
