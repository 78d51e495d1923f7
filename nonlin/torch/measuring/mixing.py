"""Whether samples are mixed that belong apart: what looks like it, and what the outputs say to it.

A pass shows a recurrence or an attention along an axis as long as that of the samples, a softmax
along it, and a reshape that takes another axis for it. It counts if the outputs of some samples
change where others take the place of the rest. In the same way outputs are asked whether they know
of later steps that are their targets.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from nonlin.torch.measuring.batches import Batch, copied, tensors
from nonlin.torch.measuring.linearity import in_evaluation
from nonlin.torch.reading import Mixture
from nonlin.torch.trace.values import Op, Value

# An axis is as long as fewer samples by chance.
LEAST = 4

# What PyTorch runs for a reshape.
RESHAPES = frozenset({"view", "_unsafe_view", "_reshape_alias"})

# Of labels that count for nothing.
IGNORED = -100


@dataclass(frozen=True)
class Suspect:
    """A place that may mix samples.

    Attributes
    ----------
    cause : str
        As in `nonlin.torch.reading.Mixture`.
    place : str
        The module's name; "" for the model itself.
    shape, made : tuple of int
        Of what came in; of what a reshape made.
    """

    cause: str
    place: str
    shape: tuple[int, ...]
    made: tuple[int, ...] = ()


def samples_of(batch: Batch, outputs: Any) -> int | None:
    """Count the samples, where they lie along the first axis of inputs, outputs and targets."""
    firsts = [next((x for x in tensors([part]) if x.ndim), None)
              for part in ([batch.args, batch.kwargs], outputs, batch.targets)]  # fmt: skip
    given, made, wanted = firsts
    if given is None or made is None or given.shape[0] < LEAST:
        return None
    rows = {x.shape[0] for x in (given, made, wanted) if x is not None}
    return given.shape[0] if len(rows) == 1 else None


def of_module(module: nn.Module | None, name: str, args: Any) -> Suspect | None:
    """Take down along which axis a module of PyTorch's walks or attends; judged afterwards."""
    if not isinstance(module, nn.RNNBase | nn.MultiheadAttention):
        return None
    x = next(tensors(args if isinstance(args, tuple) else ()), None)
    if x is None or x.ndim != 3:
        return None
    cause = "recurrence" if isinstance(module, nn.RNNBase) else "attention"
    first = x.transpose(0, 1) if module.batch_first else x
    return Suspect(cause, name, tuple(first.shape))


def suspects(
    walks: Sequence[Suspect], ops: Sequence[Op], batch: Batch, outputs: Any
) -> list[Suspect]:
    """List the places that may mix samples; none where it is not known which axis is theirs."""
    count = samples_of(batch, outputs)
    if count is None:
        return []
    target = next((x for x in tensors([batch.targets]) if x.ndim > 1), None)
    # Of targets for each step the first axis may be that of the steps.
    told = 0 if target is None else target.shape[1]
    found = [x for x in walks if x.shape[0] == count and x.shape[1] not in (1, count, told)]
    return list(dict.fromkeys([*found, *_of_operations(ops, count)]))


def _of_operations(ops: Sequence[Op], count: int) -> Iterator[Suspect]:
    for op in ops:
        if op.phase != "model" or not op.ins or not any(v.live for v in op.outs):
            continue
        shape, made = op.ins[0].shape, op.outs[0].shape
        if op.kind == "softmax" and _shares_out(op, count):
            yield Suspect("softmax", op.scope, shape)
        elif op.name in RESHAPES and _loses_axis(shape, made, count):
            yield Suspect("reshape", op.scope, shape, made)


def _shares_out(op: Op, count: int) -> bool:
    """Tell whether a softmax runs along the samples, and its shares weigh something."""
    shape = op.ins[0].shape
    along = len(shape) > 1 and op.args[1] % len(shape) == 0
    return along and shape[0] == count and count not in shape[1:] and _weighs(op.outs[0])


def _weighs(value: Value) -> bool:
    """Tell whether the model goes on with a value, past what only moves it."""
    uses = [op for op in value.uses if op.phase == "model"]
    if any(op.kind not in ("move", "output") and op.name != "log" for op in uses):
        return True
    return any(_weighs(v) for op in uses if op.kind == "move" for v in op.outs)


def _loses_axis(old: Sequence[int], new: Sequence[int], count: int) -> bool:
    """Tell whether a reshape only changes the order of axes, and the samples' with it.

    It cuts the numbers anew, so that each row is made of parts of several samples.
    """
    before, after = ([size for size in shape if size > 1] for shape in (old, new))
    if sorted(before) != sorted(after) or before.count(count) != 1:
        return False
    places = before.index(count), after.index(count)
    return places[0] != places[1] and 0 in places


def mixtures(model: nn.Module, batch: Batch, found: Sequence[Suspect]) -> tuple[Mixture, ...]:
    """Give those of the suspects that the outputs bear out: all of them, or none."""
    samples = next(x for x in tensors([batch.args, batch.kwargs]) if x.ndim).shape[0]
    change = _change(model, batch, samples)
    if not change > 0.0:
        return ()
    return tuple(Mixture(x.cause, x.place, samples, change, x.shape, x.made) for x in found)


