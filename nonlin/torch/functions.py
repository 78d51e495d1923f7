"""Any activation as a differentiable function of tensors."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.autograd.function import FunctionCtx, once_differentiable
from torch.overrides import handle_torch_function, has_torch_function_unary

from nonlin.activation import Activation, expect_activation
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
