"""Gates as operators of PyTorch: `torch.ops.nonlin.swiglu(gate, value, beta)`.

A gate is a function of one tensor times another tensor, phi(gate) * value. For the backward pass
the two inputs are kept and nothing else: phi is computed again there, which costs less than to
write and read it. `swiglu_backward(grad, gate, value, beta)` gives both gradients.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd import Function

from nonlin.torch import formulas
from nonlin.torch.jets import Jet, Number, choose, primal, sigmoid
from nonlin.torch.ops import TWO_SLOPES
from nonlin.torch.registration import (
    Op,
    below_autograd,
    define,
    expect_floating,
    register_derivative,
    register_elementwise_map,
    register_formula,
    register_kernels,
    register_shapes,
)

Pair = tuple[Tensor, Tensor]


def _as_it_is(x: Number, *_: Number) -> Number:
    return x


class Gate(NamedTuple):
    """A gate: a function of the gate times a function of the value, both of all parameters.

    Attributes
    ----------
    of_gate, of_value : callable
        Formulas of tensors or of jets.
    parameters : tuple of str
    activation : str or None
        The kernel of `of_gate`, if it is one.
    """

    of_gate: Callable[..., Number]
    parameters: tuple[str, ...] = ()
    of_value: Callable[..., Number] = _as_it_is
    activation: str | None = None

    def formula(self, gate: Number, value: Number, *parameters: Number) -> Number:
        """Compute the gate of tensors or of jets."""
        return self.of_gate(gate, *parameters) * self.of_value(value, *parameters)


def _of(activation: str, *parameters: str) -> Gate:
    return Gate(formulas.FORMULAS[activation], parameters, activation=activation)


def _clamped_silu(gate: Number, limit: Number, alpha: Number, offset: Number) -> Number:
    z = primal(gate)
    return formulas.silu(choose(z > limit, limit, gate, z), alpha)


def _clamped_value(value: Number, limit: Number, alpha: Number, offset: Number) -> Number:
    return formulas.hard_tanh(value, -limit, limit) + offset


def _capped_gate(gate: Number, beta1: Number, beta2: Number) -> Number:
    return formulas.softcap(gate, beta1) * sigmoid(gate)


def _capped_value(value: Number, beta1: Number, beta2: Number) -> Number:
    return formulas.softcap(value, beta2)


GATES: Mapping[str, Gate] = {
    "bilinear": _of("identity"),
    "clamped_swiglu": Gate(_clamped_silu, ("limit", "alpha", "offset"), _clamped_value),
    "geglu": _of("gelu"),
    "geglu_tanh": _of("gelu_tanh"),
    "glu": _of("sigmoid"),
    "reglu": _of("relu"),
    "situ_glu": Gate(_capped_gate, ("beta1", "beta2"), _capped_value),
    "swiglu": _of("silu", "beta"),
}


def value(name: str, gate: Tensor, other: Tensor, *parameters: float) -> Tensor:
    """Compute a gate in PyTorch's operations; 16 bits are computed in float32."""
    y: Tensor = GATES[name].formula(_wide(gate), _wide(other), *parameters)
    return y.to(gate.dtype)


def _wide(x: Tensor) -> Tensor:
    return x.float() if x.dtype in (torch.float16, torch.bfloat16) else x


class Partial(NamedTuple):
    """The partial derivatives of f(gate, value)."""

    gate: Tensor
    value: Tensor
    gate_gate: Tensor
    gate_value: Tensor
    value_value: Tensor


def partial(f: Callable[..., Number], gate: Tensor, other: Tensor, *parameters: float) -> Partial:
    """Differentiate f: along the gate, along the value, and along both for the mixed one."""
    given = gate.dtype
    gate, other = (
        x.clamp(-torch.finfo(x.dtype).max, torch.finfo(x.dtype).max)
        for x in (_wide(gate), _wide(other))
    )

    def along(*directions: float) -> Pair:
        jet = f(Jet(gate, directions[0]), Jet(other, directions[1]), *parameters)
        first, second = (torch.as_tensor(x, dtype=gate.dtype) for x in (jet.first, jet.second))
        return first.expand_as(gate), second.expand_as(gate)

    (by_gate, gate_gate), (by_value, value_value) = along(1.0, 0.0), along(0.0, 1.0)
    mixed = 0.5 * (along(1.0, 1.0)[1] - gate_gate - value_value)
    return Partial(*(x.to(given) for x in (by_gate, by_value, gate_gate, mixed, value_value)))


