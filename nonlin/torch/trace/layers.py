"""Which operations are layers with weights: any that multiplies data by what parameters make."""

from __future__ import annotations

import math
from dataclasses import dataclass

from nonlin.torch.trace import operations
from nonlin.torch.trace.values import Op, Value


@dataclass(frozen=True, eq=False)
class Weight:
    """A weight as it stands in an operation.

    Attributes
    ----------
    value : Value
        The effective weight: what parameters make, which may be more than one.
    kind : str
        "linear", "conv", "recurrent" or "embedding".
    fan_in : float
        Products that one output sums; padding at the borders is left out.
    incoming : Value or None
        What it is multiplied with; None for what is looked up.
    axis : int
        Along which the outputs' units lie.
    bias : Value or None
    extent : tuple of int
        Of a convolution's kernel.
    """

    value: Value
    kind: str
    fan_in: float
    incoming: Value | None
    axis: int
    bias: Value | None = None
    extent: tuple[int, ...] = ()

    def shape(self, outputs: int) -> tuple[int, ...]:
        """Give the channels or features that come in and go out, and the kernel's extent."""
        inputs = self.fan_in
        if self.extent and self.incoming is not None:
            inputs = self.incoming.shape[1]
        return int(inputs), outputs, *self.extent


def weights(op: Op) -> list[Weight]:
    """List the weights of an operation; none if it is no layer."""
    if op.kind != "layer" or not op.outs:
        return []
    if op.name in operations.EMBEDDINGS:
        table = op.args[0]
        return [Weight(table, "embedding", 1.0, None, len(op.outs[0].shape) - 1)]
    if op.name in operations.RECURRENT:
        return _recurrent(op)
    if op.name in operations.CONVOLUTIONS:
        return _convolution(op)
    return _product(op)


def _is_weight(x: object) -> bool:
    return isinstance(x, Value) and not x.live and bool(x.parameters) and len(x.shape) > 1


def _recurrent(op: Op) -> list[Weight]:
    incoming = next((v for v in op.ins if v.live), None)
    axis = len(op.outs[0].shape) - 1
    return [
        Weight(v, "recurrent", float(math.prod(v.shape[1:])), incoming, axis)
        for v in op.ins
        if _is_weight(v)
    ]


def _convolution(op: Op) -> list[Weight]:
    """Count a transposed convolution's products: it spreads inputs over every stride-th output."""
    incoming, weight, bias = op.args[:3]
    if not _is_weight(weight) or incoming.parameters:
        return []
    fan_in = float(math.prod(weight.shape[1:]))
    if op.name != "mkldnn_convolution" and op.args[6]:
        stride, groups = op.args[3], op.args[8]
        spread = math.prod(stride) if len(stride) > 1 else stride[0] ** (len(weight.shape) - 2)
        fan_in = weight.shape[0] / groups * math.prod(weight.shape[2:]) / spread
    bias = bias if _is_bias(bias) else None
    return [Weight(weight, "conv", fan_in, incoming, 1, bias, tuple(weight.shape[2:]))]


def _is_bias(x: object) -> bool:
    return isinstance(x, Value) and not x.live and bool(x.parameters)


def _product(op: Op) -> list[Weight]:
    """Take one operand of a product of matrices as the weight, where only one carries the data."""
    added = op.name in ("addmm", "baddbmm", "addmv", "addbmm", "_sparse_addmm", "_addmm_activation")
    bias = op.args[0] if added and _is_bias(op.args[0]) else None
    factors = [x for x in op.args[1 if added else 0 :] if isinstance(x, Value)][:2]
    if len(factors) < 2 or not op.outs[0].live or all(x.live for x in factors):
        return []
    first, second = factors
    last = len(op.outs[0].shape) - 1
    if _is_weight(second):
        fan_in = second.shape[-2] if len(second.shape) > 1 else second.shape[0]
        return [Weight(second, "linear", float(fan_in), first, last, bias)]
    if _is_weight(first):
        return [Weight(first, "linear", float(first.shape[-1]), second, max(last - 1, 0), bias)]
    return []
