"""Activation functions: compute them, see them, know them, find out what they do to a network."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from nonlin import startup, ufuncs  # noqa: F401 - startup checks what the next lines read
from nonlin.activation import Activation, instruction_set
from nonlin.axis import AxisFunction
from nonlin.catalogue import UnknownActivationError, aliases, groups, names
from nonlin.catalogue.along_axis import (
    axis_functions,
    crelu,
    find_axis_function,
    log_softmax,
    log_sum_exp,
    maxout,
    softmax,
    softmin,
    sparsemax,
)
from nonlin.catalogue.everything import get, near
from nonlin.catalogue.functions import (
    celu,
    elu,
    exponential,
    gelu,
    hard_shrink,
    hard_sigmoid,
    hard_swish,
    hard_tanh,
    identity,
    laplace,
    leaky_relu,
    lisht,
    log_sigmoid,
    mish,
    relu,
    relu6,
    relu_squared,
    selu,
    sigmoid,
    silu,
    snake,
    snake_beta,
    soft_shrink,
    softcap,
    softplus,
    softsign,
    sparse_plus,
    sparse_sigmoid,
    sqrt_softplus,
    squareplus,
    stanh,
    star_relu,
    step,
    tanh,
    tanh_shrink,
    threshold,
    thresholded_relu,
    xielu,
)
from nonlin.catalogue.gates import (
    bilinear,
    clamped_swiglu,
    gates,
    geglu,
    glu,
    reglu,
    situ_glu,
    swiglu,
)
from nonlin.gate import Gate
from nonlin.split import split_gate
from nonlin.threads import get_num_threads, set_num_threads

if TYPE_CHECKING:
    from nonlin import study
    from nonlin.facts import properties
    from nonlin.figures import plot
    from nonlin.propagation import (
        born_dead_probability,
        critical_initialization,
        phase_diagram,
        silent_probability,
    )
    from nonlin.propagation.choice import first_weights
    from nonlin.propagation.critical import critical_line
    from nonlin.propagation.gain import gain
    from nonlin.propagation.propagate import propagate
    from nonlin.propagation.softmax import attention_statistics, softmax_statistics

__version__ = "0.2.0"

__all__ = [
    "Activation",
    "AxisFunction",
    "Gate",
    "UnknownActivationError",
    "attention_statistics",
    "axis_functions",
    "bilinear",
    "born_dead_probability",
    "celu",
    "clamped_swiglu",
    "crelu",
    "critical_initialization",
    "critical_line",
    "elu",
    "exponential",
    "first_weights",
    "gain",
    "gates",
    "geglu",
    "gelu",
    "get",
    "get_num_threads",
    "glu",
    "groups",
    "hard_shrink",
    "hard_sigmoid",
    "hard_swish",
    "hard_tanh",
    "identity",
    "instruction_set",
    "laplace",
    "leaky_relu",
    "lisht",
    "log_sigmoid",
    "log_softmax",
    "log_sum_exp",
    "maxout",
    "mish",
    "names",
    "phase_diagram",
    "plot",
    "propagate",
    "properties",
    "reglu",
    "relu",
    "relu6",
    "relu_squared",
    "selu",
    "set_num_threads",
    "sigmoid",
    "silent_probability",
    "silu",
    "situ_glu",
    "snake",
    "snake_beta",
    "soft_shrink",
    "softcap",
    "softmax",
    "softmax_statistics",
    "softmin",
    "softplus",
    "softsign",
    "sparse_plus",
    "sparse_sigmoid",
    "sparsemax",
    "split_gate",
    "sqrt_softplus",
    "squareplus",
    "stanh",
    "star_relu",
    "step",
    "study",
    "swiglu",
    "tanh",
    "tanh_shrink",
    "threshold",
    "thresholded_relu",
    "ufuncs",
    "xielu",
]

# Loaded when they are asked for, so that who only computes does not wait for them.
_LATER = {
    "attention_statistics": "nonlin.propagation.softmax",
    "born_dead_probability": "nonlin.propagation",
    "critical_initialization": "nonlin.propagation",
    "critical_line": "nonlin.propagation",
    "first_weights": "nonlin.propagation",
    "gain": "nonlin.propagation",
    "phase_diagram": "nonlin.propagation",
    "plot": "nonlin.figures",
    "propagate": "nonlin.propagation",
    "properties": "nonlin.facts",
    "silent_probability": "nonlin.propagation",
    "softmax_statistics": "nonlin.propagation.softmax",
}


def __getattr__(name: str) -> Any:
    if name in ("study", "torch"):
        return import_module(f"nonlin.{name}")
    if name in aliases() or find_axis_function(name) is not None:
        return get(name)
    if name not in _LATER:
        close = None if name.startswith("_") else near(name, tuple(__all__))
        hint = f"did you mean {close}? " if close else ""
        hint += "nonlin.names() lists the functions, nonlin.gates() the gates"
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; {hint}")
    return getattr(import_module(_LATER[name]), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
