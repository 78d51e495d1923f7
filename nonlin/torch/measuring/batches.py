"""The inputs and targets of a reading, batch by batch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from torch import Tensor


class Batch(NamedTuple):
    """The model's arguments, and the targets."""

    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    targets: Any

    @property
    def tensors(self) -> list[Tensor]:
        """The tensors among the arguments."""
        return list(tensors([*self.args, *self.kwargs.values()]))

    @property
    def size(self) -> int | None:
        """How many samples it has; None if the arguments do not tell.

        It is the size of the first argument's first axis, or of its second where that is the
        targets' first and the first is not: time comes first there.
        """
        shape = next((tuple(x.shape) for x in self.tensors if x.ndim), None)
        wanted = next((x.shape[0] for x in tensors([self.targets]) if x.ndim), None)
        if shape is None:
            return None
        return wanted if wanted in shape[:2] else shape[0]


def batches(inputs: Any, targets: Any) -> Iterator[Batch]:
    """Bring the inputs into batches, copied, so that an in-place call changes none of the user's.

    Raises
    ------
    TypeError
        If the inputs are neither a tensor, a tuple, a dict nor an iterable of pairs.
    """
    if isinstance(inputs, Tensor | tuple | Mapping):
        yield _batch(inputs, targets)
        return
    if targets is not None or not isinstance(inputs, Iterable):
        raise TypeError(
            "inputs: expected a tensor, a tuple or a dict of the model's arguments, or, with "
            f"targets=None, an iterable of (inputs, targets), got {type(inputs).__name__}"
        )
    for pair in inputs:
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise TypeError(
                f"inputs: expected an iterable of pairs (inputs, targets), got one of "
                f"{type(pair).__name__}"
            )
        yield _batch(*pair)


def _batch(inputs: Any, targets: Any) -> Batch:
    inputs, targets = copied(inputs), copied(targets)
    if isinstance(inputs, Mapping):
        return Batch((), inputs, targets)
    return Batch(inputs if isinstance(inputs, tuple) else (inputs,), {}, targets)


def copied(x: Any) -> Any:
    """Copy the tensors in nested tuples, lists and dicts."""
    if isinstance(x, Tensor):
        return x.detach().clone()
    if isinstance(x, tuple) and hasattr(x, "_fields"):
        return type(x)(*map(copied, x))
    if isinstance(x, tuple | list):
        return type(x)(map(copied, x))
    if isinstance(x, Mapping):
        return {key: copied(value) for key, value in x.items()}
    return x


def tensors(values: Iterable[Any]) -> Iterator[Tensor]:
    """Go through the tensors in nested tuples, lists and dicts."""
    for value in values:
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, tuple | list):
            yield from tensors(value)
        elif isinstance(value, Mapping):
            yield from tensors(value.values())
