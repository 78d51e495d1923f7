"""Activation functions: compute them, see them, know them, find out what they do to a network."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from nonlin import ufuncs
from nonlin.activation import Activation, instruction_set
from nonlin.catalogue import get, groups, names
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
    leaky_relu,
    log_sigmoid,
    mish,
    relu,
    relu6,
    selu,
    sigmoid,
    silu,
    soft_shrink,
    softplus,
    softsign,
    sparse_plus,
    sparse_sigmoid,
    squareplus,
    tanh,
    tanh_shrink,
    threshold,
    thresholded_relu,
)
from nonlin.threads import get_num_threads, set_num_threads

if TYPE_CHECKING:
    from nonlin import study
    from nonlin.figures import plot

__version__ = "0.1.0"

__all__ = [
    "Activation",
    "celu",
    "elu",
    "exponential",
    "gelu",
    "get",
    "get_num_threads",
    "groups",
    "hard_shrink",
    "hard_sigmoid",
    "hard_swish",
    "hard_tanh",
    "identity",
    "instruction_set",
    "leaky_relu",
    "log_sigmoid",
    "mish",
    "names",
    "plot",
    "relu",
    "relu6",
    "selu",
    "set_num_threads",
    "sigmoid",
    "silu",
    "soft_shrink",
    "softplus",
    "softsign",
    "sparse_plus",
    "sparse_sigmoid",
    "squareplus",
    "study",
    "tanh",
    "tanh_shrink",
    "threshold",
    "thresholded_relu",
    "ufuncs",
]

# Loaded when they are asked for, so that who only computes does not wait for them.
_LATER = {"plot": "nonlin.figures", "study": "nonlin"}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if _LATER[name] == __name__:
        return import_module(f"{__name__}.{name}")
    return getattr(import_module(_LATER[name]), name)
