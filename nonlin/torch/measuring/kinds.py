"""How what one object holds is taken down and put back in place: a function a kind of object.

Each gives what puts it back, and the objects that it holds, by their names. The object stays the
same one, so that whoever else holds it finds it as it was.
"""

from __future__ import annotations

import array
import functools
import random
import types
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.autograd.grad_mode import _unsafe_preserve_version_counter

Restore = Callable[[], None]
Part = tuple[str, Any]
BITS = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}


class Taken(NamedTuple):
    """What puts an object's content back, and the objects in it."""

    restore: Restore | None = None
    parts: Iterable[Part] = ()


@functools.singledispatch
def content(x: Any) -> Taken | None:
    """Take down what an object holds beside its attributes; None if its kind is not known."""
    return None


@content.register
def _(x: dict) -> Taken:  # type: ignore[type-arg]
    kind: Any = OrderedDict if isinstance(x, OrderedDict) else dict
    before = list(kind.items(x))
    if not before:  # as most of the dozen for hooks that each module has
        return Taken(functools.partial(kind.clear, x))

    def restore() -> None:
        if not _same(kind.items(x), before):
            kind.clear(x)
            for key, value in before:
                kind.__setitem__(x, key, value)

    keys = (("a key", key) for key, _ in before if not isinstance(key, str | int))
    return Taken(restore, [*keys, *((f"[{key!r}]", value) for key, value in _short(before))])


def _short(items: Iterable[tuple[Any, Any]]) -> Iterator[tuple[Any, Any]]:
    """Name an entry by its key where that is a word or a number, else by its place."""
    for place, (key, value) in enumerate(items):
        yield key if isinstance(key, str | int) else place, value


def _same(found: Iterable[tuple[Any, Any]], before: list[tuple[Any, Any]]) -> bool:
    found = list(found)
    return len(found) == len(before) and all(
        a is b and x is y for (a, x), (b, y) in zip(found, before, strict=True)
    )


@content.register(list)
@content.register(deque)
def _(x: Any) -> Taken:
    before = list(x)

    def restore() -> None:
        if len(x) != len(before) or any(a is not b for a, b in zip(x, before, strict=True)):
            kind = list if isinstance(x, list) else deque
            kind.clear(x)
            kind.extend(x, before)

    return Taken(restore, _counted(before))


def _counted(values: Iterable[Any]) -> list[Part]:
    return [(f"[{place}]", value) for place, value in enumerate(values)]


@content.register(tuple)
@content.register(frozenset)
@content.register(types.MappingProxyType)
def _(x: Any) -> Taken:
    return Taken(None, _counted(x.values() if isinstance(x, types.MappingProxyType) else x))


@content.register
def _(x: set) -> Taken:  # type: ignore[type-arg]
    before, order = set.copy(x), list(x)

    def restore() -> None:
        if len(x) != len(order) or any(a is not b for a, b in zip(x, order, strict=True)):
            set.clear(x)
            set.update(x, before)

    return Taken(restore, _counted(order))


@content.register(bytearray)
@content.register(array.array)
def _(x: Any) -> Taken:
    before = x[:]

    def restore() -> None:
        x[:] = before

    return Taken(restore)


@content.register
def _(x: np.ndarray) -> Taken | None:
    if isinstance(x, np.memmap) and x.flags.writeable:
        return None
    if not x.flags.writeable:
        return Taken()
    before = np.array(x, copy=True, subok=False)

    def restore() -> None:
        np.copyto(x.view(np.ndarray), before)

    return Taken(restore, _counted(x.flat) if x.dtype.hasobject else ())


@content.register
def _(x: Tensor) -> Taken:
    if x.is_meta:
        return Taken()
    leads_back, asks, unmoved = x.grad_fn, x.requires_grad, _version(x)
    held, spread = x.data, _without_repetition(x.data)
    before = spread.clone()

    def restore() -> None:
        with torch.inference_mode(x.is_inference()), unmoved:
            if leads_back is None and x.grad_fn is not None:
                x.detach_()
            if x.is_leaf and x.requires_grad is not asks:
                x.requires_grad_(asks)
            if not _is_same_view(x.data, held):
                x.data = held
            spread.copy_(before)

    return Taken(restore)


