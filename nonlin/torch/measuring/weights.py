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
    "linalg_matmul": "linear", "smm": "linear", "_sparse_mm": "linear", "_sparse_addmm": "linear",
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
    if call.name == "einsum" and (summed := _summed(call, weight)):
        return float(summed)
    first = bool(call.args) and call.args[0] is weight
    if call.name in ROWS or KINDS[call.name] == "conv" or first:
        return float(math.prod(shape[1:]))
    return float(shape[-2])


def _summed(call: Invocation, weight: Tensor) -> int | None:
    """Count what an einsum sums over of a weight: its indices that the result does not have."""
    equation = call.args[0]
    if not isinstance(equation, str) or "..." in equation:
        return None
    inputs, arrow, output = equation.replace(" ", "").partition("->")
    kept = output if arrow else "".join(x for x in inputs if inputs.count(x) == 1)
    place = next(i for i, x in enumerate(call.given) if x is weight)
    indices = zip(inputs.split(",")[place], weight.shape, strict=True)
    return math.prod(size for index, size in indices if index not in kept)
