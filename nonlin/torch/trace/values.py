"""The graph of a pass: tensors at a time of their lives, and the operations between."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import CodeType
from typing import Any

import torch
from torch import Tensor, nn

from nonlin.torch.trace import operations
from nonlin.torch.trace.places import Line


def memory(x: Tensor) -> int:
    """Tell in which memory a tensor lies."""
    try:
        return int(x.untyped_storage()._cdata)
    except (NotImplementedError, RuntimeError):
        return id(x)


def overlap(one: Tensor, other: Tensor) -> bool:
    """Whether two views of one memory share an element; True where that is not to be told."""
    if one.stride() != other.stride() or 0 in one.stride():
        return True
    axes = sorted(zip(one.stride(), one.shape, other.shape, strict=True), reverse=True)
    # An element is shared if the way from one's first to the other's is a sum of steps within.
    ways = {other.storage_offset() - one.storage_offset()}
    for stride, ours, theirs in axes:
        steps = range(-theirs + 1, ours)
        ways = {
            way - stride * k
            for way in ways
            for k in (way // stride, way // stride + 1)
            if k in steps
        }
    return 0 in ways


NOTHING: frozenset[Any] = frozenset()


@dataclass(eq=False, slots=True)
class Value:
    """A tensor at one time of its life; an operation in place makes another value of it.

    Attributes
    ----------
    shape : tuple of int
    dtype : torch.dtype
    op : Op or None
        What made it; None for inputs, parameters and what was not seen.
    live : bool
        Whether it depends on the inputs through numbers. Integers choose; they carry nothing.
    parameters : frozenset of str
        Of a value that is not live: the parameters it is made of. It is an effective weight.
    noise : bool
        Whether a random generator made it.
    root : Value or None
        The one value of which it is an elementwise function, itself at least.
    bent : bool
        Whether that function may be other than linear.
    statistic_of : frozenset of Value
        The roots of which it is a statistic, as a mean.
    uses : list of Op
    axis : int or None
        Along which the units lie, where that is known.
    first : int
        Which of its layer's units it begins with.
    part : int or None
        Which of stacked weights it is, or made it: that of one expert.
    ends : tuple of int
        Where it is made by several stacked weights, one after the other: the ends of their rows.
    calls : tuple
        The listener's: what it says made the value.
    held : Tensor or None
        The tensor, for as long as it may be a pre-activation, or where a function ends.
    edge : (Node, int) or None
        Where the gradient of `held` comes to.
    wanted : callable or None
        Asks the tensor for its gradient as soon as it is in the graph.
    """

    shape: tuple[int, ...]
    dtype: torch.dtype
    op: Op | None = None
    live: bool = False
    parameters: frozenset[str] = NOTHING
    noise: bool = False
    root: Value | None = None
    bent: bool = False
    statistic_of: frozenset[Value] = NOTHING
    uses: list[Op] = field(default_factory=list)
    axis: int | None = None
    first: int = 0
    part: int | None = None
    ends: tuple[int, ...] = ()
    calls: tuple[Any, ...] = ()
    held: Tensor | None = None
    edge: Any = None
    wanted: Callable[[Tensor], None] | None = None


@dataclass(eq=False, slots=True)
class Op:
    """One operation.

    Attributes
    ----------
    func : OpOverload or None
    name : str
        Without the overload and the underscore of those in place.
    kind : str
        As in `operations.Kind`; "input", "output", "overlay", "opaque" for what is no operation.
    scope : str
        The innermost module's name.
    phase : str
        "model" or "loss".
    args, kwargs
        As given, with a `Value` in each tensor's place.
    ins, outs : list of Value
    constants : mapping of Value to Tensor
        The operands of an elementwise operation that are not live.
    module : Module or None
        The innermost one.
    place, where
        Where it stands in the code, as `nonlin.torch.trace.places` has it; not of a move.
    label : object
        What the recorder was told that it is.
    index : int
        Its place in the pass.
    """

    func: Any
    name: str
    kind: str
    scope: str
    phase: str
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    ins: list[Value] = field(default_factory=list)
    outs: list[Value] = field(default_factory=list)
    constants: dict[Value, Tensor] = field(default_factory=dict)
    module: nn.Module | None = None
    place: tuple[tuple[CodeType, int], ...] = ()
    where: Line | None = None
    label: Any = None
    index: int = -1


def forget(ops: Iterable[Op]) -> None:
    """Part operations from values, which hold each other and would wait for the collector."""
    for op in ops:
        for v in (*op.ins, *op.outs):
            v.root, v.statistic_of = None, NOTHING
        op.ins, op.outs, op.args, op.kwargs = [], [], (), {}


def carried(op: Op) -> list[Value]:
    """List the operands that carry the data: live and of numbers, or what was found of them."""
    live = [
        v
        for v in op.ins
        if v.live and (v.dtype.is_floating_point or v.dtype.is_complex or v.dtype == torch.bool)
    ]
    # What is copied over counts for nothing.
    return live[1:] if op.name == "copy" and len(op.ins) > 1 and op.ins[0].live else live


def is_affine(op: Op) -> bool:
    """Whether an elementwise operation is affine in its live operands."""
    if op.name not in operations.AFFINE:
        return False
    live = [isinstance(x, Value) and x.live for x in op.args]
    if op.name == "mul":
        return sum(live) == 1
    if op.name == "div":
        return live[0] and not any(live[1:]) and not op.kwargs.get("rounding_mode")
    return not any(isinstance(x, Value) and x.dtype == torch.bool and x.live for x in op.args)
