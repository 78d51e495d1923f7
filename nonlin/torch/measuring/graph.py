"""What was called on the way from the inputs to the loss, and what each call is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

NORMALIZATIONS = frozenset(
    {"batch_norm", "layer_norm", "group_norm", "instance_norm", "rms_norm", "local_response_norm"}
)
SOFTMAXES = frozenset({"softmax", "log_softmax", "gumbel_softmax"})
MASKS = frozenset({"masked_fill", "masked_fill_", "where", "add", "__add__", "__iadd__", "add_"})
ADDITIONS = frozenset({"add", "add_", "__add__", "__iadd__", "__radd__", "sub", "__sub__"})
JOINS = frozenset({"cat", "concat", "concatenate", "stack", "where"})
PRODUCTS = frozenset({"mul", "mul_", "__mul__", "__imul__", "__rmul__"})

# Functions that take no more than the shape of their argument.
SHAPES = frozenset(
    {
        "zeros_like", "ones_like", "full_like", "empty_like", "rand_like", "randn_like",
        "new_zeros", "new_ones", "new_full", "new_empty",
    }
)  # fmt: skip

# Functions that bend what comes in, beside the activations that are known. Powers, roots and
# quotients are left out: normalisations that are written out are made of them.
BENT = frozenset(
    {
        "abs", "absolute", "acos", "acosh", "arccos", "arcsin", "arctan", "asin", "asinh", "atan",
        "atan2", "atanh", "clamp", "clamp_max", "clamp_min", "clip", "cos", "cosh", "digamma",
        "erf", "erfc", "erfinv", "exp", "exp2", "expm1", "glu", "i0", "lgamma", "log", "log10",
        "log1p", "log2", "logaddexp", "logit", "maximum", "minimum", "round", "sgn", "sign", "sin",
        "sinc", "sinh", "tan", "xlogy",
    }
)  # fmt: skip

# Losses whose outputs and targets are checked against each other, by the function's name.
LOSSES = {
    "cross_entropy": "cross_entropy",
    "cross_entropy_loss": "cross_entropy",
    "binary_cross_entropy_with_logits": "bce_with_logits",
    "binary_cross_entropy": "bce",
    "nll_loss": "nll",
    "nll_loss_nd": "nll",
    "mse_loss": "mse",
}


@dataclass(eq=False, slots=True)
class Call:
    """One call of the pass.

    Attributes
    ----------
    kind, name : str
        As in `nonlin.torch.reading.Step`; "parameter" for what is made of parameters alone.
    sources : list of Call
        What made its arguments.
    feeding : dict of str to bool
        The layers that make its result with neither a layer nor an activation between, in the
        order of their calls, and whether a normalisation stands between.
    finite : bool
        Whether its result was.
    masked : bool
        Whether it may hold the -inf of a mask.
    """

    kind: str
    name: str
    sources: list[Call] = field(default_factory=list)
    feeding: dict[str, bool] = field(default_factory=dict)
    finite: bool = True
    masked: bool = False


def is_finite(x: Tensor, call: Call) -> bool:
    """Whether a call's result is finite, but for -inf where a mask puts it.

    Scores that are masked with -inf before a softmax are as they should be.
    """
    if x.layout != torch.strided:
        return True
    real = x.is_floating_point() or x.is_complex()
    if not real or bool(x.isfinite().all()):
        return True
    call.masked = call.name in MASKS or any(source.masked for source in call.sources)
    return (
        call.masked
        and call.kind in ("other", "addition")
        and not x.is_complex()
        and not bool((x.isnan() | x.isposinf()).any())
    )


def kind_of(name: str, sources: Sequence[Call]) -> str:
    """Classify a call that has no weights and is no activation."""
    if name in NORMALIZATIONS:
        return "normalization"
    if name in SOFTMAXES:
        return "softmax"
    if name in LOSSES:
        return "loss"
    if "dropout" in name:
        return "dropout"
    if "pool" in name or name == "mean":
        return "pooling"
    if len(sources) > 1 and name in ADDITIONS:
        return "addition"
    if len(sources) > 1 and name in PRODUCTS:
        return "product"
    return "other"


def step(kind: str, name: str, sources: Sequence[Call]) -> Call:
    """Write down a call."""
    return Call(kind, name, list(sources), _feeding(kind, name, sources))


def _feeding(kind: str, name: str, sources: Sequence[Call]) -> dict[str, bool]:
    if kind == "layer":
        return {name: False}
    found: dict[str, bool] = {}
    for source in sources:
        for layer, normalized in source.feeding.items():
            found[layer] = found.get(layer, False) or normalized or kind == "normalization"
    return found


def gated(calls: Sequence[Call]) -> set[Call]:
    """Find the calls whose result is a factor of a product."""
    return {source for call in calls if call.kind == "product" for source in call.sources}


def on_branches(calls: Sequence[Call]) -> set[Call]:
    """Find the calls on residual branches.

    A branch is what an addition puts beside a stream that goes past it: both operands come from one
    call, and the one with more layers on its own way is the branch. Where one layer lies on both
    ways, the addition is a recurrence and no branch.
    """
    place = {call: 1 << index for index, call in enumerate(calls)}
    # What a call's result depends on, itself included, and the calls of each layer: a bit a call.
    ways: dict[Call, int] = {}
    layers: dict[str, int] = {}
    found = 0
    for call in calls:
        ways[call] = place[call]
        for source in call.sources:
            ways[call] |= ways.get(source, 0)
        if call.kind == "layer":
            layers[call.name] = layers.get(call.name, 0) | place[call]
        if call.kind == "addition" and len(call.sources) == 2:
            found |= _branch(ways[call.sources[0]], ways[call.sources[1]], layers)
    return {call for call in calls if found & place[call]}


def _branch(one: int, other: int, layers: Mapping[str, int]) -> int:
    if not one & other:
        return 0
    own, others = one & ~other, other & ~one
    if any(own & calls and others & calls for calls in layers.values()):
        return 0
    counts = [sum((way & calls).bit_count() for calls in layers.values()) for way in (own, others)]
    if counts[0] == counts[1]:
        return 0
    return own if counts[0] > counts[1] else others
