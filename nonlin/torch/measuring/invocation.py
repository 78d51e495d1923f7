"""A call of a function, as it was written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from torch import Tensor

from nonlin.torch.measuring.batches import tensors


@dataclass(frozen=True)
class Invocation:
    """A function and its arguments."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]

    @cached_property
    def name(self) -> str:
        """The function's."""
        return getattr(self.function, "__name__", "")

    @cached_property
    def given(self) -> list[Tensor]:
        """The tensors among the arguments."""
        return list(tensors([*self.args, *self.kwargs.values()]))

    @property
    def is_in_place(self) -> bool:
        """Whether it writes into its argument."""
        written = self.name.endswith("_") and not self.name.endswith("__")
        return written or bool(self.kwargs.get("inplace"))

    def argument(self, place: int, name: str, default: Any = None) -> Any:
        """Look an argument up by its place or its name."""
        return self.kwargs.get(name, self.args[place] if len(self.args) > place else default)

    def __call__(self) -> Any:
        return self.function(*self.args, **self.kwargs)

    def with_argument(self, given: Tensor, other: Any) -> Invocation:
        """Put something else in an argument's place."""
        return Invocation(
            self.function,
            tuple(other if x is given else x for x in self.args),
            {key: other if x is given else x for key, x in self.kwargs.items()},
        )
