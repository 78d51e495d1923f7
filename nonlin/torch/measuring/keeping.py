"""Putting back what a pass changes around it: random states, gradients, the garbage collector."""

from __future__ import annotations

import gc
import random
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor


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
def garbage_left() -> Iterator[None]:
    """Leave circles of objects for later: what a pass makes is alive until its end.

    The collector would go through thousands of new objects again and again, take them for old ones,
    and so come to go through all that the program holds.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


@contextmanager
def gradients_kept(loss: Tensor, leaves: Collection[Tensor]) -> Iterator[list[Tensor]]:
    """Keep the `.grad` of tensors that the model uses though they are none of its parameters."""
    own = {id(x) for x in leaves}
    strangers = [x for x in _leaves_of(loss) if id(x) not in own]
    before = [x.grad for x in strangers]
    for x in strangers:
        x.grad = None
    try:
        yield strangers
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
