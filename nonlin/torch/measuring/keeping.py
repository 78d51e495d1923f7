"""Putting back what a pass changes around it: attributes, random states, gradients."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn


@contextmanager
def attributes_kept(model: nn.Module) -> Iterator[None]:
    """Put back what a `forward` sets: attributes, and what lists, dicts and tensors hold."""
    kept = [(vars(module), dict(vars(module))) for module in model.modules()]
    contents = [_content(x) for _, before in kept for x in before.values()]
    try:
        yield
    finally:
        for attributes, before in kept:
            if not _same(attributes, before):
                attributes.clear()
                attributes.update(before)
        for restore in contents:
            if restore is not None:
                restore()


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return len(one) == len(other) and all(
        key in other and other[key] is value for key, value in one.items()
    )


def _content(x: Any) -> Callable[[], None] | None:
    if isinstance(x, dict):
        return _dict_content(x)
    if isinstance(x, list | deque):
        return _list_content(x)
    if isinstance(x, Tensor) and not isinstance(x, nn.Parameter):
        return _tensor_content(x)
    return None


def _dict_content(x: dict[Any, Any]) -> Callable[[], None]:
    before = dict(x)

    def restore() -> None:
        if not _same(x, before):
            x.clear()
            x.update(before)

    return restore


def _list_content(x: Any) -> Callable[[], None]:
    before = list(x)

    def restore() -> None:
        if len(x) != len(before) or any(a is not b for a, b in zip(x, before, strict=True)):
            x.clear()
            x.extend(before)

    return restore


def _tensor_content(x: Tensor) -> Callable[[], None]:
    version, before = x._version, x.detach().clone()

    def restore() -> None:
        if x._version != version:
            with torch.no_grad():
                x.copy_(before)

    return restore


@contextmanager
def random_states_kept(used: Collection[torch.device]) -> Iterator[None]:
    """Put back the states of Python's, NumPy's and torch's generators, those of devices too."""
    state, torch_state = random.getstate(), torch.get_rng_state()
    numpy_state = np.random.get_state()  # noqa: NPY002 - the global one is what a model may use
    others = [
        (getattr(torch, device.type), device)
        for device in used
        if hasattr(getattr(torch, device.type, None), "get_rng_state")
    ]
    others_before = [module.get_rng_state(device) for module, device in others]
    try:
        yield
    finally:
        random.setstate(state)
        np.random.set_state(numpy_state)  # noqa: NPY002
        torch.set_rng_state(torch_state)
        for (module, device), before in zip(others, others_before, strict=True):
            module.set_rng_state(before, device)


@contextmanager
def gradients_kept(loss: Tensor, leaves: Collection[Tensor]) -> Iterator[None]:
    """Keep the `.grad` of tensors that the model uses though they are none of its parameters."""
    own = {id(x) for x in leaves}
    strangers = [x for x in _leaves_of(loss) if id(x) not in own]
    before = [x.grad for x in strangers]
    for x in strangers:
        x.grad = None
    try:
        yield
    finally:
        for x, grad in zip(strangers, before, strict=True):
            x.grad = grad


def _leaves_of(loss: Tensor) -> Iterator[Tensor]:
    """Go through the leaves of a graph."""
    row: list[Any] = [loss.grad_fn]
    seen: set[Any] = {None}
    while row:
        node = row.pop()
        if node in seen:
            continue
        seen.add(node)
        if hasattr(node, "variable"):
            yield node.variable
        row.extend(following for following, _ in node.next_functions)
