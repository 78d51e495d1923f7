"""Each layer's statistics, summed on the device while a pass runs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from nonlin.torch.measuring.layout import batch_axis

KINDS = {
    "linear": "linear", "bilinear": "linear", "addmm": "linear", "baddbmm": "linear",
    "matmul": "linear", "mm": "linear", "bmm": "linear", "mv": "linear", "einsum": "linear",
    "__matmul__": "linear", "__rmatmul__": "linear", "tensordot": "linear",
    "conv1d": "conv", "conv2d": "conv", "conv3d": "conv",
    "conv_transpose1d": "conv", "conv_transpose2d": "conv", "conv_transpose3d": "conv",
    "embedding": "embedding", "embedding_bag": "embedding",
    "lstm": "recurrent", "gru": "recurrent", "rnn_tanh": "recurrent", "rnn_relu": "recurrent",
    "lstm_cell": "recurrent", "gru_cell": "recurrent",
    "rnn_tanh_cell": "recurrent", "rnn_relu_cell": "recurrent",
}  # fmt: skip

# Those whose second operand is the weight as it stands: one product a row of it.
ROWS = ("linear", "bilinear", "embedding", *(k for k, v in KINDS.items() if v == "recurrent"))

SUMS = ("square", "total", "pairs", "paired", "gradient")


class LayerSums:
    """Sums over what came into one layer, and over the gradients that came back.

    Parameters
    ----------
    name, kind : str
        As in `nonlin.torch.reading.Layer`.
    parameter : str
        The weight's name.
    fan_in : float
    width : int
        Of what comes out: features or channels.
    device : torch.device
    """

    def __init__(
        self,
        name: str,
        kind: str,
        parameter: str,
        fan_in: float,
        width: int,
        device: torch.device,
    ) -> None:
        self.name, self.kind, self.parameter = name, kind, parameter
        self.fan_in, self.width = fan_in, width
        self.bias: str | None = None
        self.inputs = 0
        self.gradients = 0
        self._counted = 0
        wide = torch.float32 if device.type == "mps" else torch.float64
        self.sums = torch.zeros(len(SUMS), dtype=wide, device=device)
        self._gradient = torch.zeros((), dtype=wide, device=device)

    def add(self, statistics: Tensor, count: int) -> None:
        """Take what `of_input` found in one call's input of so many values."""
        self.sums[:-1] += statistics
        self.inputs += count

    def add_gradient(self, grad: Tensor) -> None:
        """Take dL/du of one call, u the layer's output."""
        self._gradient += square_sum(grad)
        self._counted += grad.numel()

    def forget_gradients(self) -> None:
        """Begin the batch's backward pass again."""
        self._gradient.zero_()
        self._counted = 0

    def end_batch(self, scale: float) -> None:
        """Close a pass whose loss was multiplied by a scale."""
        self.sums[-1] += self._gradient / scale**2
        self.gradients += self._counted
        self.forget_gradients()


def square_sum(x: Tensor) -> Tensor:
    """Sum the squares of a tensor's elements.

    In double: what thirty sigmoid layers leave of a gradient has squares that float32 cannot hold.
    """
    return _norm(x.detach()).square()


def square_sums(x: Tensor, over: tuple[int, ...]) -> Tensor:
    """Sum the squares of a tensor's elements over some axes, in double."""
    return _norm(x.detach(), over).square()


def _norm(x: Tensor, over: tuple[int, ...] | None = None) -> Tensor:
    dtype = torch.float32 if x.device.type == "mps" else torch.float64
    norm: Tensor = torch.linalg.vector_norm(x, dim=over, dtype=dtype)
    return norm


def wide(x: Tensor) -> Tensor:
    """Make a tensor float32 at least."""
    return x.float() if x.itemsize < 4 else x


def of_input(h: Tensor, batch: int | None) -> Tensor:
    r"""Sum over one call's input.

    Over the samples a, with s the sum of the h_a: the sums of <h_a, h_a> and of the elements, then
    those from which the correlation c is the quotient. The mean over pairs of <h_a, h_b> is
    (<s, s> - sum <h_a, h_a>) / (n (n - 1)).

    Returns
    -------
    Tensor, shape (4,)
    """
    h = wide(h.detach())
    axis = batch_axis(tuple(h.shape), batch)
    samples = h.shape[axis] if h.ndim > 1 else 1
    square = torch.linalg.vector_norm(h).square()
    summed = h.sum(axis) if samples > 1 else h
    nothing = torch.zeros_like(square)
    if samples < 2:
        return torch.stack([square, summed.sum(), nothing, nothing])
    pairs = (torch.linalg.vector_norm(summed).square() - square) / (samples - 1)
    return torch.stack([square, summed.sum(), pairs, square])


def fan_in(name: str, weight: Tensor, args: Sequence[Any], kwargs: Mapping[str, Any]) -> float:
    """Count the products that one output sums; padding at the borders is left out.

    A transposed convolution with a stride spreads each input over every stride-th output only.

    Parameters
    ----------
    name : str
        Of the function.
    weight : Tensor
    args, kwargs
        It was called with.
    """
    shape = weight.shape
    if name.startswith("conv_transpose"):
        stride = kwargs.get("stride", args[3] if len(args) > 3 else 1)
        groups = kwargs.get("groups", args[6] if len(args) > 6 else 1)
        spread = math.prod(stride) if isinstance(stride, Sequence) else stride ** (len(shape) - 2)
        return float(shape[0] / groups * math.prod(shape[2:]) / spread)
    if name == "embedding":
        return 1.0
    if name in ROWS or name.startswith("conv") or (args and args[0] is weight):
        return float(math.prod(shape[1:]))
    return float(shape[-2])
