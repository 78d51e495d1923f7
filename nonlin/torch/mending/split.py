"""What a trial trains on, and what it is judged on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from nonlin.torch.case import Case
from nonlin.torch.measuring.batches import Batch, batches, foreign, is_one_batch
from nonlin.torch.mending.modules import first_batch, loss_of

# Fewer samples are not parted: of the half that is left to judge by, one sample more or less
# decides.
LEAST = 16

# So many batches are taken from a loader, every second one to judge by.
BATCHES = 8


class Parts(NamedTuple):
    """Batches to train on, one a step, and batches to judge by.

    Attributes
    ----------
    trained, judged : tuple of Batch
    held_out : bool
        Whether no sample is in both; if not, they are the same.
    """

    trained: tuple[Batch, ...]
    judged: tuple[Batch, ...]
    held_out: bool


def parts(case: Case) -> Parts:
    """Part the data of a case, the same way each time.

    One batch is parted in halves by its samples, of a loader's batches every second one is held
    out. Nothing is where there are too few samples, where the arguments cannot be cut along an axis
    of samples, or where the model or the loss does not take the halves although it takes the whole.

    Parameters
    ----------
    case : Case
        A copy, whose model may be run.

    Raises
    ------
    ValueError
        If there is no batch: an iterator that was gone through already.
    """
    if is_one_batch(case.inputs, case.targets):
        taken = [first_batch(case)]
    else:
        taken = list(islice(batches(case.inputs, case.targets), BATCHES)) or [first_batch(case)]
    if len(taken) == 1:
        return _halves(case, taken[0])
    if sum(batch.size or 0 for batch in taken) < LEAST:
        return Parts(tuple(taken), tuple(taken), held_out=False)
    return Parts(tuple(taken[::2]), tuple(taken[1::2]), held_out=True)


def _halves(case: Case, batch: Batch) -> Parts:
    whole = Parts((batch,), (batch,), held_out=False)
    size = batch.size
    given = [*batch.args, *batch.kwargs.values(), batch.targets]
    if size is None or size < LEAST or any(map(_is_opaque, [*given, *foreign(given)])):
        return whole
    order = torch.randperm(size, generator=torch.Generator().manual_seed(0))
    axis = _axis(batch, size)
    first, second = (
        Batch(*(_rows(x, half, size, axis) for x in batch))
        for half in (order[: size // 2].sort().values, order[size // 2 :].sort().values)
    )
    if all(_runs(case, half) for half in (first, second)) or not _runs(case, batch):
        return Parts((first,), (second,), held_out=True)
    return whole


def _is_opaque(x: Any) -> bool:
    """Tell what may hold samples and cannot be cut: a graph, a packed sequence."""
    known = Tensor, tuple, list, Mapping, int, float, str, type(None)
    return isinstance(x, PackedSequence) or not isinstance(x, known)


def _axis(batch: Batch, size: int) -> int:
    """Find the axis of the samples in the arguments: 1 where time comes first."""
    shape = next(tuple(x.shape) for x in batch.tensors if x.ndim)
    return 0 if shape[0] == size else 1


def _rows(x: Any, chosen: Tensor, size: int, axis: int) -> Any:
    """Take some samples of every tensor in nested tuples, lists and dicts."""
    if isinstance(x, Tensor):
        along = next((i for i in (axis, 1 - axis) if x.ndim > i and x.shape[i] == size), None)
        if along is None:
            return x
        taken = x.detach().index_select(along, chosen.to(x.device))
        return taken.requires_grad_(x.requires_grad)
    if isinstance(x, tuple) and hasattr(x, "_fields"):
        return type(x)(*(_rows(each, chosen, size, axis) for each in x))
    if isinstance(x, tuple | list):
        return type(x)(_rows(each, chosen, size, axis) for each in x)
    if isinstance(x, Mapping):
        return {key: _rows(each, chosen, size, axis) for key, each in x.items()}
    return x


def _runs(case: Case, batch: Batch) -> bool:
    try:
        with torch.enable_grad():
            loss_of(case, batch)
    except Exception:  # whatever a model or a loss that takes no such batch raises
        return False
    return True


def judged_anew(given: Parts, case: Case, before: Case) -> Parts:
    """Part the data of a changed case as those before the change were parted."""
    if case.targets is before.targets and case.inputs is before.inputs:
        return given
    if not given.held_out:
        whole = tuple(_all(case))
        return Parts(whole, whole, held_out=False)
    return parts(case)


def _all(case: Case) -> Iterator[Batch]:
    yield from islice(batches(case.inputs, case.targets), BATCHES)
