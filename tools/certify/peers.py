"""The same functions of other libraries, at their defaults."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import numpy as np

from certify.functions import KINDS, Array, Function

LIBRARIES = ("NumPy", "SciPy", "PyTorch", "JAX")

# NumPy has tanh and exp; the others are the lines one writes.
NUMPY: Mapping[str, tuple[Function, Function]] = {
    "sigmoid": (lambda x: 1 / (1 + np.exp(-x)), lambda x: (s := 1 / (1 + np.exp(-x))) * (1 - s)),
    "tanh": (np.tanh, lambda x: 1 - np.tanh(x) ** 2),
    "relu": (lambda x: np.maximum(0, x), lambda x: (x > 0).astype(x.dtype)),
    "leaky_relu": (
        lambda x: np.maximum(x.dtype.type(0.01) * x, x),
        lambda x: np.where(x > 0, x.dtype.type(1), x.dtype.type(0.01)),
    ),
    "elu": (
        lambda x: np.where(x > 0, x, np.exp(x) - 1),
        lambda x: np.where(x > 0, x.dtype.type(1), np.exp(x)),
    ),
    "exponential": (np.exp, np.exp),
    "softplus": (lambda x: np.logaddexp(0, x), lambda x: 1 / (1 + np.exp(-x))),
}
SCIPY = {"sigmoid": "expit", "log_sigmoid": "log_expit"}

TORCH = {
    **{name: name for name in ("sigmoid", "tanh", "relu", "leaky_relu", "elu", "selu", "celu")},
    **{name: name for name in ("gelu", "silu", "mish", "softplus", "relu6")},
    "gelu_tanh": "gelu",
    "softsign": "softsign",
    "threshold": "threshold",
    "log_sigmoid": "logsigmoid",
    "hard_sigmoid": "hardsigmoid",
    "hard_swish": "hardswish",
    "hard_tanh": "hardtanh",
    "hard_shrink": "hardshrink",
    "soft_shrink": "softshrink",
    "tanh_shrink": "tanhshrink",
}
TORCH_ARGUMENTS: Mapping[str, tuple[float, ...]] = {"threshold": (0.0, 0.0)}

JAX = {
    **{name: name for name in ("sigmoid", "tanh", "relu", "leaky_relu", "elu", "selu", "celu")},
    **{name: name for name in ("gelu", "silu", "mish", "softplus", "relu6")},
    "gelu_tanh": "gelu",
    **{name: name for name in ("squareplus", "sparse_plus", "sparse_sigmoid", "log_sigmoid")},
    **{name: name for name in ("hard_sigmoid", "hard_swish", "hard_tanh", "identity")},
    "softsign": "soft_sign",
}


@functools.cache
def peers(name: str, kind: str) -> dict[str, Function]:
    """The libraries that have the certified function of that name."""
    found: dict[str, Function] = {}
    if name in NUMPY:
        found["NumPy"] = NUMPY[name][KINDS.index(kind)]
    if name in SCIPY and kind == "value":
        found["SciPy"] = _scipy(SCIPY[name])
    if name in TORCH:
        found["PyTorch"] = _torch(name, kind)
    if name in JAX:
        found["JAX"] = _jax(name, kind)
    return found


def _scipy(name: str) -> Function:
    from scipy import special

    function: Function = getattr(special, name)
    return function


def _torch(name: str, kind: str) -> Function:
    import torch

    function = getattr(torch.nn.functional, TORCH[name])
    keywords = {"approximate": "tanh"} if name == "gelu_tanh" else {}
    arguments = TORCH_ARGUMENTS.get(name, ())

    def value(x: Array) -> Array:
        result: Array = function(torch.from_numpy(x), *arguments, **keywords).numpy()
        return result

    def derivative(x: Array) -> Array:
        z = torch.from_numpy(x).clone().requires_grad_()
        function(z, *arguments, **keywords).backward(torch.ones_like(z))
        result: Array = z.grad.numpy()
        return result

    return value if kind == "value" else derivative


def _jax(name: str, kind: str) -> Function:
    import jax

    jax.config.update("jax_enable_x64", True)
    function = getattr(jax.nn, JAX[name])
    keywords = {"approximate": name == "gelu_tanh"} if name.startswith("gelu") else {}

    def value(x: Any) -> Any:
        return function(x, **keywords)

    def derivative(x: Any) -> Any:
        return jax.jvp(value, (x,), (jax.numpy.ones_like(x),))[1]

    compiled = jax.jit(value if kind == "value" else derivative)
    return lambda x: np.asarray(compiled(x))
