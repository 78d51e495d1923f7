"""Running a model so that nothing of it, and nothing around it, is changed."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from torch.func import functional_call

from nonlin.messages import language, text
from nonlin.torch.measuring.contents import Contents, listed
from nonlin.torch.measuring.held import copy_on_write
from nonlin.torch.measuring.keeping import random_states_kept
from nonlin.torch.measuring.settings import plain_settings

T = TypeVar("T")
LOCKS = ("_thread.lock", "_thread.RLock")
Leaves = dict[str, Tensor]


class _Running(nn.Module):
    """A model as a part, so that what is done with it is a call of a module."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, body: Callable[[], Any]) -> Any:
        return body()


def run_apart(
    model: nn.Module, body: Callable[[Leaves, Contents], T], others: Mapping[str, Any]
) -> T:
    """Call a function while the model works with other tensors in its parameters' place.

    Parameters and buffers are copies: a `forward` may write into both, as an Embedding with a
    `max_norm` does. Afterwards everything that the model and the others can reach holds what it
    held, and every random state and the settings of torch are what they were.

    Parameters
    ----------
    model : nn.Module
    body : callable
        Takes the parameters' copies, leaves of the graph, by their names, and what is kept.
    others : mapping of str to object
        What takes part beside the model, such as a loss and a loader.
    """
    with random_states_kept(devices(model)), plain_settings():
        parameters = dict(model.named_parameters())
        leaves = {
            n: copy_on_write(x).requires_grad_(x.requires_grad) for n, x in parameters.items()
        }
        buffers = {name: copy_on_write(buffer) for name, buffer in model.named_buffers()}
        contents = Contents(
            model.modules(), {id(x): leaves[name] for name, x in parameters.items()}
        )
        contents.add("model", model)
        for name, other in others.items():
            contents.add(name, other, data=name == "inputs")
        _warn(contents.unkept)
        held = {f"model.{name}": x for name, x in (leaves | buffers).items()}
        called = _with_flat_weights(model, lambda: body(leaves, contents))
        with put_back(contents):
            result: T = functional_call(_Running(model), held, (called,))
    return result


def _warn(unkept: Mapping[str, str]) -> None:
    """Say what will not be put back, before anything runs; a lock that is taken is given back."""
    moving = {way: kind for way, kind in unkept.items() if kind not in LOCKS}
    if moving:
        warnings.warn(
            text("doctor.note.unkept", language(None), objects=listed(moving)), stacklevel=5
        )


@contextmanager
def put_back(contents: Contents) -> Iterator[None]:
    """Put contents back at the end."""
    try:
        yield
    finally:
        contents.restore()


def devices(model: nn.Module) -> set[torch.device]:
    """List the devices that hold the model."""
    return {x.device for x in (*model.parameters(), *model.buffers())}


def _with_flat_weights(model: nn.Module, body: Callable[[], T]) -> Callable[[], T]:
    """Give recurrent modules, which keep a second list of their weights, that of the copies."""

    def called() -> T:
        for module in model.modules():
            if isinstance(module, nn.RNNBase):
                names = module._flat_weights_names
                module._flat_weights = [getattr(module, name) for name in names]
        return body()

    return called
