"""What the operators are in ONNX."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import torch

from nonlin.torch.gate_ops import GATE_OPERATORS
from nonlin.torch.ops import OPERATORS, TWO_SLOPES

Build = Callable[..., Any]


def onnx_translations() -> dict[Callable[..., Any], Callable[..., Any]]:
    """Make the table that ``torch.onnx.export`` takes as ``custom_translation_table``.

    An activation that ONNX has becomes that operator: ``Elu``, ``Gelu``, ``HardSwish``, ``Mish``
    and so on; one that it has not is made of several. What is missing here can be exported inside
    `nonlin.torch.functional.decomposed`.

    Returns
    -------
    dict of operator to function

    Raises
    ------
    ImportError
        If onnxscript, which ``torch.onnx.export`` needs itself, is not installed.
    """
    try:
        from onnxscript import opset20 as op
    except ImportError as error:
        raise ImportError(
            "onnx_translations needs the package onnxscript, as torch.onnx.export does: "
            "pip install onnxscript"
        ) from error
    table: dict[Callable[..., Any], Callable[..., Any]] = {}
    activations = _activations(op)
    for name, build in activations.items():
        table[OPERATORS[name]] = build
        if name in TWO_SLOPES:
            table[getattr(torch.ops.nonlin, f"{name}_with_slopes").default] = _value_of(build)
    for name, activation in _GATES.items():
        table[GATE_OPERATORS[name]] = _gate(op, activations[activation])
    return table


_GATES = {
    "bilinear": "identity",
    "geglu": "gelu",
    "geglu_tanh": "gelu_tanh",
    "glu": "sigmoid",
    "reglu": "relu",
    "swiglu": "silu",
}


def _value_of(build: Build) -> Build:
    """Give the value of an operator that tells the slopes, too, which an exported model drops."""

    def translated(input: Any, *parameters: float, **named: float) -> Any:  # noqa: A002 - its name there
        y = build(input, *parameters, **named)
        return y, y

    return translated


def _gate(op: Any, activation: Build) -> Build:
    def translated(gate: Any, value: Any, *parameters: float, **named: float) -> Any:
        return op.Mul(activation(gate, *parameters, **named), value)

    return translated


def _activations(op: Any) -> Mapping[str, Build]:
    def scaled(x: Any, factor: float) -> Any:
        return x if factor == 1.0 else op.Mul(x, _like(op, x, factor))

    def softplus(x: Any, beta: float, threshold: float) -> Any:
        smooth = scaled(op.Softplus(scaled(x, beta)), 1.0 / beta)
        if math.isinf(threshold):
            return smooth
        straight = op.Greater(scaled(x, beta), _like(op, x, threshold))
        return op.Where(straight, x, smooth)

    return {
        "celu": lambda x, alpha: op.Celu(x, alpha=alpha),
        "elu": lambda x, alpha: op.Elu(x, alpha=alpha),
        "exponential": lambda x: op.Exp(x),
        "gelu": lambda x: op.Gelu(x),
        "gelu_tanh": lambda x: op.Gelu(x, approximate="tanh"),
        "hard_shrink": lambda x, lambd: op.Shrink(x, lambd=lambd, bias=0.0),
        "hard_sigmoid": lambda x, width, offset: op.HardSigmoid(x, alpha=1.0 / width, beta=offset),
        "hard_swish": lambda x: op.HardSwish(x),
        "hard_tanh": lambda x, min_val, max_val: op.Clip(
            x, _like(op, x, min_val), _like(op, x, max_val)
        ),
        "identity": lambda x: op.Identity(x),
        "leaky_relu": lambda x, negative_slope: op.LeakyRelu(x, alpha=negative_slope),
        "log_sigmoid": lambda x: op.Neg(op.Softplus(op.Neg(x))),
        "mish": lambda x: op.Mish(x),
        "relu": lambda x: op.Relu(x),
        "relu6": lambda x: op.Clip(x, _like(op, x, 0.0), _like(op, x, 6.0)),
        "selu": lambda x: op.Selu(x),
        "sigmoid": lambda x: op.Sigmoid(x),
        "silu": lambda x, beta: op.Mul(x, op.Sigmoid(scaled(x, beta))),
        "soft_shrink": lambda x, lambd, bias: op.Shrink(x, lambd=lambd, bias=bias),
        "softcap": lambda x, cap: scaled(op.Tanh(scaled(x, 1.0 / cap)), cap),
        "softplus": softplus,
        "softsign": lambda x: op.Softsign(x),
        "tanh": lambda x: op.Tanh(x),
        "tanh_shrink": lambda x: op.Sub(x, op.Tanh(x)),
        "thresholded_relu": lambda x, alpha: op.ThresholdedRelu(x, alpha=alpha),
    }


def _like(op: Any, x: Any, number: float) -> Any:
    """Make a number of the dtype of x."""
    return op.CastLike(op.Constant(value_float=number), x)
