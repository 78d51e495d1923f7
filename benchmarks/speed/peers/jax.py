"""JAX's functions, compiled for the very shape; its arrays are immutable, so each result is new."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from speed.contender import Contender, Operands

NAMES = ("JAX",)

FUNCTIONS = {
    "sigmoid": "sigmoid",
    "tanh": "tanh",
    "relu": "relu",
    "leaky_relu": "leaky_relu",
    "elu": "elu",
    "silu": "silu",
    "mish": "mish",
    "softplus": "softplus",
    "relu6": "relu6",
    "selu": "selu",
    "celu": "celu",
    "softsign": "soft_sign",
    "log_sigmoid": "log_sigmoid",
    "hard_sigmoid": "hard_sigmoid",
    "hard_swish": "hard_swish",
    "hard_tanh": "hard_tanh",
    "squareplus": "squareplus",
    "sparse_plus": "sparse_plus",
    "sparse_sigmoid": "sparse_sigmoid",
}

# Those of our parameters that JAX's function takes; for the others both have the same default.
PARAMETERS = {"leaky_relu": ("negative_slope",), "elu": ("alpha",), "celu": ("alpha",)}


def contenders(operands: Operands) -> list[Contender]:
    import jax

    function, kind = operands.case.function, operands.case.kind
    if function not in FUNCTIONS:
        return []
    jax.config.update("jax_enable_x64", True)
    taken = {name: operands.parameters[name] for name in PARAMETERS.get(function, ())}
    phi = jax.jit(_kinds(getattr(jax.nn, FUNCTIONS[function]), taken)[kind])
    names = {"phi": phi, "x": jax.numpy.asarray(operands.x)}
    arguments = "x"
    if kind == "backward":
        names["grad"] = jax.numpy.asarray(operands.grad)
        arguments = "grad, x"
    line = f"phi({arguments}).block_until_ready()"
    about = f"jax.nn.{FUNCTIONS[function]}"
    return [operands.contender(NAMES[0], line, new=True, about=about, **names)]


def _kinds(phi: Callable[..., Any], taken: dict[str, float]) -> dict[str, Callable[..., Any]]:
    import jax

    def value(x: Any) -> Any:
        return phi(x, **taken)

    def derivative(x: Any) -> Any:
        return jax.jvp(value, (x,), (jax.numpy.ones_like(x),))[1]

    def backward(grad: Any, x: Any) -> Any:
        return jax.vjp(value, x)[1](grad)[0]

    return {"value": value, "derivative": derivative, "backward": backward}
