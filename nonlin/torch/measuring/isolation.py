"""Running a model so that nothing of it, and nothing around it, is changed."""

from __future__ import annotations

import gc
import random
import sys
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.utils.checkpoint import CheckpointFunction, checkpoint

from nonlin.messages import language, text
from nonlin.torch.measuring.contents import Contents, listed
from nonlin.torch.measuring.held import copy_on_write


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


@contextmanager
def plain_settings() -> Iterator[None]:
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
