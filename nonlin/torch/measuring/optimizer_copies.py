"""Copies of optimizers of any kind that have one parameter alone, and that in a copy."""

from __future__ import annotations

import copy
import types
from collections import ChainMap, OrderedDict, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

# What every optimizer of torch's holds for its parameters.
STATE = ("defaults", "param_groups", "state")


class Alone:
    """Copies of an optimizer, and of those that it wraps, with one parameter alone.

    Parameters
    ----------
    optimizer : Optimizer
    parameter, moved : Parameter
        The user's, and the copy. Others that the optimizer has are not copied.
    """

    def __init__(self, optimizer: Any, parameter: nn.Parameter, moved: nn.Parameter) -> None:
        self.parameter, self.moved = parameter, moved
        every = {id(p): p for group in optimizer.param_groups for p in group["params"]}
        self._known: Any = ChainMap({id(parameter): moved}, every)

    def copied(self, optimizer: Any) -> Any:
        """Copy an optimizer with those that it wraps, which may share its groups and its state."""
        if id(optimizer) in self._known:
            return self._known[id(optimizer)]
        other = object.__new__(type(optimizer))
        self._known[id(optimizer)] = other
        held = {name: x for name, x in vars(optimizer).items() if name != "step"}
        if isinstance(held.get("param_groups"), list):
            self._known.setdefault(id(held["param_groups"]), self._groups(held["param_groups"]))
        # The state has an entry for each parameter, and no optimizer.
        for x in _optimizers_in([x for name, x in held.items() if name not in STATE]):
            self.copied(x)
        for name, x in held.items():
            empty = name.endswith("_hooks") and isinstance(x, dict)
            vars(other)[name] = OrderedDict() if empty else self._value(x)
        return other

    def _groups(self, groups: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        made = []
        for group in groups:
            if any(p is self.parameter for p in group["params"]):
                rest = {key: self._value(x) for key, x in group.items() if key != "params"}
                made.append({**rest, "params": [self.moved]})
        return made

    def _value(self, x: Any) -> Any:
        if _is_constant(x):
            return x
        if id(x) in self._known:
            return self._known[id(x)]
        if isinstance(x, nn.Module | types.FunctionType | types.MethodType | types.ModuleType):
            return x
        if isinstance(x, dict) and any(isinstance(key, Tensor) for key in x):
            made = self._of_parameter(x)
        elif type(x) is dict:
            made = self._known[id(x)] = {}
            made.update({key: self._value(value) for key, value in x.items()})
        elif _is_plain(x):
            # What `deepcopy` does, which takes longer to begin than most of these take.
            made = x.clone()
        else:
            made = copy.deepcopy(x, self._known)
        self._known[id(x)] = made
        return made

    def _of_parameter(self, x: dict[Any, Any]) -> dict[Any, Any]:
        """Copy what a mapping holds of the parameter, and what it holds of none."""
        made: dict[Any, Any] = defaultdict(dict) if isinstance(x, defaultdict) else {}
        for key, value in x.items():
            if key is self.parameter:
                made[self.moved] = self._value(value)
            elif not isinstance(key, Tensor):
                made[key] = self._value(value)
        return made


def _optimizers_in(x: Any) -> Iterator[Optimizer]:
    """Find the optimizers in lists and mappings, those that one is made of."""
    for each in x.values() if isinstance(x, Mapping) else x:
        if isinstance(each, Optimizer):
            yield each
        elif isinstance(each, Mapping | list | tuple):
            yield from _optimizers_in(each)


def _is_constant(x: Any) -> bool:
    if isinstance(x, tuple):
        return all(map(_is_constant, x))
    return isinstance(x, int | float | str | None)


def _is_plain(x: Any) -> bool:
    """Whether a tensor is all of its memory, and no part of a graph."""
    return (
        type(x) is Tensor
        and x.layout == torch.strided
        and not x.requires_grad
        and x.is_contiguous()
        and x.untyped_storage().nbytes() == x.nbytes
    )
