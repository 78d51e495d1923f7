"""The inputs and targets of a reading, batch by batch."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from dataclasses import is_dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence
from torch.utils.data import DataLoader


class Batch(NamedTuple):
    """The model's arguments, and the targets."""

    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    targets: Any

    @property
    def tensors(self) -> list[Tensor]:
        """The tensors among the arguments, those that objects of the user's hold too."""
        given = [*self.args, *self.kwargs.values()]
        return list(tensors([*given, *(x for held in foreign(given) for x in held_by(held))]))

    @property
    def size(self) -> int | None:
        """How many samples it has; None if the arguments do not tell.

        It is the size of the first argument's first axis, or of its second where that is the
        targets' first and the first is not: time comes first there. A packed sequence has as many
        as its first step.
        """
        first = next(iter(self.args or self.kwargs.values()), None)
        if isinstance(first, PackedSequence):
            return int(first.batch_sizes[0])
        shape = next((tuple(x.shape) for x in self.tensors if x.ndim), None)
        wanted = next((x.shape[0] for x in tensors([self.targets]) if x.ndim), None)
        if shape is None:
            return None
        return wanted if wanted in shape[:2] else shape[0]


def check_places(model: nn.Module, inputs: Any, targets: Any, loss_fn: Any) -> None:
    """Refuse a loss in the targets' place, targets among the model's arguments, and none at all.

    Raises
    ------
    TypeError
    """
    if loss_fn is None and callable(targets):
        raise TypeError(
            f"targets: expected what the outputs are compared with, got {_called(targets)}; "
            f"inputs and targets are two arguments, and the loss is loss_fn="
        )
    if targets is not None or not callable(loss_fn) or not is_one_batch(inputs, None):
        return
    if type(inputs) is tuple and not _takes(model, len(inputs)):
        raise TypeError(
            f"inputs: a tuple holds the model's arguments, and {_called(model)} takes no "
            f"{len(inputs)}; if the last one is the targets, give it as targets="
        )
    if not _takes(loss_fn, 1):
        raise TypeError(f"targets: {_called(loss_fn)} takes more than the outputs; give targets=")


def _called(function: Any) -> str:
    return getattr(function, "__name__", type(function).__name__)


def _takes(function: Any, count: int) -> bool:
    """Whether a function, or a module's forward, can be called with so many arguments."""
    try:
        signature = inspect.signature(getattr(function, "forward", function))
    except (TypeError, ValueError):
        return True
    try:
        signature.bind(*range(count))
    except TypeError:
        return False
    return True


def batches(inputs: Any, targets: Any) -> Iterator[Batch]:
    """Bring the inputs into batches, copied, so that an in-place call changes none of the user's.

    A tensor that requires a gradient and is made by nothing is handed over as it is: nothing can
    write into it, and what differentiates by it finds it. Objects of the user's are handed over,
    too.

    Raises
    ------
    TypeError
        If the inputs are neither one batch nor an iterable of batches.
    """
    if is_one_batch(inputs, targets):
        yield _batch(_arguments(inputs), targets)
        return
    if targets is not None or not isinstance(inputs, Iterable) or isinstance(inputs, str | bytes):
        raise TypeError(
            "inputs: expected a tensor, a tuple or a dict of the model's arguments, or, with "
            f"targets=None, an iterable of (inputs, targets), got {type(inputs).__name__}"
        )
    for item in fresh(inputs):
        yield _of_loader(item)


def is_one_batch(inputs: Any, targets: Any) -> bool:
    """Tell one batch from an iterable of batches."""
    if isinstance(inputs, Tensor | tuple | Mapping):
        return True
    if isinstance(inputs, list | str | bytes | type):
        return False
    if targets is None and isinstance(inputs, Iterable) and not _is_record(inputs):
        return False
    return _is_record(inputs) or any(True for _ in tensors(held_by(inputs)))


def loader(inputs: Any, targets: Any) -> dict[str, Any]:
    """Give what a reading goes through, unless that is a batch, a list or an iterator."""
    passing = isinstance(inputs, list) or hasattr(inputs, "__next__")
    return {} if passing or is_one_batch(inputs, targets) else {"inputs": inputs}


def fresh(loader: Iterable[Any]) -> Iterable[Any]:
    """Give a loader's batches by workers of their own, where it keeps its workers.

    Those may be in the middle of the training's epoch.
    """
    kept = isinstance(loader, DataLoader) and loader.persistent_workers
    if kept and type(loader).__iter__ is DataLoader.__iter__:
        own: Iterable[Any] = loader._get_iterator()  # type: ignore[attr-defined]
        return own
    return loader


