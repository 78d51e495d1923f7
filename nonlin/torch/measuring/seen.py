"""What of a model is seen while passes run, and what is not."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import torch
from torch import Tensor

from nonlin.torch.measuring.subject import plain
from nonlin.torch.reading import Coverage, Operation

LONGEST_REASON = 120


class Seen:
    """The parameters that were met, the functions that were not recognised, what went wrong."""

    def __init__(self) -> None:
        self.unmeasured: dict[str, str] = {}
        self._parameters: set[str] = set()
        self._recognized = 0
        self._operations: dict[str, dict[str, int]] = {}

    def use(self, parameters: Iterable[str]) -> None:
        """Take parameters that came into a layer, a normalisation, a sum or a product."""
        self._parameters.update(parameters)

    def recognize(self) -> None:
        """Count an operation that bends what came in and is known."""
        self._recognized += 1

    def meet(self, operation: str, module: str) -> None:
        """Take a call that bends what came in and is no activation that is known."""
        calls = self._operations.setdefault(operation.strip("_"), {})
        calls[module] = calls.get(module, 0) + 1

    def coverage(self, gradients: Collection[str]) -> Coverage:
        """Sum it up.

        Parameters
        ----------
        gradients : collection of str
            The parameters that got a gradient.
        """
        seen = self._parameters
        unknown = sum(n for calls in self._operations.values() for n in calls.values())
        return Coverage(
            parameters=len(gradients),
            unseen=tuple(plain(name) for name in gradients if name not in seen),
            unrecognized=tuple(
                Operation(name, sum(calls.values()), tuple(calls))
                for name, calls in self._operations.items()
            ),
            operations=self._recognized + unknown,
            unmeasured=dict(self.unmeasured),
        )


class NotMeasurableError(TypeError):
    """A kind of tensor that a reading cannot sum over; its message is a key of `REASONS`."""


def check(x: Tensor) -> None:
    """Refuse the kinds of tensors whose values cannot be summed up, by name.

    Raises
    ------
    NotMeasurableError
    """
    if x.is_nested:
        raise NotMeasurableError("nested")
    if x.layout != torch.strided:
        raise NotMeasurableError("sparse")


def reason(error: Exception) -> str:
    """Say in one line what went wrong: a key of `nonlin.torch.seen.REASONS`, or the error's own."""
    if isinstance(error, NotMeasurableError):
        return str(error)
    line = " ".join(str(error).split())
    said = f"{type(error).__name__}: {line}" if line else type(error).__name__
    return said if len(said) <= LONGEST_REASON else f"{said[:LONGEST_REASON]}..."
