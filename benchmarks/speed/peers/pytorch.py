"""PyTorch's functions, and the operators that its backward pass calls.

`F` is torch._C._nn, where torch.nn.functional's functions end and which takes an `out`. ReLU into
an existing array is clamp_min. PyTorch has no derivative: that is a backward pass with a gradient
of ones. Some backward passes use the function's result `s`, not its argument: in backward it
exists, as in training it does; a derivative at `z` has to compute it.
"""

from __future__ import annotations

from typing import Any

from speed.contender import Contender, Operands

NAMES = ("PyTorch",)

INTO = {
    "sigmoid": "torch.sigmoid(z, out=w)",
    "tanh": "torch.tanh(z, out=w)",
    "relu": "torch.clamp_min(z, 0, out=w)",
    "leaky_relu": "F.leaky_relu(z, negative_slope, out=w)",
    "elu": "F.elu(z, alpha, out=w)",
    "gelu": "F.gelu(z, out=w)",
    "silu": "F.silu(z, out=w)",
    "mish": "F.mish(z, out=w)",
    "softplus": "F.softplus(z, out=w)",
    "relu6": "F.hardtanh(z, 0, 6, out=w)",
    "log_sigmoid": "F.log_sigmoid(z, out=w)",
    "hard_sigmoid": "F.hardsigmoid(z, out=w)",
    "hard_swish": "F.hardswish(z, out=w)",
    "hard_tanh": "F.hardtanh(z, out=w)",
    "hard_shrink": "torch.hardshrink(z, out=w)",
    "soft_shrink": "F.softshrink(z, out=w)",
}

NEW = {name: line.replace(", out=w", "") for name, line in INTO.items()} | {
    "relu": "torch.relu(z)",
    "selu": "torch.selu(z)",
    "celu": "torch.celu(z)",
    "softsign": "torch.nn.functional.softsign(z)",
    "tanh_shrink": "torch.nn.functional.tanhshrink(z)",
}

# The arguments after the gradient.
BACKWARD = {
    "sigmoid": ("sigmoid_backward", "s"),
    "tanh": ("tanh_backward", "s"),
    "relu": ("threshold_backward", "z, 0"),
    "leaky_relu": ("leaky_relu_backward", "z, negative_slope, False"),
    "elu": ("elu_backward", "alpha, 1, 1, False, z"),
    "gelu": ("gelu_backward", "z"),
    "silu": ("silu_backward", "z"),
    "softplus": ("softplus_backward", "z, 1, 20"),
    "relu6": ("hardtanh_backward", "z, 0, 6"),
    "hard_sigmoid": ("hardsigmoid_backward", "z"),
    "hard_tanh": ("hardtanh_backward", "z, -1, 1"),
    "hard_shrink": ("hardshrink_backward", "z, 0.5"),
    "soft_shrink": ("softshrink_backward", "z, 0.5"),
}


def contenders(operands: Operands) -> list[Contender]:
    import torch

    function, kind = operands.case.function, operands.case.kind
    z, w = torch.from_numpy(operands.x), torch.from_numpy(operands.y)
    names: dict[str, Any] = {"torch": torch, "F": torch._C._nn, "aten": torch.ops.aten}
    names |= {"z": z, "w": w}
    if kind == "value":
        into, new = INTO.get(function), NEW.get(function)
    else:
        into, new = _backward_lines(function, kind)
        names["g"] = _gradient(operands)
        if into and BACKWARD[function][1] == "s":
            names["s"] = getattr(torch, function)(z)
    found = [operands.contender(NAMES[0], into, **names)] if into else []
    return found + ([operands.contender(NAMES[0], new, new=True, **names)] if new else [])


def _backward_lines(function: str, kind: str) -> tuple[str | None, str | None]:
    if function not in BACKWARD:
        return None, None
    name, into = BACKWARD[function]
    new = into
    if into == "s" and kind == "derivative":
        into, new = f"torch.{function}(z, out=s)", f"torch.{function}(z)"
    return f"aten.{name}.grad_input(g, {into}, grad_input=w)", f"aten.{name}.default(g, {new})"


def _gradient(operands: Operands) -> object:
    import torch

    if operands.case.kind == "backward":
        return torch.from_numpy(operands.grad)
    return torch.ones(operands.case.size, dtype=getattr(torch, operands.case.dtype))