def _version(x: Tensor) -> AbstractContextManager[Any]:
    """Keep the count of a tensor's changes: a graph of the user's may wait for its way back."""
    return nullcontext() if x.is_inference() else _unsafe_preserve_version_counter(x)


def _without_repetition(x: Tensor) -> Tensor:
    """Take an expanded axis once: nothing can be copied into one that repeats itself."""
    if x.layout is not torch.strided:
        return x
    for axis, (size, stride) in enumerate(zip(x.shape, x.stride(), strict=True)):
        if stride == 0 and size > 1:
            x = x.narrow(axis, 0, 1)
    return x


def _is_same_view(x: Tensor, held: Tensor) -> bool:
    if x.layout is not torch.strided or held.layout is not torch.strided:
        return x.layout == held.layout
    return (x.data_ptr(), x.shape, x.stride(), x.dtype) == (
        held.data_ptr(), held.shape, held.stride(), held.dtype,
    )  # fmt: skip


def copied_already(x: Tensor, copy: Tensor) -> Taken:
    """Take a tensor of which a copy is at hand, for as long as nothing writes into the copy."""
    unmoved, version = _version(x), copy._version

    def restore() -> None:
        if copy._version == version and not _same_bits(x.data, copy.detach()):
            with unmoved:
                x.data.copy_(copy.detach())

    return Taken(restore)


def _same_bits(one: Tensor, other: Tensor) -> bool:
    """Compare by bits, since NaN is other than NaN; False where that is not to be done."""
    kind = BITS.get(one.itemsize)
    if kind is None or one.shape != other.shape or one.dtype != other.dtype:
        return False
    return torch.equal(one.view(kind), other.view(kind))


@content.register
def _(x: torch.Generator) -> Taken:
    before = x.get_state()
    return Taken(lambda: _void(x.set_state(before)))


@content.register
def _(x: random.Random) -> Taken:
    if isinstance(x, random.SystemRandom):
        return Taken()
    before = x.getstate()
    return Taken(lambda: x.setstate(before))


@content.register
def _(x: np.random.Generator) -> Taken:
    return Taken(None, [(".bit_generator", x.bit_generator)])


@content.register
def _(x: np.random.BitGenerator) -> Taken:
    before = x.state

    def restore() -> None:
        x.state = before

    return Taken(restore)


@content.register
def _(x: np.random.RandomState) -> Taken:
    before = x.get_state(legacy=False)
    return Taken(lambda: x.set_state(before))


@content.register
def _(x: types.FunctionType) -> Taken:
    cells = zip(x.__code__.co_freevars, x.__closure__ or (), strict=True)
    given = [x.__defaults__, x.__kwdefaults__]
    return Taken(None, [*((f".{name}", cell) for name, cell in cells), *_counted(given)])


@content.register
def _(x: types.CellType) -> Taken:
    try:
        before = x.cell_contents
    except ValueError:
        return Taken()

    def restore() -> None:
        x.cell_contents = before

    return Taken(restore, [("", before)])


@content.register
def _(x: types.MethodType) -> Taken:
    return Taken(None, [(".__self__", x.__self__), (".__func__", x.__func__)])


@content.register
def _(x: types.BuiltinFunctionType) -> Taken:
    # A function of pybind11's, as torch's are, is bound to a description of itself.
    described = type(x.__self__).__name__.startswith(("pybind11_", "PyCapsule"))
    return Taken(None, [] if described else [(".__self__", x.__self__)])


@content.register
def _(x: torch.jit.ScriptFunction) -> Taken:  # type: ignore[type-arg]
    # A scripted function keeps nothing between its calls.
    return Taken()


@content.register
def _(x: functools.partial) -> Taken:  # type: ignore[type-arg]
    return Taken(None, [(".func", x.func), (".args", x.args), (".keywords", x.keywords)])


@content.register(staticmethod)
@content.register(classmethod)
def _(x: Any) -> Taken:
    return Taken(None, [("", x.__func__)])


@content.register
def _(x: property) -> Taken:
    return Taken(None, _counted((x.fget, x.fset)))


def _void(_: Any) -> None:
    """Give nothing back."""
