"""Along which axis the units of a value lie: the layer tells, and it is followed from there."""

from __future__ import annotations

from collections.abc import Callable

from nonlin.torch.trace.record import Op, Value


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


_RULES: dict[str, Callable[[Op, Value, int], int | None]] = {
    "permute": _permuted,
    "transpose": _transposed,
    "t": _turned,
    "unsqueeze": _unsqueezed,
    "select": _selected,
    "stack": _stacked,
}
