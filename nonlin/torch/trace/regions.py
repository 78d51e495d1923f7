"""What lies between a pre-activation and what uses it, and what it computes.

A region is what elementwise operations make of one value, its root. The value y that leaves it is a
function of z, the root or the last of the region's values before which everything is affine with
constants that differ from element to element: a bias, a normalisation at rest, the mask of a
dropout. What comes behind y in that way is cut off, too.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.autograd.graph import saved_tensors_hooks

from nonlin.torch.trace import operations
from nonlin.torch.trace.values import Op, Value, is_affine


@contextmanager
def differentiating() -> Iterator[None]:
    """Let autograd see what is run, also while an operation is written down, which is below it."""
    with ExitStack() as stack:
        # It raises where no operation is being written down.
        with suppress(RuntimeError):
            stack.enter_context(torch.overrides.enable_reentrant_dispatch())
        stack.enter_context(torch._C._DisableTorchDispatch())
        stack.enter_context(torch.enable_grad())
        stack.enter_context(saved_tensors_hooks(_same, _same))
        yield


def _same(x: Tensor) -> Tensor:
    # Hooks of gradient checkpointing would count what is saved here as part of its region.
    return x


@dataclass(frozen=True, eq=False)
class Region:
    """The operations from z to y.

    Attributes
    ----------
    z, y : Value
    ops : tuple of Op
        In their order.
    """

    z: Value
    y: Value
    ops: tuple[Op, ...]

    @property
    def wide(self) -> bool:
        """Whether a constant in it differs from element to element."""
        return any(_is_wide(op) for op in self.ops)

    def constants(self) -> dict[Value, Tensor]:
        """List the operands that do not come from z, as they are kept until the region ends."""
        return {v: x for op in self.ops for v, x in op.constants.items()}

    def without_affine_end(self) -> Region | None:
        """Cut what is affine behind the function off; None if nothing is or nothing would stay."""
        v, keep = self.y, len(self.ops)
        while keep and v in self.ops[keep - 1].outs and _alone(self.ops[keep - 1]):
            v = next(g for g in self.ops[keep - 1].ins if g.live)
            keep -= 1
            if any(v in op.ins for op in self.ops[keep + 1 :]):
                return None
        if keep in (0, len(self.ops)) or v.held is None:
            return None
        return Region(self.z, v, self.ops[:keep])

    def cuts(self) -> Iterator[tuple[Region, Region]]:
        """Divide it at each value through which every way goes."""
        for place in range(1, len(self.ops)):
            before, after = self.ops[:place], self.ops[place:]
            v = before[-1].outs[0]
            earlier = {self.z, *(x for op in before for x in op.outs)} - {v}
            alone = not any(x in earlier for op in after for x in op.ins)
            if alone and v.bent and v.held is not None and v.dtype.is_floating_point:
                yield Region(self.z, v, before), Region(v, self.y, after)

    def replay(self, z: Tensor, constants: Mapping[Value, Tensor], *, exactly: bool) -> Tensor:
        """Compute y of other values in z's place.

        Parameters
        ----------
        z : Tensor
        constants : mapping of Value to Tensor
            Those of the operations, in a shape that broadcasts with z.
        exactly : bool
            With the casts and the noise that were there; else in z's dtype and as it is on average.
        """
        known: dict[Value, Any] = {**constants, self.z: z}
        for op in self.ops:
            made = _run(op, known, exactly)
            outs = made if isinstance(made, tuple | list) else (made,)
            known.update(zip(op.outs, outs, strict=False))
        result: Tensor = known[self.y]
        return result


def region(y: Value) -> Region | None:
    """Find the region that a value leaves; None if there is nothing in it or z was not kept."""
    root = y.root
    assert root is not None
    ops = _between(root, y)
    if not ops:
        return None
    z, rest = _cut_head(root, ops)
    end, rest = _cut_tail(y, rest)
    if z.held is None:
        z, rest = _first_held(z, rest)
    return Region(z, end, tuple(rest)) if rest and z.held is not None else None


def _between(root: Value, y: Value) -> list[Op]:
    found: set[Op] = set()
    row = [y]
    while row:
        v = row.pop()
        if v is root or v.op is None or v.op in found:
            continue
        found.add(v.op)
        row += [g for g in v.op.ins if g.live and g.root is root]
    return sorted(found, key=lambda op: op.index)


def _cut_head(root: Value, ops: list[Op]) -> tuple[Value, list[Op]]:
    """Go along what every way passes, as long as it is affine; stop behind the last wide one."""
    z, v, cut = root, root, 0
    for place, op in enumerate(ops):
        alone = sum(v in other.ins for other in ops) == 1
        if not (alone and v in op.ins and _alone(op)):
            break
        v = op.outs[0]
        if _bounds(op):
            z, cut = v, place + 1
    return z, ops[cut:]


def _cut_tail(y: Value, ops: list[Op]) -> tuple[Value, list[Op]]:
    end, v = y, y
    keep = len(ops)
    for place in reversed(range(len(ops))):
        op = ops[place]
        if v not in op.outs or not _alone(op):
            break
        before = next(g for g in op.ins if g.live)
        if any(before in other.ins for other in ops[place + 1 :]):
            break
        v = before
        if _bounds(op) and v.bent:
            end, keep = v, place
    return end, ops[:keep]


def _first_held(z: Value, ops: list[Op]) -> tuple[Value, list[Op]]:
    """Take the first value that was kept and through which every way goes."""
    for place, op in enumerate(ops):
        if sum(z in other.ins for other in ops) != 1 or z not in op.ins or not _alone(op):
            return z, ops
        z = op.outs[0]
        if z.held is not None:
            return z, ops[place + 1 :]
    return z, ops


def _alone(op: Op) -> bool:
    return is_affine(op) and sum(v.live for v in op.ins) == 1


def _bounds(op: Op) -> bool:
    """Whether a function ends or begins here; no gradient gets past a `detach`, whatever it is."""
    return op.name == "detach" or _is_wide(op)


def _is_wide(op: Op) -> bool:
    constants = (v for v in op.ins if not v.live and math.prod(v.shape) > 1)
    return any(v.noise or not _is_uniform(op.constants.get(v)) for v in constants)


def _is_uniform(x: Tensor | None) -> bool:
    return x is not None and x.numel() > 0 and bool((x == x.reshape(-1)[0]).all())


def _put(x: Any, known: Mapping[Value, Any]) -> Any:
    """Put what is known in each value's place."""
    if isinstance(x, Value):
        return known[x]
    return [_put(item, known) for item in x] if isinstance(x, list) else x


