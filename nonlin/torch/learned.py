"""Activations whose parameters are tensors, and learned: their gradients come from the formula."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function

from nonlin.torch.formulas import FORMULAS, value
from nonlin.torch.jets import Number, by_parameter, derivatives


def learned(name: str, x: Tensor, *parameters: Number) -> Tensor:
    """Compute phi(x) with parameters that broadcast with x, and gradients for all of them.

    Only x and the parameters are kept for the backward pass; both derivatives are computed there.

    Parameters
    ----------
    name : str
        A key of `nonlin.torch.formulas.FORMULAS`.
    x : Tensor, shape (...)
    *parameters : float or Tensor

    Returns
    -------
    Tensor, of the shape that x and the parameters broadcast to
    """
    shapes = (x.shape, *(p.shape for p in parameters if _is_tensor(p)))
    shape = torch.broadcast_shapes(*shapes)  # type: ignore[no-untyped-call]
    y: Tensor = _Learned.apply(name, x.expand(shape), *parameters)  # type: ignore[no-untyped-call]
    return y


class _Learned(Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(name: str, x: Tensor, *parameters: Number) -> Tensor:
        return value(name, x, *parameters).to(x.dtype)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        ctx.name, x, *parameters = inputs
        tensors = [p for p in parameters if _is_tensor(p)]
        ctx.numbers = [None if _is_tensor(p) else p for p in parameters]
        ctx.save_for_backward(x, *tensors)
        ctx.save_for_forward(x, *tensors)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Any, ...]:
        x, parameters = _given(ctx)
        by_x = grad * _by_x(ctx.name, x, parameters) if ctx.needs_input_grad[1] else None
        by_each = [
            _summed(grad * _by(ctx.name, k, x, parameters), p) if needed else None
            for k, (p, needed) in enumerate(zip(parameters, ctx.needs_input_grad[2:], strict=True))
        ]
        return None, by_x, *by_each

    @staticmethod
    def jvp(ctx: Any, _: None, of_x: Tensor | None, *of_each: Tensor | None) -> Tensor:
        x, parameters = _given(ctx)
        found = torch.zeros_like(x)
        if of_x is not None:
            found = found + of_x * _by_x(ctx.name, x, parameters)
        for k, tangent in enumerate(of_each):
            if tangent is not None:
                found = found + tangent * _by(ctx.name, k, x, parameters)
        return found.to(x.dtype)


def _is_tensor(x: Number) -> bool:
    return isinstance(x, Tensor)


def _given(ctx: Any) -> tuple[Tensor, list[Number]]:
    x, *tensors = ctx.saved_tensors
    rest = iter(tensors)
    return x, [next(rest) if number is None else number for number in ctx.numbers]


def _wide(x: Tensor) -> Tensor:
    return x.float() if x.dtype in (torch.float16, torch.bfloat16) else x


def _by_x(name: str, x: Tensor, parameters: list[Number]) -> Tensor:
    return derivatives(FORMULAS[name], _wide(x), *parameters)[0].to(x.dtype)


def _by(name: str, index: int, x: Tensor, parameters: list[Number]) -> Tensor:
    return by_parameter(FORMULAS[name], index, _wide(x), *parameters)


def _summed(grad: Tensor, parameter: Tensor) -> Tensor:
    return grad.sum_to_size(parameter.shape).to(parameter.dtype)
