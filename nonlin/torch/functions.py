"""Any activation as a differentiable function of tensors, of its parameters too."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.autograd import Function
from torch.autograd.function import FunctionCtx, once_differentiable
from torch.overrides import handle_torch_function, has_torch_function_unary

from nonlin.activation import Activation, expect_activation
from nonlin.torch.formulas import FORMULAS, value
from nonlin.torch.jets import Number, by_parameter, derivatives
from nonlin.torch.ops import CALLS
from nonlin.torch.trace.record import watching

DTYPES = (torch.float16, torch.float32, torch.float64)
_CATALOGUES = "float16, bfloat16, float32 or float64"


def activate(act: Activation | str, z: Tensor) -> Tensor:
    """Compute phi(z) on a tensor, differentiable.

    A function of the catalogue is the operator of its name (`nonlin.torch.ops`): differentiable as
    often as one likes, on any device. One of yours is computed on the CPU by NumPy, on the
    tensor's own memory; its backward pass, grad * phi'(z), cannot be differentiated itself.

    Parameters
    ----------
    act : Activation
        Of the catalogue, or made by `Activation.from_function`.
    z : Tensor, shape (...), float16, bfloat16, float32 or float64
        For a function of yours no bfloat16, and on the CPU.

    Returns
    -------
    Tensor, shape (...), dtype of z

    Raises
    ------
    TypeError
        If `act` is no Activation or `z` no tensor of these dtypes.
    ValueError
        If the function of a user's changes the shape.

    Examples
    --------
    >>> import nonlin as nl
    >>> z = torch.tensor([-1.0, 2.0], requires_grad=True)
    >>> y = activate(nl.elu.bind(alpha=0.5), z)
    >>> y.sum().backward()
    >>> y.detach(), z.grad
    (tensor([-0.3161,  2.0000]), tensor([0.1839, 1.0000]))
    """
    act = _activation(act)
    if act.record is None:
        return _activate_by_numpy(act, z)
    if not isinstance(z, Tensor) or z.dtype not in (*DTYPES, torch.bfloat16):
        raise TypeError(f"{act!r}: expected a tensor of {_CATALOGUES}, got {_described(z)}")
    name, numbers = act.record.kernel(tuple(act.parameters.values()))
    result: Tensor = CALLS[name](z, *numbers)
    return result


def _activate_by_numpy(act: Activation, z: Tensor) -> Tensor:
    # Not through `apply` alone, which passes by those who watch: tracing, and function modes.
    if has_torch_function_unary(z):
        return handle_torch_function(activate, (z,), act, z)
    _check(act, z)
    result: Tensor = _Elementwise.apply(z, act)  # type: ignore[no-untyped-call]
    # What NumPy does is no operation of torch's: a recorder is told.
    recorder = watching()
    if recorder is not None:
        recorder.opaque("activate", [z], [result], act)
    return result


class Activate(nn.Module):
    """A layer that applies an activation: `activate` as a module.

    Parameters
    ----------
    act : Activation

    Examples
    --------
    >>> import nonlin as nl
    >>> net = nn.Sequential(nn.Linear(3, 4), Activate(nl.elu), nn.Linear(4, 1))
    >>> net[1]
    Activate(nl.elu)
    """

    def __init__(self, act: Activation | str) -> None:
        super().__init__()
        self.activation = _activation(act)

    def forward(self, z: Tensor) -> Tensor:
        """Compute phi(z), shape (...)."""
        return activate(self.activation, z)

    def extra_repr(self) -> str:
        """Show the activation between the brackets."""
        return repr(self.activation)


class _Elementwise(torch.autograd.Function):
    @staticmethod
    def forward(ctx: FunctionCtx, z: Tensor, act: Activation) -> Tensor:
        ctx.save_for_backward(z)
        vars(ctx)["activation"] = act
        x = z.detach().numpy()
        return _tensor(act(x), x, act)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:
        (z,) = ctx.saved_tensors
        x = z.detach().numpy()
        return _tensor(ctx.activation.backward(grad.numpy(), x), x, ctx.activation), None


def _tensor(y: Any, x: NDArray[Any], act: Activation) -> Tensor:
    """Wrap a result without a copy, unless it is the argument itself or of another dtype."""
    result = np.asarray(y, dtype=x.dtype)
    if result.shape != x.shape:
        raise ValueError(f"{act!r} made the shape {result.shape} of {x.shape}")
    if np.may_share_memory(result, x) or not result.flags.writeable:
        result = result.copy()
    return torch.from_numpy(result)


def _check(act: Activation, z: Tensor) -> None:
    if not isinstance(z, Tensor) or z.device.type != "cpu" or z.dtype not in DTYPES:
        raise TypeError(
            f"{act!r}: expected a tensor of float16, float32 or float64 on the CPU, "
            f"got {_described(z)}"
        )


def _described(z: object) -> str:
    if not isinstance(z, Tensor):
        return type(z).__name__
    return f"{str(z.dtype).removeprefix('torch.')} on {z.device}"


def _activation(act: Activation | str) -> Activation:
    if not isinstance(act, Activation | str):
        raise TypeError(f"expected an Activation such as nl.relu, got {act!r}")
    return expect_activation("activate", act)


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
