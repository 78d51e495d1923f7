"""What an operation is to a reading: a gate, attention, a part of a normalisation."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from torch import Tensor, nn

from nonlin.activation import Activation
from nonlin.catalogue import get
from nonlin.torch.measuring.graph import Call
from nonlin.torch.measuring.parts import MOST_EXPERTS
from nonlin.torch.trace.function import Known
from nonlin.torch.trace.operations import AFFINE
from nonlin.torch.trace.regions import Region
from nonlin.torch.trace.values import Op, Value

if TYPE_CHECKING:
    from nonlin.torch.measuring.observation import Observation

# Calls behind which values have the length that a layer, a function or a normalisation gives them.
BRINGING = frozenset({"layer", "activation", "normalization", "softmax", "router"})
MASKS = frozenset({"masked_fill", "where", "add"})
KINDS = {
    "normalization": "normalization",
    "softmax": "softmax",
    "pooling": "pooling",
    "dropout": "dropout",
}
NAMES = {
    "_softmax": "softmax",
    "_safe_softmax": "softmax",
    "_log_softmax": "log_softmax",
    "native_batch_norm": "batch_norm",
    "native_layer_norm": "layer_norm",
    "native_group_norm": "group_norm",
    "_fused_rms_norm": "rms_norm",
    "max_pool2d_with_indices": "max_pool2d",
    "max_pool3d_with_indices": "max_pool3d",
    "_adaptive_avg_pool2d": "adaptive_avg_pool2d",
    "_adaptive_avg_pool3d": "adaptive_avg_pool3d",
}
LOSS_FUNCTIONS = {
    "cross_entropy": "cross_entropy",
    "nll": "nll_loss",
    "mse": "mse_loss",
    "bce": "binary_cross_entropy",
    "bce_with_logits": "binary_cross_entropy_with_logits",
}


def is_inside_a_statistic(value: Value, known: Known, op: Op) -> bool:
    """Whether a function serves a statistic, as the square and the root in a normalisation do."""
    if value.statistic_of and op.kind != "layer":
        return True
    named = known.curve is None and known.activation is not None
    # The mean of a softmax's exponentials, and of the squares behind a ReLU.
    of_means = ("exponential", "relu_squared")
    ordinary = named and known.activation is not None and known.activation.name not in of_means
    return not ordinary and (bool(value.statistic_of) or op.kind == "reduction")


def short(known: Known) -> str:
    """Name a function in a site's name."""
    assert known.activation is not None
    return known.activation.name if known.curve is None else "function"


# The gates of PyTorch's recurrent modules, in the order of their weights.
GATES = {
    nn.LSTM: ("input", "forget", "cell", "output"),
    nn.GRU: ("reset", "update", "new"),
}