def _value_function(op: Op, backward_pass: Callable[..., Pair]) -> type[Function]:
    class Value(Function):
        @staticmethod
        def forward(ctx: Any, gate: Tensor, other: Tensor, *parameters: float) -> Tensor:
            ctx.save_for_backward(gate, other)
            ctx.save_for_forward(gate, other)
            ctx.parameters = parameters
            with below_autograd():
                return op(gate, other, *parameters)  # type: ignore[no-any-return]

        @staticmethod
        def backward(ctx: Any, grad: Tensor) -> tuple[Any, ...]:
            found = backward_pass(grad, *ctx.saved_tensors, *ctx.parameters)
            return *found, *(None for _ in ctx.parameters)

        @staticmethod
        def jvp(ctx: Any, of_gate: Tensor, of_value: Tensor, *_: None) -> Tensor:
            gate, other = ctx.saved_tensors
            ones = torch.ones_like(of_gate)
            by_gate, by_value = backward_pass(ones, gate, other, *ctx.parameters)
            found: Tensor = of_gate * by_gate + of_value * by_value
            return found

    return Value


def _backward_function(name: str, op: Op) -> type[Function]:
    class Backward(Function):
        @staticmethod
        def forward(
            ctx: Any, grad: Tensor, gate: Tensor, other: Tensor, *parameters: float
        ) -> Pair:
            ctx.save_for_backward(grad, gate, other)
            ctx.save_for_forward(grad, gate, other)
            ctx.parameters = parameters
            with below_autograd():
                return op(grad, gate, other, *parameters)  # type: ignore[no-any-return]

        @staticmethod
        def backward(ctx: Any, v: Tensor, w: Tensor) -> tuple[Any, ...]:
            grad, gate, other = ctx.saved_tensors
            by = partial(GATES[name].formula, gate, other, *ctx.parameters)
            return (
                v * by.gate + w * by.value,
                grad * (v * by.gate_gate + w * by.gate_value),
                grad * (v * by.gate_value + w * by.value_value),
                *(None for _ in ctx.parameters),
            )

        @staticmethod
        def jvp(ctx: Any, of_grad: Tensor, of_gate: Tensor, of_value: Tensor, *_: None) -> Pair:
            grad, gate, other = ctx.saved_tensors
            by = partial(GATES[name].formula, gate, other, *ctx.parameters)
            return (
                of_grad * by.gate + grad * (of_gate * by.gate_gate + of_value * by.gate_value),
                of_grad * by.value + grad * (of_gate * by.gate_value + of_value * by.value_value),
            )

    return Backward


def _register(name: str, gate: Gate) -> Callable[..., Any]:
    """Register a gate; return how its value is called."""
    op = define(name, ["gate", "value"], gate.parameters)
    backward_op = define(
        f"{name}_backward", ["grad", "gate", "value"], gate.parameters, "(Tensor, Tensor)"
    )

    def compute(gate: Tensor, other: Tensor, *given: float) -> Tensor:
        expect_floating(f"nonlin::{name}", gate)
        return value(name, gate, other, *given)

    def compute_backward(grad: Tensor, gate: Tensor, other: Tensor, *given: float) -> Pair:
        by = partial(GATES[name].formula, gate, other, *given)
        return grad * by.gate, grad * by.value

    def shape(gate: Tensor, other: Tensor, *given: float) -> Tensor:
        expect_floating(f"nonlin::{name}", gate)
        return torch.empty_like(gate)

    register_formula(op, compute)
    register_formula(backward_op, compute_backward)
    register_shapes(op, shape)
    register_shapes(
        backward_op, lambda grad, gate, *_: (torch.empty_like(gate), torch.empty_like(gate))
    )
    register_elementwise_map(op, 2)
    register_elementwise_map(backward_op, 3)
    backward_pass = register_derivative(backward_op, _backward_function(name, backward_op))
    return register_derivative(op, _value_function(op, backward_pass))


# By a gate's name: how it is called, and its operator.
GATE_CALLS: Mapping[str, Callable[..., Any]] = {
    name: _register(name, gate) for name, gate in GATES.items()
}
register_kernels(TWO_SLOPES)
GATE_OPERATORS: Mapping[str, Op] = {name: getattr(torch.ops.nonlin, name).default for name in GATES}
