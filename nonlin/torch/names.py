"""Which activation a module of PyTorch is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from nonlin.activation import Activation
from nonlin.catalogue import get
from nonlin.catalogue.dialects import TORCH
from nonlin.catalogue.record import Value
from nonlin.torch.functions import Activate

# The class in torch.nn of each function in torch, torch.nn.functional and Tensor.
CLASSES: Mapping[str, str] = {
    "celu": "CELU",
    "elu": "ELU",
    "gelu": "GELU",
    "hardshrink": "Hardshrink",
    "hardsigmoid": "Hardsigmoid",
    "hardswish": "Hardswish",
    "hardtanh": "Hardtanh",
    "leaky_relu": "LeakyReLU",
    "log_sigmoid": "LogSigmoid",
    "logsigmoid": "LogSigmoid",
    "mish": "Mish",
    "prelu": "PReLU",
    "relu": "ReLU",
    "relu6": "ReLU6",
    "rrelu": "RReLU",
    "selu": "SELU",
    "sigmoid": "Sigmoid",
    "silu": "SiLU",
    "softplus": "Softplus",
    "softshrink": "Softshrink",
    "softsign": "Softsign",
    "tanh": "Tanh",
    "tanhshrink": "Tanhshrink",
    "threshold": "Threshold",
}

# What they take beside their input, in order; attributes and keywords have the same names.
ARGUMENTS: Mapping[str, tuple[str, ...]] = {
    "CELU": ("alpha",),
    "ELU": ("alpha",),
    "GELU": ("approximate",),
    "Hardshrink": ("lambd",),
    "Hardtanh": ("min_val", "max_val"),
    "LeakyReLU": ("negative_slope",),
    "PReLU": ("weight",),
    "RReLU": ("lower", "upper"),
    "Softplus": ("beta", "threshold"),
    "Softshrink": ("lambd",),
    "Threshold": ("threshold", "value"),
}


def of_module(module: nn.Module) -> Activation | None:
    """Name the activation that a module applies; None if it is no activation.

    Raises
    ------
    UnknownActivationError
        If it is one that the catalogue does not have.
    """
    if isinstance(module, Activate):
        return module.activation
    kind = type(module)
    if kind.__module__ == "nonlin.torch.nn":
        kind = kind.__mro__[1]
    name = kind.__name__
    if name not in CLASSES.values() or kind is not getattr(nn, name, None):
        return None
    return _activation(name, {key: getattr(module, key) for key in ARGUMENTS.get(name, ())})


def of_torch(module: nn.Module) -> Activation:
    """Name what a module applies whose class is derived from that of `torch.nn` of its name."""
    name = type(module).__name__
    return _activation(name, {key: getattr(module, key) for key in ARGUMENTS.get(name, ())})


def _activation(name: str, given: Mapping[str, Any]) -> Activation:
    entry = TORCH[name]
    ours = get(entry.ours)
    return ours.bind(**{**entry.parameters, **_translated(name, given, ours)})


def _translated(name: str, given: Mapping[str, Any], ours: Activation) -> dict[str, Value]:
    """Give the arguments the names and the form that ours has."""
    if name == "PReLU" and "weight" in given:
        # Each channel has its own; for the length of the signal their mean square counts.
        weight: Tensor = given["weight"].detach()
        return {"negative_slope": float(weight.square().mean().sqrt())}
    if name == "RReLU" and given:
        return {"negative_slope": 0.5 * (given.get("lower", 1 / 8) + given.get("upper", 1 / 3))}
    values = dict(given)
    if name == "Softshrink" and "lambd" in values:
        values["bias"] = values["lambd"]
    known = {key: value for key, value in values.items() if key in ours.parameters}
    return {key: value if isinstance(value, str) else float(value) for key, value in known.items()}
