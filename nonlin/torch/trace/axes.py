"""Along which axis the units of a value lie: the layer tells, and it is followed from there."""

from __future__ import annotations

from collections.abc import Callable

from nonlin.torch.trace.values import Op, Value


def carry(op: Op) -> None:
    """Tell of what an operation makes which units it is: their axis, the first, the expert's."""
    live = [v for v in op.ins if v.live]
    parts = {v.part for v in op.ins if v.part is not None}
    for made in op.outs:
        if made.live:
            made.axis = made.axis if made.axis is not None else axis_of(op, made.shape)
            made.first = first_of(op, made)
            if op.kind != "layer" and live and live[0].shape[:1] == made.shape[:1]:
                made.ends = made.ends or live[0].ends
        if op.kind == "layer" or made.live or op.kind == "move":
            made.part = next(iter(parts)) if len(parts) == 1 else None
        if op.name == "select" and not made.live and len(made.shape) > 1 and op.args[1] == 0:
            made.part = int(op.args[2])


def axis_of(op: Op, shape: tuple[int, ...]) -> int | None:
    """Tell the units' axis of what an operation makes of a value whose axis is known."""
    before = next((v for v in op.ins if v.live and v.axis is not None), None)
    if before is None or before.axis is None:
        return None
    rule = _RULES.get(op.name)
    if rule is not None:
        return rule(op, before, before.axis)
    if len(before.shape) == len(shape):
        return before.axis
    return _reshaped(before.shape, before.axis, shape)


def first_of(op: Op, made: Value) -> int:
    """Tell which of its layer's units a value begins with, where it is a part of them."""
    live = [v for v in op.ins if v.live]
    if op.kind == "layer" or len({v.first for v in live}) != 1:
        return 0
    before = live[0]
    dim = op.args[2 if "split" in op.name else 1] if len(op.args) > 2 else 0
    if op.name not in _PARTS or before.axis is None or dim % len(before.shape) != before.axis:
        return before.first
    if op.name == "slice":
        return before.first + (op.args[2] or 0) % max(before.shape[before.axis], 1)
    earlier = op.outs[: op.outs.index(made)]
    return before.first + sum(v.shape[before.axis] for v in earlier)


def _reshaped(old: tuple[int, ...], axis: int, new: tuple[int, ...]) -> int | None:
    """Find the axis of the same size with as many elements behind it."""
    behind = _product(old[axis + 1 :])
    for place, size in enumerate(new):
        if size == old[axis] and _product(new[place + 1 :]) == behind:
            return place
    return None


def _product(sizes: tuple[int, ...]) -> int:
    found = 1
    for size in sizes:
        found *= size
    return found


def _permuted(op: Op, before: Value, axis: int) -> int | None:
    dims = [d % len(before.shape) for d in op.args[1]]
    return int(dims.index(axis))


def _transposed(op: Op, before: Value, axis: int) -> int | None:
    one, other = (d % len(before.shape) for d in (op.args[1:3] if len(op.args) > 2 else (0, 1)))
    if axis in (one, other):
        return int(other if axis == one else one)
    return axis


def _turned(op: Op, before: Value, axis: int) -> int | None:
    return len(before.shape) - 1 - axis


def _unsqueezed(op: Op, before: Value, axis: int) -> int | None:
    place: int = op.args[1] % (len(before.shape) + 1)
    return axis + (place <= axis)


def _selected(op: Op, before: Value, axis: int) -> int | None:
    place: int = op.args[1] % len(before.shape)
    return None if place == axis else axis - (place < axis)


def _stacked(op: Op, before: Value, axis: int) -> int | None:
    place = (op.args[1] if len(op.args) > 1 else 0) % (len(before.shape) + 1)
    return axis + (place <= axis)


def pieces_axis(op: Op) -> int | None:
    """Tell the axis over which an operation takes the largest of a layer's units; None if none.

    They lie there because the units' axis was divided into two.
    """
    pieces = op.ins[0] if op.ins else None
    if op.name not in ("amax", "max") or pieces is None or pieces.op is None or len(op.args) < 2:
        return None
    before = next((v for v in pieces.op.ins if v.live), None)
    if pieces.op.kind != "move" or before is None or before.axis is None:
        return None
    chosen = op.args[1] if isinstance(op.args[1], int) else op.args[1][0] if op.args[1] else None
    if chosen is None or len(pieces.shape) != len(before.shape) + 1:
        return None
    old, new, at = before.shape, pieces.shape, before.axis
    divided = new[:at] == old[:at] and new[at + 2 :] == old[at + 1 :]
    axis = int(chosen) % len(new)
    return axis if divided and axis in (at, at + 1) else None


_PARTS = frozenset({"split", "split_with_sizes", "unsafe_split", "slice"})
_RULES: dict[str, Callable[[Op, Value, int], int | None]] = {
    "permute": _permuted,
    "transpose": _transposed,
    "t": _turned,
    "unsqueeze": _unsqueezed,
    "select": _selected,
    "stack": _stacked,
}
