"""Which module of the model is being run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from torch import nn


class Scope:
    """The names of the modules whose `forward` has begun and not ended, innermost last.

    Parameters
    ----------
    names : mapping of module to str
    whole : callable
        Whether a module counts as one call; what happens inside it is then hidden.
    begin, end : callable
        Told of each such module, with its arguments, and of each module's end, with its result.
    """

    def __init__(
        self,
        names: Mapping[nn.Module, str],
        whole: Callable[[nn.Module], bool],
        begin: Callable[[nn.Module, Any], None],
        end: Callable[[nn.Module, Any, Any, bool], None],
    ) -> None:
        self._names, self._whole = names, whole
        self._begin, self._end = begin, end
        self._stack: list[nn.Module] = []
        self._hidden_by: nn.Module | None = None
        # Told of each module's end too, with its name, its arguments and its result.
        self.listeners: list[Callable[[str, Any, Any], None]] = []

    @property
    def hidden(self) -> bool:
        """Whether a module is being run that counts as one call."""
        return self._hidden_by is not None

    @property
    def module(self) -> nn.Module | None:
        """The innermost module."""
        return self._stack[-1] if self._stack else None

    @property
    def name(self) -> str:
        """The innermost module's name."""
        return self._names[self._stack[-1]] if self._stack else ""

    @contextmanager
    def watch(self) -> Iterator[None]:
        """Follow the modules, by hooks that are gone afterwards."""
        with ExitStack() as stack:
            for module in self._names:
                stack.enter_context(module.register_forward_pre_hook(self._enter))
                leave = module.register_forward_hook(self._leave, always_call=True)
                stack.enter_context(leave)
            yield

    def _enter(self, module: nn.Module, args: Any) -> None:
        if self.hidden:
            return
        self._stack.append(module)
        if self._whole(module):
            self._hidden_by = module
            self._begin(module, args)

    def _leave(self, module: nn.Module, args: Any, result: Any) -> None:
        if not self._stack or self._stack[-1] is not module:
            return
        whole = self._hidden_by is module
        self._end(module, args, result, whole)
        for listener in self.listeners:
            listener(self.name, args, result)
        self._stack.pop()
        if whole:
            self._hidden_by = None
