"""Finds and exchanges modules of a model."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from nonlin.torch.exam import Case

NORMALIZATIONS = (nn.modules.batchnorm._BatchNorm, nn.LayerNorm, nn.GroupNorm)


def find(model: nn.Module, name: str) -> nn.Module | None:
    """Give the module of a name; None if there is none, or it has a name that is no module's."""
    try:
        return model.get_submodule(name.partition(":")[0].partition("#")[0])
    except AttributeError:
        return None


def exchange(model: nn.Module, name: str, new: nn.Module) -> None:
    """Put another module in the place of the one with a name."""
    parent, _, own = name.rpartition(".")
    setattr(model.get_submodule(parent), own, new)


def first_batch(case: Case) -> tuple[Any, Any]:
    """Give one batch of the inputs and targets of a case."""
    if case.targets is None and not isinstance(case.inputs, Tensor | tuple | dict):
        inputs, targets = next(iter(case.inputs))
        return inputs, targets
    return case.inputs, case.targets


def run(model: nn.Module, inputs: Any) -> Any:
    """Call the model with its argument, its arguments or its named arguments."""
    if isinstance(inputs, dict):
        return model(**inputs)
    return model(*inputs) if isinstance(inputs, tuple) else model(inputs)


def in_order(case: Case) -> list[str]:
    """List the modules without children in the order in which a pass calls them."""
    called: list[str] = []
    handles = [
        module.register_forward_pre_hook(lambda *_, name=name: called.append(name))
        for name, module in case.model.named_modules()
        if not list(module.children())
    ]
    buffers = {name: x.clone() for name, x in case.model.named_buffers()}
    try:
        with torch.no_grad(), torch.random.fork_rng():
            run(case.model, first_batch(case)[0])
    finally:
        for handle in handles:
            handle.remove()
        for name, x in case.model.named_buffers():
            x.copy_(buffers[name])
    return called


def normalization_behind(case: Case, layer: str) -> str | None:
    """Name the first normalisation that is called after a layer."""
    called = in_order(case)
    behind = called[called.index(layer) + 1 :] if layer in called else []
    modules = dict(case.model.named_modules())
    return next((x for x in behind if isinstance(modules[x], NORMALIZATIONS)), None)


def last_called(case: Case, kinds: tuple[type[nn.Module], ...]) -> str | None:
    """Name the last module of a kind in a pass."""
    modules = dict(case.model.named_modules())
    return next((x for x in reversed(in_order(case)) if isinstance(modules[x], kinds)), None)
