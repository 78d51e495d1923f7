"""What a model and a loss can reach and change: taken down before a reading, put back after it."""

from __future__ import annotations

import datetime
import decimal
import dis
import enum
import fractions
import functools
import logging
import operator
import pathlib
import re
import struct
import sys
import sysconfig
import types
import uuid
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from nonlin.torch.measuring.kinds import Part, Restore, Taken, content, copied_already

T = TypeVar("T")

# Objects that hold nothing that changes.
CONSTANT: tuple[type, ...] = (
    int, float, complex, str, bytes, range, slice, type(None), type(Ellipsis), type(NotImplemented),
    enum.Enum, pathlib.PurePath, re.Pattern, uuid.UUID, datetime.date, datetime.time,
    datetime.timedelta, datetime.tzinfo, decimal.Decimal, fractions.Fraction, np.generic, np.dtype,
    np.ufunc, torch.dtype, torch.device, torch.layout, torch.memory_format, torch.Size,
    torch.finfo, torch.iinfo, types.ModuleType, types.CodeType,
    types.MethodWrapperType, types.WrapperDescriptorType, types.MethodDescriptorType,
    types.ClassMethodDescriptorType, types.GetSetDescriptorType, types.MemberDescriptorType,
    types.GenericAlias, types.UnionType, weakref.ReferenceType, BaseException, logging.Logger,
    logging.Handler,
)  # fmt: skip

# What goes on around a model and is no part of it: a pass through the model leaves it alone.
AROUND = (
    "nonlin", "lightning", "pytorch_lightning", "lightning_fabric", "accelerate", "torch.optim",
    "torch.fx", "torch._ops", "torch._dynamo", "torch._inductor", "torch.distributed",
)  # fmt: skip

# They have a memory of their own in C, which a reading does not make wrong.
CACHING = (type(functools.lru_cache(int)), operator.itemgetter, operator.attrgetter)

# Of a data set's lists no longer ones are looked into.
MANY = 1000

# So many objects that are not put back are named.
NAMED = 8

# A hook of the user's may watch a model, and what it puts in one of these is what it has seen.
COLLECTIONS = (list, dict, set, deque)

# The way to an object, the object, and what it is part of: "model", "data" or "hook".
Way = tuple[str, Any, str]


class Contents:
    """The contents of all objects that can be reached from some.

    Parameters
    ----------
    own : iterable of nn.Module
        Those whose parameters and buffers are not written into, since they work on copies.
    copies : mapping of int to Tensor
        Copies of tensors that are at hand, by the tensors' ids.

    Attributes
    ----------
    unkept : dict of str to str
        What can be neither read nor put back: the way to an object, and its class.
    """

    def __init__(
        self, own: Iterable[nn.Module] = (), copies: Mapping[int, Tensor] | None = None
    ) -> None:
        self.unkept: dict[str, str] = {}
        self._own = {id(module) for module in own}
        self._copies = copies or {}
        self._restores: list[Restore] = []
        self._hooks: list[Way] = []
        # They are held, so that none of them gives its id to another.
        self._seen: dict[int, Any] = {}

    def add(self, name: str, root: Any, *, data: bool = False) -> None:
        """Take down an object and what it holds; of a data set no arrays and no tensors."""
        row: list[Way] = [(name, root, "data" if data else "model")]
        while row or self._hooks:
            # Hooks come last: what the model itself holds is not theirs.
            way, x, part_of = row.pop() if row else self._hooks.pop()
            if _is_left_alone(type(x)) or id(x) in self._seen:
                continue
            if part_of == "data" and isinstance(x, Tensor | np.ndarray):
                continue
            self._seen[id(x)] = x
            part_of = "data" if isinstance(x, DataLoader | Dataset) else part_of
            row.extend((way + name, part, part_of) for name, part in self._taken(way, x, part_of))

    def restore(self) -> None:
        """Put everything back."""
        for restore in reversed(self._restores):
            restore()

    def _taken(self, way: str, x: Any, part_of: str) -> list[Part]:
        if isinstance(x, type):
            return self._of_class(x) if _is_users(x.__module__) else []
        try:
            taken = self._content(x)
        except (RuntimeError, NotImplementedError, TypeError):
            taken = None
        if taken is None and _is_opaque(type(x)):
            if not any(x is stream for stream in (sys.stdout, sys.stderr, sys.stdin)):
                self.unkept[way] = f"{type(x).__module__}.{type(x).__qualname__}"
            return []
        parts = self._attributes(way, x)
        if taken is not None:
            collects = part_of == "hook" and isinstance(x, COLLECTIONS)
            self._restores += [] if collects or taken.restore is None else [taken.restore]
            inner = list(taken.parts)
            parts += [] if part_of == "data" and len(inner) > MANY else inner
        if isinstance(x, types.FunctionType) and _is_users(x.__module__):
            parts += self._globals(x)
        return parts + [("", kind) for kind in _users_classes(type(x))]

    def _content(self, x: Any) -> Taken | None:
        copy = self._copies.get(id(x))
        return content(x) if copy is None else copied_already(x, copy)

    def _attributes(self, way: str, x: Any) -> list[Part]:
        names = getattr(x, "__dict__", None)
        parts: list[Part] = []
        if isinstance(names, dict):
            before = dict(names)
            self._restores.append(lambda: _put_back(names, before))
            parts = [(f".{name}", value) for name, value in before.items()]
        if isinstance(x, nn.Module):
            parts = self._of_module(way, x, parts)
        if isinstance(x, DataLoader):
            # It goes through the data by workers of the training's, which a reading does not use.
            parts = [(name, value) for name, value in parts if name != "._iterator"]
        for name in _slots(type(x)):
            value = getattr(x, name, _MISSING)
            self._restores.append(functools.partial(_put_into_slot, x, name, value))
            parts += [] if value is _MISSING else [(f".{name}", value)]
        return parts

    def _of_module(self, way: str, x: nn.Module, parts: list[Part]) -> list[Part]:
        without = {"._flat_weights"} if isinstance(x, nn.RNNBase) else set()
        if id(x) in self._own:
            without |= {"._parameters", "._buffers"}
        for name, held in parts:
            if isinstance(held, dict) and (name in without or name.endswith("_hooks")):
                without.add(name)
                taken = content(held)
                self._restores += [] if taken is None or taken.restore is None else [taken.restore]
                if name.endswith("_hooks"):
                    self._hooks += [(way + name, hook, "hook") for hook in held.values()]
        return [(name, value) for name, value in parts if name not in without]

    def _of_class(self, x: type) -> list[Part]:
        before = {name: value for name, value in vars(x).items() if _is_plain(name)}

        def restore() -> None:
            found = {name: value for name, value in vars(x).items() if _is_plain(name)}
            for name in found.keys() - before.keys():
                delattr(x, name)
            for name, value in before.items():
                if found.get(name, _MISSING) is not value:
                    setattr(x, name, value)

        self._restores.append(restore)
        return [(f".{name}", value) for name, value in before.items() if not _describes(value)]

    def _globals(self, x: types.FunctionType) -> list[Part]:
        names = x.__globals__
        before = {name: names[name] for name in _global_names(x.__code__) if name in names}
        self._restores.append(lambda: names.update(before))
        return [(f"({name})", value) for name, value in before.items()]