def _of_loader(item: Any) -> Batch:
    """Take a loader's item apart: the last of several is the targets, the others the arguments.

    A loader makes lists of the tuples of its data set, inside its item too.
    """
    if isinstance(item, Mapping | PackedSequence) or _is_record(item):
        return _batch(_arguments(item), None)
    if not isinstance(item, tuple | list):
        raise TypeError(
            "inputs: expected an iterable of dicts of the model's arguments, of (argument, ..., "
            f"targets) or of pairs (inputs, targets), got one of {type(item).__name__}"
        )
    if len(item) < 2:
        return _batch((tuple(item), {}), None)
    *given, targets = item
    if len(given) > 1:
        return _batch((tuple(given), {}), targets)
    made = tuple(given[0]) if isinstance(item, list) and type(given[0]) is list else given[0]
    return _batch(_arguments(made), targets)


def _arguments(inputs: Any) -> tuple[tuple[Any, ...], Mapping[str, Any]]:
    """Tell the model's arguments: a plain tuple is several, a namedtuple is one."""
    if isinstance(inputs, Mapping):
        return (), dict(inputs)
    if isinstance(inputs, tuple) and not hasattr(inputs, "_fields"):
        return inputs, {}
    return (inputs,), {}


def _batch(given: tuple[tuple[Any, ...], Mapping[str, Any]], targets: Any) -> Batch:
    args, kwargs = copied(given)
    batch = Batch(args, kwargs, copied(targets))
    if any(x.is_nested and x.layout == torch.strided for x in batch.tensors):
        raise TypeError(
            "inputs: a nested tensor of the strided layout has no shape that can be read; make it "
            "with layout=torch.jagged"
        )
    return batch


def copied(x: Any) -> Any:
    """Copy the tensors in nested tuples, lists and dicts; one that is twice in it stays one."""
    return _copied(x, {})


def _copied(x: Any, known: dict[int, Any]) -> Any:
    if isinstance(x, Tensor):
        if id(x) not in known:
            known[id(x)] = x if _is_wanted(x) else _copy(x)
        return known[id(x)]
    if isinstance(x, tuple) and hasattr(x, "_fields"):
        return type(x)(*(_copied(value, known) for value in x))
    if isinstance(x, tuple | list):
        return type(x)(_copied(value, known) for value in x)
    if isinstance(x, Mapping):
        return _same_kind(x, {key: _copied(value, known) for key, value in x.items()})
    return x


def _is_wanted(x: Tensor) -> bool:
    return x.requires_grad and x.is_leaf


def _copy(x: Tensor) -> Tensor:
    return x.detach().clone().requires_grad_(x.requires_grad)


def _same_kind(x: Mapping[Any, Any], values: dict[Any, Any]) -> Mapping[Any, Any]:
    """Put values into a mapping of the class of another one."""
    if type(x) is dict or not isinstance(x, MutableMapping):
        return values
    made = copy.copy(x)
    for key, value in values.items():
        made[key] = value
    return made


def foreign(values: Iterable[Any]) -> Iterator[Any]:
    """Go through the objects that are in nested tuples, lists and dicts and no tensors."""
    for value in values:
        if isinstance(value, tuple | list):
            yield from foreign(value)
        elif isinstance(value, Mapping):
            yield from foreign(value.values())
        elif not isinstance(value, Tensor):
            yield value


def held_by(x: Any) -> list[Any]:
    """List what an object holds in its attributes."""
    if is_dataclass(x) and not isinstance(x, type):
        return [getattr(x, name, None) for name in x.__dataclass_fields__]
    return list(vars(x).values()) if hasattr(x, "__dict__") and not isinstance(x, type) else []


def _is_record(x: Any) -> bool:
    """Tell an object that holds a batch's tensors, as a graph does, from a loader."""
    if isinstance(x, Tensor | DataLoader | type):
        return False
    return is_dataclass(x) or hasattr(x, "to")


def tensors(values: Iterable[Any]) -> Iterator[Tensor]:
    """Go through the tensors in nested tuples, lists and dicts."""
    for value in values:
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, tuple | list):
            yield from tensors(value)
        elif isinstance(value, Mapping):
            yield from tensors(value.values())