def _change(model: nn.Module, batch: Batch, samples: int) -> float:
    """Tell how far outputs change if each of the first half of the samples gives way to another.

    Over the deviation between samples; 0 where no more changes than rounding does.
    """
    half = samples // 2
    others = [_exchanged(x, half, samples) for x in (list(batch.args), dict(batch.kwargs))]
    with in_evaluation(model):
        before, after = _made(model, batch.args, batch.kwargs), _made(model, *others)
    pairs = [(x[half:], y[half:]) for x, y in zip(before, after, strict=True)
             if x.shape[:1] == (samples,)]  # fmt: skip
    return max((_apart(x, y) for x, y in pairs), default=0.0)


def _exchanged(x: Any, half: int, samples: int) -> Any:
    """Put others in the place of the first half of the samples, in all tensors that have them."""
    if isinstance(x, Tensor):
        own = x.shape[:1] == (samples,)
        return torch.cat([x[samples - half :], x[half:]]).detach() if own else x
    if isinstance(x, dict):
        return {key: _exchanged(value, half, samples) for key, value in x.items()}
    same = type(x) in (list, tuple)
    return type(x)(_exchanged(value, half, samples) for value in x) if same else x


def _made(model: nn.Module, args: Any, kwargs: Any) -> list[Tensor]:
    outputs = model(*copied(tuple(args)), **copied(dict(kwargs)))
    return [x.detach() for x in tensors([outputs]) if x.is_floating_point() and x.ndim]


def _apart(one: Tensor, other: Tensor) -> float:
    """Give the largest difference over the deviation between samples; 0 if it may be rounding."""
    if one.shape != other.shape or len(one) < 2:
        return 0.0
    precision = torch.finfo(one.dtype).eps ** 0.5
    deviation = one.double().std(0).square().mean().sqrt()
    found = float((one - other).double().abs().amax() / deviation)
    return found if found > precision else 0.0


def steps_axis(batch: Batch) -> int | None:
    """Give the axis of the steps where targets are the inputs of the next step; None elsewhere."""
    x, t = (next(tensors([part]), None) for part in ([batch.args, batch.kwargs], batch.targets))
    if x is None or t is None or x.shape != t.shape or x.ndim < 2 or x.is_complex():
        return None
    for axis in (1, 0):
        length = x.shape[axis] - 1
        if length < LEAST:
            continue
        wanted, following = t.narrow(axis, 0, length), x.narrow(axis, 1, length)
        counts = wanted != IGNORED
        same = (wanted == following) | ~counts
        varied = (following != following.flatten()[0]).any()
        if bool(same.all() & varied) and 2 * int(counts.sum()) > counts.numel():
            return axis
    return None


def looks_ahead(model: nn.Module, batch: Batch, axis: int) -> float:
    """Tell how far outputs of the earlier steps change if the inputs of later ones do.

    Over the deviation between samples; 0 where they do not, or have no axis of steps.
    """
    args, kwargs = copied(tuple(batch.args)), copied(dict(batch.kwargs))
    with in_evaluation(model):
        before = _made(model, args, kwargs)
        x = next(tensors([args, kwargs]))
        half, length = x.shape[axis] // 2, x.shape[axis]
        later = x.narrow(axis, half, length - half)
        other = 1 - axis if x.shape[1 - axis] > 1 else axis
        with torch.no_grad():
            later.copy_(later.roll(1, other))
        after = _made(model, args, kwargs)
    for one, changed in zip(before, after, strict=True):
        steps = _steps(one, x.shape, axis)
        if steps is not None:
            pair = [y.reshape(*x.shape[:2], -1) if steps < 0 else y for y in (one, changed)]
            return _apart(*(y.narrow(axis if steps < 0 else steps, 0, half) for y in pair))
    return 0.0


def _steps(made: Tensor, shape: Sequence[int], axis: int) -> int | None:
    """Give the outputs' axis of steps; -1 where it is one with that of the samples."""
    if made.shape[:2] == tuple(shape[:2]):
        return axis
    if made.shape[0] == shape[0] and made.shape[-1] == shape[1] and axis == 1:
        return made.ndim - 1
    return -1 if made.shape[0] == shape[0] * shape[1] else None


def order_of_axes(outputs: Any, targets: Any, given: Tensor, compared: Any) -> str:
    """Tell whether a loss compares outputs and targets that are flattened in different orders.

    Returns
    -------
    str
        "classes" if the axis that is taken for the classes' is another, "samples" if the axes of
        samples and of steps lie the other way round, "" if all is right, or cannot be told.
    """
    made, wanted = (next(tensors([x]), None) for x in (outputs, targets))
    if made is None or wanted is None or not isinstance(compared, Tensor):
        return ""
    if given.ndim != 2 or compared.ndim != 1 or made.ndim != wanted.ndim + 1 or made.ndim < 3:
        return ""
    classes = given.shape[1]
    shape, aim = tuple(made.shape), tuple(wanted.shape)
    if shape == (*aim, classes):
        return ""
    found = {(aim[1], aim[0], *aim[2:], classes): "samples", (aim[0], classes, *aim[1:]): "classes"}
    if shape not in found or given.numel() != made.numel() or compared.numel() != wanted.numel():
        return ""
    flat = torch.equal(given, made.detach().reshape(-1, classes).to(given.dtype))
    return found[shape] if flat and torch.equal(compared, wanted.reshape(-1)) else ""