def recurrent_gate(found: Region, known: Known) -> str | None:
    """Name what a recurrent module computes, with the layer's suffix: "forget_l1"."""
    module, z = found.ops[-1].module, found.z
    if not isinstance(module, nn.RNNBase) or not z.calls or not z.calls[0].feeding:
        return None
    layer = next(iter(z.calls[0].feeding))
    suffix = layer.rpartition("_ih" if "_ih" in layer else "_hh")[2]
    gates = GATES.get(type(module), ())
    place = min(z.first // z.shape[-1], len(gates) - 1)
    is_gate = gates and (short(known) == "sigmoid") == (gates[place] not in ("cell", "new"))
    return f"{gates[place] if is_gate else short(known)}{suffix}"


def gate_factors(op: Op) -> tuple[Call, Call] | None:
    """Find what made the two factors of a gate: at least one a function, each behind a layer."""
    live = [v for v in op.ins if v.live]
    if len(live) != 2 or any(len(v.calls) != 1 or v.shape != op.outs[0].shape for v in live):
        return None
    one, other = (v.calls[0] for v in live)
    kinds = {one.kind, other.kind}
    if one is other or not (kinds <= {"activation", "layer", "product"} and "activation" in kinds):
        return (one, other) if kinds == {"layer"} and one is not other else None
    return one, other


def of_block(scope: str, part: str) -> str:
    """Name a part after the module that it is, or else after the block that it is in."""
    last = scope.rpartition(".")[2]
    return f"{scope}:{part}" if not last or last.isdigit() else scope


# Each piece passes as it is, or not at all.
MAXOUT = Activation.from_function(get("relu"), get("relu").derivative, "maxout")


def chooses_experts(op: Op) -> bool:
    """Whether the best along the last axis may be an expert's number."""
    scores = op.ins[0]
    last = len(op.args) > 1 and op.args[1] in (-1, len(scores.shape) - 1)
    return last and len(scores.shape) > 1 and 1 < scores.shape[-1] <= MOST_EXPERTS


def is_sum_of_alike(op: Op) -> bool:
    """Whether an addition is one of two values of one shape with units."""
    live = [v for v in op.ins if v.live]
    out = op.outs[0]
    return (
        len(live) == 2
        and out.dtype.is_floating_point
        and len(out.shape) > 1
        and all(v.shape == out.shape for v in live)
    )


def is_of_scores(value: Value) -> bool:
    """Whether a value is a product of two others, but for what masks and scales it."""
    for _ in range(12):
        op = value.op
        if op is None:
            return False
        if op.name in ("bmm", "baddbmm"):
            return sum(v.live for v in op.ins) > 1
        if op.kind not in ("move", "pointwise", "overlay"):
            return False
        value = next((v for v in op.ins if v.live), value)
    return False


def is_normalisation(op: Op) -> bool:
    """Whether an operation joins a value with a statistic of it."""
    live = [v for v in op.ins if v.live]
    return any(g.root in v.statistic_of for v in live for g in live if g is not v)


def is_dropped(value: Value) -> bool:
    """Whether a value is what dropout left of another, past what moves it, scales it and shifts it.

    On some devices it is one operation; on others a product with numbers that are 0 by chance.
    """
    op = value.op
    while op is not None:
        chance = [v for v in op.ins if v.noise and _is_by_chance(v)]
        if op.kind == "dropout" or (op.name == "mul" and chance):
            return True
        live = [v for v in op.ins if v.live]
        plain = op.kind in ("move", "output") or op.name in AFFINE
        op = live[0].op if plain and len(live) == 1 else None
    return False


def _is_by_chance(noise: Value) -> bool:
    op = noise.op
    while op is not None and op.name != "bernoulli":
        op = next((v.op for v in op.ins if v.noise), None)
    return op is not None


def compares_all(op: Op, tensors: Mapping[Value, Tensor]) -> bool:
    """Whether each element of one operand meets all of another's that has as many.

    So (N,) and (N, 1) become (N, N); where both are meant to, they have as many axes.
    """
    values = [x for x in op.args[:2] if isinstance(x, Value) and x in tensors]
    if len(values) < 2 or values[0].live == values[1].live:
        return False
    one, other = (tensors[v] for v in values)
    if one.shape != other.shape:
        alike = one.ndim != other.ndim and one.numel() == other.numel() > 1
        return alike and math.prod(op.outs[0].shape) > one.numel()
    ways = zip(one.shape, one.stride(), other.stride(), strict=True)
    steps = [(bool(a), bool(b)) for n, a, b in ways if n > 1]
    return (True, False) in steps and (False, True) in steps and (True, True) not in steps


def is_of_inputs(value: Value, observation: Observation) -> bool:
    """Whether the inputs come to a value with nothing before that would bring them to a length.

    What is looked up may be beside them. Bytes and integers that were made numbers carry no calls.
    """
    row, seen, inputs = list(value.calls), set[Call](), not value.parameters and not value.noise
    inputs = inputs and not value.calls
    while row:
        call = row.pop()
        looked_up = call.kind == "layer" and call.name in observation.looked_up
        inputs = inputs or call.kind == "input"
        if call.kind in BRINGING and not looked_up:
            return False
        row += [] if looked_up else [x for x in call.sources if x not in seen]
        seen.update(call.sources)
    return inputs


def as_before(value: Value, tensor: Tensor) -> Tensor:
    """Bring what was flattened for a product of matrices to the shape that it had."""
    op = value.op
    if op is not None and op.name in ("view", "_unsafe_view", "reshape"):
        shape = op.ins[0].shape
        if shape and tensor.shape and shape[-1] == tensor.shape[-1]:
            return tensor.reshape(shape)
    return tensor


def edge(x: Tensor) -> Any:
    return (x.grad_fn, x.output_nr) if x.grad_fn is not None else None
