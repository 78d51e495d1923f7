"""Every activation as an operator of PyTorch: `torch.ops.nonlin.elu(input, alpha)`.

For each kernel of the catalogue there is an operator of its name, and one for its backward pass,
`elu_backward(grad, input, alpha)`. They are differentiable as often as one likes in both modes, go
through `torch.func`, `torch.compile` and `torch.export`, and take dense tensors of any layout on
the CPU; elsewhere the same function is computed by PyTorch's own operations.

What the backward pass needs is kept, and no more: of a function with two slopes, such as ReLU, a
byte an element that tells which one it is, of any other the input.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function

from nonlin.catalogue import get, names
from nonlin.torch.formulas import FORMULAS, value
from nonlin.torch.jets import derivatives
from nonlin.torch.registration import (
    Op,
    below_autograd,
    define,
    expect_floating,
    register_derivative,
    register_elementwise_map,
    register_formula,
    register_shapes,
)

Parameters = tuple[float, ...]
Call = Callable[..., Any]

# The slope beside 1 of the functions that have two, from their parameters.
TWO_SLOPES: Mapping[str, Callable[..., float]] = {
    "hard_shrink": lambda lambd: 0.0,
    "hard_tanh": lambda min_val, max_val: 0.0,
    "identity": lambda: 0.0,
    "leaky_relu": lambda negative_slope: negative_slope,
    "relu": lambda: 0.0,
    "relu6": lambda: 0.0,
    "soft_shrink": lambda lambd, bias: 0.0,
    "step": lambda: 0.0,
    "threshold": lambda threshold, value: 0.0,
    "thresholded_relu": lambda alpha: 0.0,
}


def kernels() -> Iterator[tuple[str, tuple[str, ...]]]:
    """List the kernels of the catalogue with the names of their parameters."""
    for name in names():
        parameters = get(name).record.parameters  # type: ignore[union-attr]
        numbers = tuple(p.name for p in parameters if not p.kernels)
        words = next((p.kernels.values() for p in parameters if p.kernels), (name,))
        yield from ((kernel, numbers) for kernel in words)


def derivative(name: str, x: Tensor, parameters: Parameters) -> Tensor:
    """Compute phi'(x) in PyTorch's operations."""
    return _derivatives(name, x, parameters)[0]


def _derivatives(name: str, x: Tensor, parameters: Parameters) -> tuple[Tensor, Tensor]:
    if x.dtype in (torch.float16, torch.bfloat16):
        first, second = derivatives(FORMULAS[name], x.float(), *parameters)
        return first.to(x.dtype), second.to(x.dtype)
    return derivatives(FORMULAS[name], x, *parameters)


def _value_function(op: Op, backward: Call) -> type[Function]:
    class Value(Function):
        @staticmethod
        def forward(ctx: Any, x: Tensor, *parameters: float) -> Tensor:
            ctx.save_for_backward(x)
            ctx.save_for_forward(x)
            ctx.parameters = parameters
            with below_autograd():
                return op(x, *parameters)  # type: ignore[no-any-return]

        @staticmethod
        def backward(ctx: Any, grad: Tensor) -> tuple[Any, ...]:
            parameters = ctx.parameters
            return backward(grad, *ctx.saved_tensors, *parameters), *(None for _ in parameters)

        @staticmethod
        def jvp(ctx: Any, tangent: Tensor, *_: None) -> Tensor:
            return backward(tangent, *ctx.saved_tensors, *ctx.parameters)  # type: ignore[no-any-return]

    return Value


def _backward_function(name: str, op: Op) -> type[Function]:
    class Backward(Function):
        @staticmethod
        def forward(ctx: Any, grad: Tensor, x: Tensor, *parameters: float) -> Tensor:
            ctx.save_for_backward(grad, x)
            ctx.save_for_forward(grad, x)
            ctx.parameters = parameters
            with below_autograd():
                return op(grad, x, *parameters)  # type: ignore[no-any-return]

        @staticmethod
        def backward(ctx: Any, v: Tensor) -> tuple[Any, ...]:
            grad, x = ctx.saved_tensors
            parameters = ctx.parameters
            by_grad = op(v, x, *parameters) if ctx.needs_input_grad[0] else None
            by_x = None
            if ctx.needs_input_grad[1]:
                by_x = v * grad * _derivatives(name, x, parameters)[1]
            return by_grad, by_x, *(None for _ in parameters)

        @staticmethod
        def jvp(ctx: Any, of_grad: Tensor, of_x: Tensor, *_: None) -> Tensor:
            grad, x = ctx.saved_tensors
            second = _derivatives(name, x, ctx.parameters)[1]
            return op(of_grad, x, *ctx.parameters) + of_x * grad * second  # type: ignore[no-any-return]

    return Backward


def _two_sloped_function(name: str, with_slopes: Op, of_slopes: Call) -> type[Function]:
    """Differentiate the operator that gives the value alone by the slopes."""
    low = TWO_SLOPES[name]

    class TwoSloped(Function):
        @staticmethod
        def forward(ctx: Any, x: Tensor, *parameters: float) -> Tensor:
            with below_autograd():
                y, slopes = with_slopes(x, *parameters)
            _keep_slopes(ctx, slopes, parameters, low(*parameters))
            return y  # type: ignore[no-any-return]

        @staticmethod
        def backward(ctx: Any, grad: Tensor) -> tuple[Any, ...]:
            return of_slopes(grad, *ctx.saved_tensors, ctx.low), *ctx.rest

        @staticmethod
        def jvp(ctx: Any, tangent: Tensor, *_: None) -> Tensor:
            return of_slopes(tangent, *ctx.saved_tensors, ctx.low)  # type: ignore[no-any-return]

    return TwoSloped


def _with_slopes_function(name: str, op: Op, of_slopes: Call) -> type[Function]:
    """Differentiate the operator that gives the slopes, too, which are constant in between."""
    low = TWO_SLOPES[name]

    class WithSlopes(Function):
        @staticmethod
        def forward(ctx: Any, x: Tensor, *parameters: float) -> tuple[Tensor, Tensor]:
            with below_autograd():
                y, slopes = op(x, *parameters)
            ctx.mark_non_differentiable(slopes)
            _keep_slopes(ctx, slopes, parameters, low(*parameters))
            return y, slopes

        @staticmethod
        def backward(ctx: Any, grad: Tensor, _: Any) -> tuple[Any, ...]:
            return of_slopes(grad, *ctx.saved_tensors, ctx.low), *ctx.rest

        @staticmethod
        def jvp(ctx: Any, tangent: Tensor, *_: None) -> tuple[Tensor, None]:
            return of_slopes(tangent, *ctx.saved_tensors, ctx.low), None

    return WithSlopes


def _keep_slopes(ctx: Any, slopes: Tensor, parameters: Parameters, low: float) -> None:
    ctx.save_for_backward(slopes)
    ctx.save_for_forward(slopes)
    ctx.low, ctx.rest = low, (None,) * len(parameters)


def _of_slopes_function(op: Op) -> type[Function]:
    class OfSlopes(Function):
        @staticmethod
        def forward(ctx: Any, grad: Tensor, slopes: Tensor, low: float) -> Tensor:
            ctx.save_for_backward(slopes)
            ctx.save_for_forward(slopes)
            ctx.low = low
            with below_autograd():
                return op(grad, slopes, low)  # type: ignore[no-any-return]

        @staticmethod
        def backward(ctx: Any, v: Tensor) -> tuple[Any, ...]:
            return op(v, *ctx.saved_tensors, ctx.low), None, None

        @staticmethod
        def jvp(ctx: Any, of_grad: Tensor, *_: None) -> Tensor:
            return op(of_grad, *ctx.saved_tensors, ctx.low)  # type: ignore[no-any-return]

    return OfSlopes


def _slopes(name: str, x: Tensor, parameters: Parameters) -> Tensor:
    """Name each element's slope as the kernel does: 0 the lower, 1 that of 1, 2 of NaN."""
    first = derivative(name, x, parameters)
    return (first == 1).to(torch.uint8) + 2 * first.isnan().to(torch.uint8)


