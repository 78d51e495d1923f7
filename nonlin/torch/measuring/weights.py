"""Which functions are layers with weights, and how many products one of their outputs sums."""

from __future__ import annotations

import math
from collections.abc import Sequence

from torch import Tensor

from nonlin.torch.measuring.invocation import Invocation

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

# Those whose weights have one row for each output.
ROWS = ("linear", "bilinear", *(name for name, kind in KINDS.items() if kind == "recurrent"))


def fan_in(call: Invocation, weight: Tensor) -> float:
    """Count the products that one output sums; padding at the borders is left out.

    A transposed convolution with a stride spreads each input over every stride-th output only.

    Parameters
    ----------
    call : Invocation
        Of a function of `KINDS`.
    weight : Tensor
        As it stands among the arguments.
    """
    shape = weight.shape
    if call.name.startswith("conv_transpose"):
        stride, groups = call.argument(3, "stride", 1), call.argument(6, "groups", 1)
        spread = math.prod(stride) if isinstance(stride, Sequence) else stride ** (len(shape) - 2)
        return float(shape[0] / groups * math.prod(shape[2:]) / spread)
    if KINDS[call.name] == "embedding":
        return 1.0
    first = bool(call.args) and call.args[0] is weight
    if call.name in ROWS or KINDS[call.name] == "conv" or first:
        return float(math.prod(shape[1:]))
    return float(shape[-2])
