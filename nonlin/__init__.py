"""Activation functions: compute them, see them, know them, find out what they do to a network."""

from nonlin import ufuncs
from nonlin.activation import Activation, instruction_set
from nonlin.catalogue import elu, get, leaky_relu, names, relu, sigmoid, tanh
from nonlin.figures import plot
from nonlin.threads import get_num_threads, set_num_threads

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
    "tanh",
    "ufuncs",
]
