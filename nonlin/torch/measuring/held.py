"""Models that hold their parameters in another way: spread over ranks, or as Keras' variables.

While a model is measured it works with plain tensors in its parameters' place. Parameters that are
spread over ranks (DTensor: tensor parallel, FSDP2) are gathered, and the hooks that would gather
them, or spread what comes in, are set aside: each rank then runs the whole model. Keras asks its
variables, not its modules, so they are told what to answer.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import torch
from torch import Tensor, nn

SPREADING = "torch.distributed."


def whole(x: Tensor) -> Tensor:
    """Copy a tensor, and gather it first if it is spread over ranks."""
    return (x.full_tensor() if is_spread(x) else x).detach().clone()  # type: ignore[attr-defined]


def copy_on_write(x: Tensor) -> Tensor:
    """Copy a tensor as `whole` does; the memory is copied when either is written into.

    On accelerators it is copied at once: a recorded graph of theirs writes to addresses, and is not
    told of such a copy.
    """
    if type(x) in (Tensor, nn.Parameter) and x.is_cpu and x.layout == torch.strided:
        # Memory that is not torch's own, as of an array or a file, cannot be shared so.
        with suppress(AttributeError, RuntimeError):
            made: Tensor = torch._lazy_clone(x.detach())
            return made
    return whole(x)


def is_spread(x: Tensor) -> bool:
    """Whether each rank has a part of a tensor."""
    return hasattr(x, "full_tensor") and hasattr(x, "device_mesh")


def spread_as(x: Tensor, pattern: Tensor) -> Tensor:
    """Spread a whole tensor over the ranks as another one is."""
    if not is_spread(pattern) or is_spread(x):
        return x
    from torch.distributed.tensor import distribute_tensor

    found: Any = pattern
    # Each rank has the whole of it, so nothing has to be sent.
    spread: Tensor = distribute_tensor(x, found.device_mesh, found.placements, src_data_rank=None)
    return spread


def data_group(model: nn.Module) -> Any:
    """Find the ranks that train a fully sharded model, each on its own data; None if it is none."""
    if "torch.distributed.fsdp" not in sys.modules:
        return None
    from torch.distributed.fsdp import FSDPModule

    sharded = [module for module in model.modules() if isinstance(module, FSDPModule)]
    meshes = [mesh for module in sharded if (mesh := _data_mesh(module)) is not None]
    if not meshes:
        return None
    mesh = meshes[0]
    return mesh.get_group() if mesh.ndim == 1 else mesh._flatten().get_group()


def _data_mesh(module: Any) -> Any:
    state = module._get_fsdp_state()
    groups = getattr(state, "_fsdp_param_groups", None) or [state._fsdp_param_group]
    return next((group.mesh_info.mesh for group in groups if group is not None), None)


@contextmanager
def held_plainly(
    model: nn.Module, parameters: Mapping[str, Tensor], leaves: Mapping[str, Tensor]
) -> Iterator[None]:
    """Let a model work with plain tensors in its parameters' place, whoever holds those.

    Parameters
    ----------
    model : nn.Module
    parameters, leaves : mapping of str to Tensor
        The user's, and what stands in their place.
    """
    with ExitStack() as stack:
        if any(map(is_spread, parameters.values())):
            for module in model.modules():
                for hooks in (module._forward_pre_hooks, module._forward_hooks):
                    stack.enter_context(_set_aside(hooks))
        if _is_keras(model):
            stack.enter_context(_answering(model, parameters, leaves))
        yield


@contextmanager
def _set_aside(hooks: dict[int, Any]) -> Iterator[None]:
    before = list(hooks.items())
    for key, hook in before:
        if str(getattr(hook, "__module__", "")).startswith(SPREADING):
            del hooks[key]
    try:
        yield
    finally:
        hooks.clear()
        hooks.update(before)


def _is_keras(model: nn.Module) -> bool:
    keras = sys.modules.get("keras")
    return keras is not None and any(isinstance(x, keras.Layer) for x in model.modules())


@contextmanager
def _answering(
    model: nn.Module, parameters: Mapping[str, Tensor], leaves: Mapping[str, Tensor]
) -> Iterator[None]:
    """Let Keras' variables answer with the leaves; what is assigned to them is forgotten after."""
    keras: Any = sys.modules["keras"]
    names = {id(parameter): name for name, parameter in parameters.items()}
    layers = [module for module in model.modules() if isinstance(module, keras.Layer)]
    variables = {id(x): x for layer in layers for x in layer.variables}
    known = [(x, names[id(x._value)]) for x in variables.values() if id(x._value) in names]
    with keras.StatelessScope(state_mapping=[(x, leaves[name]) for x, name in known]):
        yield