def _run(op: Op, known: Mapping[Value, Any], exactly: bool) -> Any:
    args = [_put(x, known) for x in op.args]
    kwargs = {key: _put(x, known) for key, x in op.kwargs.items()}
    if op.name == "rrelu_with_noise":
        # In training it wrote the slopes that it drew into what it was given.
        if exactly and len(args) > 4 and args[4]:
            return args[0] * args[1]
        lower, upper = (*args[2:4], 1 / 8, 1 / 3)[:2]
        return torch.ops.aten.leaky_relu(args[0], 0.5 * (lower + upper))
    if not exactly:
        if op.name in operations.COPIES:
            copied = args[1] if op.name == "copy" else args[0]
            return copied.double() if copied.dtype == torch.bool else copied
        if any(isinstance(x, Value) and x.noise for x in op.args):
            return next(a for a, x in zip(args, op.args, strict=True)
                        if isinstance(x, Value) and not x.noise)  # fmt: skip
        kwargs.pop("dtype", None)
    if op.func._schema.name.endswith("_") and isinstance(args[0], Tensor):
        # A constant that is written into gets the shape of what is written.
        shapes = [x.shape for x in args if isinstance(x, Tensor)]
        whole: tuple[int, ...] = torch.broadcast_shapes(*shapes)  # type: ignore[no-untyped-call]
        args[0] = args[0].expand(whole).clone()
        if op.name == "copy":
            args[0] = torch.empty_like(args[1])
    return op.func(*args, **kwargs)