def _multiply_by_slopes(grad: Tensor, slopes: Tensor, low: float) -> Tensor:
    factors = torch.tensor([low, 1.0, torch.nan], dtype=torch.float32, device=grad.device)
    wide = torch.promote_types(grad.dtype, torch.float32)
    return (grad.to(wide) * factors.to(wide)[slopes.long()]).to(grad.dtype)


def _register(name: str, parameters: tuple[str, ...], of_slopes: Call) -> Call:
    """Register a kernel; return how its value is called."""
    op = define(name, ["input"], parameters)
    backward_op = define(f"{name}_backward", ["grad", "input"], parameters)

    def compute(x: Tensor, *given: float) -> Tensor:
        expect_floating(f"nonlin::{name}", x)
        return value(name, x, *given)

    def compute_backward(grad: Tensor, x: Tensor, *given: float) -> Tensor:
        return grad * derivative(name, x, given)

    def shape(x: Tensor, *given: float) -> Tensor:
        expect_floating(f"nonlin::{name}", x)
        return torch.empty_like(x)

    register_formula(op, compute)
    register_formula(backward_op, compute_backward)
    register_shapes(op, shape)
    register_shapes(backward_op, lambda grad, x, *given: torch.empty_like(x))
    register_elementwise_map(op, 1)
    register_elementwise_map(backward_op, 2)
    backward = register_derivative(backward_op, _backward_function(name, backward_op))
    if name not in TWO_SLOPES:
        return register_derivative(op, _value_function(op, backward))
    with_slopes = define(f"{name}_with_slopes", ["input"], parameters, "(Tensor, Tensor)")
    register_formula(with_slopes, lambda x, *p: (compute(x, *p), _slopes(name, x, p)))
    register_shapes(
        with_slopes,
        lambda x, *p: (shape(x, *p), torch.empty_like(x, dtype=torch.uint8)),
    )
    register_elementwise_map(with_slopes, 1)
    register_derivative(with_slopes, _with_slopes_function(name, with_slopes, of_slopes))
    return register_derivative(op, _two_sloped_function(name, with_slopes, of_slopes))


def _register_of_slopes() -> Call:
    op = define("backward_of_slopes", ["grad", "slopes"], ["low"])
    register_formula(op, _multiply_by_slopes)
    register_shapes(op, lambda grad, slopes, low: torch.empty_like(slopes, dtype=grad.dtype))
    register_elementwise_map(op, 2)
    return register_derivative(op, _of_slopes_function(op))


def _register_all() -> Mapping[str, Call]:
    of_slopes = _register_of_slopes()
    return {name: _register(name, parameters, of_slopes) for name, parameters in kernels()}


# By a kernel's name: how it is called, and its operator.
CALLS = _register_all()
OPERATORS: Mapping[str, Op] = {
    name: getattr(torch.ops.nonlin, name).default for name, _ in kernels()
}
