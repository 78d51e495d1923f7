"""Activation functions: compute them, see them, know them, find out what they do to a network."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from nonlin import ufuncs
from nonlin.activation import Activation, instruction_set
from nonlin.catalogue import elu, get, leaky_relu, names, relu, sigmoid, tanh
from nonlin.threads import get_num_threads, set_num_threads

if TYPE_CHECKING:
    from nonlin import study
    from nonlin.figures import plot

__version__ = "0.1.0"

__all__ = [
    "Activation",
    "elu",
    "get",
    "get_num_threads",
    "instruction_set",
    "leaky_relu",
    "names",
    "plot",
    "relu",
    "set_num_threads",
    "sigmoid",
    "study",
    "tanh",
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
