"""What other frameworks call the gates, and in which order they take their inputs.

Most take one array and split it. PyTorch, JAX and Keras gate its first half by the second; ONNX's
SwiGLU has two inputs, the gate first. `nonlin.split_gate` takes the order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from nonlin.catalogue.record import Value


@dataclass(frozen=True, slots=True)
class GateEntry:
    """One of our gates with a framework's parameters, and the order of the halves.

    `order` is one of those of `nonlin.split_gate`, or None where a framework takes two inputs.
    """

    gate: str
    order: str | None
    parameters: Mapping[str, Value] = field(default_factory=dict)


_VALUE_FIRST = GateEntry("glu", "value first")

# PyTorch 2: a * sigmoid(b) of the halves a, b. JAX: jax.nn.glu, Keras 3: keras.activations.glu,
# both the same. ONNX: SwiGLU of operator set 28, inputs A (the gate) and B.
GATE_DIALECTS: Mapping[str, Mapping[str, GateEntry]] = MappingProxyType(
    {
        "torch": {"GLU": _VALUE_FIRST, "glu": _VALUE_FIRST},
        "jax": {"glu": _VALUE_FIRST},
        "keras": {"glu": _VALUE_FIRST},
        "onnx": {"SwiGLU": GateEntry("swiglu", None, {"beta": 1.0})},
    }
)
