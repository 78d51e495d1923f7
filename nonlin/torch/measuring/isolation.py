"""Running a model so that nothing of it, and nothing around it, is changed."""

from __future__ import annotations

import random
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.utils.checkpoint import CheckpointFunction, checkpoint

T = TypeVar("T")
Leaves = dict[str, Tensor]


class _Running(nn.Module):
    """A model as a part, so that what is done with it is a call of a module."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, body: Callable[[], Any]) -> Any:
        return body()


def run_apart(model: nn.Module, body: Callable[[Leaves], T]) -> T:
    """Call a function while the model works with other tensors in its parameters' place.

    Parameters and buffers are copies: a `forward` may write into both, as an Embedding with a
    `max_norm` does. Afterwards the model's attributes, every random state and the settings of torch
    are what they were.

    Parameters
    ----------
    model : nn.Module
    body : callable
        Takes the parameters' copies, leaves of the graph, by their names.
    """
    with _attributes_kept(model), _random_states_kept(devices(model)), _plain_settings():
        leaves = {
            name: parameter.detach().clone().requires_grad_(parameter.requires_grad)
            for name, parameter in model.named_parameters()
        }
        buffers = {name: buffer.detach().clone() for name, buffer in model.named_buffers()}
        held = {f"model.{name}": x for name, x in (leaves | buffers).items()}
        result: T = functional_call(
            _Running(model), held, (lambda: _with_flat_weights(model, leaves, body),)
        )
    return result


def devices(model: nn.Module) -> set[torch.device]:
    """List the devices that hold the model."""
    return {x.device for x in (*model.parameters(), *model.buffers())}


def _with_flat_weights(model: nn.Module, leaves: Leaves, body: Callable[[Leaves], T]) -> T:
    # Recurrent modules keep a second list of their weights.
    for module in model.modules():
        if isinstance(module, nn.RNNBase):
            module._flat_weights = [getattr(module, name) for name in module._flat_weights_names]
    return body(leaves)


@contextmanager
def _attributes_kept(model: nn.Module) -> Iterator[None]:
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
def _random_states_kept(used: set[torch.device]) -> Iterator[None]:
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
def _checkpoints_with_hooks() -> Iterator[None]:
    """Let gradient checkpointing keep the graph's hooks, which its reentrant form loses."""

    def apply(function: Callable[..., Any], preserve: bool, *args: Any) -> Any:
        # The reentrant form passes no gradient where none of its arguments asks for one.
        if not any(isinstance(x, Tensor) and x.requires_grad for x in args):
            with torch.no_grad():
                return function(*args)
        return checkpoint(function, *args, use_reentrant=False, preserve_rng_state=preserve)

    CheckpointFunction.apply = apply  # type: ignore[method-assign]
    try:
        yield
    finally:
        del CheckpointFunction.apply


@contextmanager
def gradients_kept(loss: Tensor, leaves: Leaves) -> Iterator[None]:
    """Keep the `.grad` of tensors that the model uses though they are none of its parameters."""
    own = {id(x) for x in leaves.values()}
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


@contextmanager
def _plain_settings() -> Iterator[None]:
    """Run with gradients, without compiled code, fused fast paths or cached casts."""
    fast = torch.backends.mha.get_fastpath_enabled()
    cached = torch.is_autocast_cache_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    # The cache of casts would keep the leaves alive until the user's autocast ends.
    torch.set_autocast_cache_enabled(False)
    try:
        with ExitStack() as stack:
            stack.enter_context(_checkpoints_with_hooks())
            stack.enter_context(torch.inference_mode(False))
            stack.enter_context(torch.enable_grad())
            if "torch._dynamo" in sys.modules:
                stack.enter_context(torch.compiler.set_stance("force_eager"))
            yield
    finally:
        torch.backends.mha.set_fastpath_enabled(fast)
        torch.set_autocast_cache_enabled(cached)