def listed(unkept: Mapping[str, str]) -> str:
    """List what is not put back, for people."""
    named = [f"{way} ({kind})" for way, kind in unkept.items()]
    return ", ".join(named[:NAMED] + ["..."] * (len(named) > NAMED))


_MISSING = object()


def _put_back(names: dict[str, Any], before: dict[str, Any]) -> None:
    same = len(names) == len(before) and all(
        a is b and names[a] is before[b] for a, b in zip(names, before, strict=True)
    )
    if not same:
        names.clear()
        names.update(before)


def _put_into_slot(x: Any, name: str, value: Any) -> None:
    # Of `object`: a frozen dataclass lets nobody set its own.
    if value is not _MISSING:
        object.__setattr__(x, name, value)
    elif hasattr(x, name):
        object.__delattr__(x, name)


def _describes(x: Any) -> bool:
    """Whether it only tells a class how to give an attribute."""
    return _is_opaque(type(x)) and hasattr(type(x), "__get__") and content(x) is None


def _is_plain(name: str) -> bool:
    return not (name.startswith("__") and name.endswith("__")) and name != "_abc_impl"


def _once_a_class(function: Callable[[type], T]) -> Callable[[type], T]:
    """Remember what a function says of a class for as long as there is that class."""
    known: weakref.WeakKeyDictionary[type, T] = weakref.WeakKeyDictionary()

    def found(kind: type) -> T:
        if kind not in known:
            known[kind] = function(kind)
        return known[kind]

    return found


@_once_a_class
def _slots(kind: type) -> tuple[str, ...]:
    """Name what an object holds beside `__dict__`, for classes written in Python."""
    bases = (vars(base) for base in kind.__mro__ if "__slots__" in vars(base))
    member = types.MemberDescriptorType
    return tuple(name for held in bases for name, x in held.items() if isinstance(x, member))


@_once_a_class
def _is_opaque(kind: type) -> bool:
    """Whether an object has a memory beside its attributes: it is larger than these.

    That is how `copyreg` tells what it cannot pickle.
    """
    word = struct.calcsize("P")
    attributes = bool(kind.__dictoffset__) + bool(kind.__weakrefoffset__) + len(_slots(kind))
    larger = kind.__basicsize__ > object.__basicsize__ + word * attributes
    return (larger or kind.__itemsize__ != 0) and not issubclass(kind, CACHING)


@_once_a_class
def _is_left_alone(kind: type) -> bool:
    if issubclass(kind, CONSTANT) or kind.__module__ == "typing":
        return True
    inside = any(_is_inside(x.__module__, AROUND) for x in kind.__mro__)
    return inside and not issubclass(kind, type | nn.Module)


def _users_classes(kind: type) -> list[type]:
    return [x for x in kind.__mro__ if _is_users(x.__module__)]


def _is_inside(module: str, packages: Iterable[str]) -> bool:
    return any(module == x or module.startswith(f"{x}.") for x in packages)


@functools.lru_cache(4096)
def _is_users(module: str) -> bool:
    """Whether a module is the user's own, and no installed package's."""
    file = getattr(sys.modules.get(module), "__file__", None)
    if file is None:
        return module == "__main__"
    folders = pathlib.Path(file).resolve().parents
    installed = any(x.name in ("site-packages", "dist-packages") for x in folders)
    return not (installed or _is_inside(module, ("nonlin",)) or _standard_library() in folders)


@functools.cache
def _standard_library() -> pathlib.Path:
    return pathlib.Path(sysconfig.get_path("stdlib")).resolve()


@functools.lru_cache(4096)
def _global_names(code: types.CodeType) -> frozenset[str]:
    """List the global names that a function and those inside it use."""
    inner = (x for x in code.co_consts if isinstance(x, types.CodeType))
    own = {str(x.argval) for x in dis.get_instructions(code) if x.opname.endswith("_GLOBAL")}
    return frozenset(own).union(*map(_global_names, inner))
