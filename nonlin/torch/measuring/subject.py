"""The model behind what a user trains: without the compiler's and the process group's wrappers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import nn
from torch.nn.parallel import DistributedDataParallel
from torch.nn.parameter import is_lazy

from nonlin.activation import Activation

# Layers that keep their weights in a list of their own when they are scripted.
SCRIPTED = ("RNN", "LSTM", "GRU")

# Of a normalisation; fewer are what people run to look at a model.
BATCHES = 10


def unwrapped(model: Any) -> tuple[nn.Module, Any]:
    """Find the model itself, and the process group that trains it.

    Returns
    -------
    (Module, process group or None)

    Raises
    ------
    TypeError
        If it is no module.
    ValueError
        If it has parameters without values yet, or none that is trained, or a recurrent layer of
        TorchScript.
    """
    group = None
    while True:
        if isinstance(model, DistributedDataParallel):
            group, model = model.process_group, model.module
        elif isinstance(model, nn.DataParallel):
            model = model.module
        elif isinstance(getattr(model, "_orig_mod", None), nn.Module):
            model = model._orig_mod
        else:
            break
    if not isinstance(model, nn.Module):
        raise TypeError(f"model: expected a torch.nn.Module, got {type(model).__name__}")
    for name, parameter in model.named_parameters():
        if is_lazy(parameter):
            raise ValueError(f"model: {name!r} has no values yet: run the model on a batch first")
        if parameter.is_meta:
            raise ValueError(
                f"model: {name!r} is on the meta device, which holds no numbers: load the weights "
                f"first, as by to_empty() and load_state_dict()"
            )
    for name, module in model.named_modules():
        if isinstance(module, torch.jit.ScriptModule) and module.original_name in SCRIPTED:
            raise ValueError(
                f"model: {name or 'it'!r} is a scripted {module.original_name}, whose weights "
                f"cannot be exchanged for copies: give the module that torch.jit was given"
            )
    if not any(parameter.requires_grad for parameter in model.parameters()):
        raise ValueError("model: none of its parameters requires a gradient, so nothing is trained")
    return model, group


def module_names(model: nn.Module) -> dict[nn.Module, str]:
    """Name the modules as in `named_modules`, as if none of them were compiled."""
    return {
        module: plain(name)
        for name, module in model.named_modules()
        if not isinstance(getattr(module, "_orig_mod", None), nn.Module)
    }


def plain(name: str) -> str:
    """Leave out of a name what the compiler put into it."""
    return ".".join(part for part in name.split(".") if part != "_orig_mod")


def own_name(parameter: str) -> str:
    """Name a layer after its weight: the module's name where that is its `weight`."""
    # Keras names its variables by paths.
    path = parameter.rpartition("_torch_params.")[2].removesuffix("/kernel")
    return plain(path.removesuffix(".weight").partition(".parametrizations.")[0])


def custom_activations(
    names: Mapping[nn.Module, str], activations: Mapping[Any, Activation] | None
) -> dict[nn.Module, Activation]:
    """Find the modules that a user says are activations.

    Parameters
    ----------
    names : mapping of module to str
    activations : mapping of class or str to Activation, optional

    Raises
    ------
    TypeError
        If a key is neither a class of modules nor a name, or a value no Activation.
    ValueError
        If a name is no module's.
    """
    found: dict[nn.Module, Activation] = {}
    for key, activation in (activations or {}).items():
        if not isinstance(activation, Activation):
            raise TypeError(
                f"activations: expected an Activation such as nl.relu for {key!r}, "
                f"got {activation!r}"
            )
        if isinstance(key, type) and issubclass(key, nn.Module):
            chosen = [module for module in names if isinstance(module, key)]
        elif isinstance(key, str):
            chosen = [module for module, name in names.items() if name == key]
            if not chosen:
                raise ValueError(f"activations: the model has no module {key!r}")
        else:
            raise TypeError(f"activations: expected a class of modules or a name, got {key!r}")
        found.update(dict.fromkeys(chosen, activation))
    return found


def surroundings(model: nn.Module) -> dict[str, str | bool]:
    """Say under what conditions the model is measured."""
    first = next(model.parameters())
    dtypes = dict.fromkeys(str(p.dtype).removeprefix("torch.") for p in model.parameters())
    kind = first.device.type
    return {
        "model": type(model).__name__,
        "torch": torch.__version__.partition("+")[0],
        "device": kind,
        "dtype": ", ".join(dtypes),
        "training": model.training,
        "autocast": str(torch.get_autocast_dtype(kind)).removeprefix("torch.")
        if torch.is_autocast_enabled(kind)
        else "",
    }


def has_begun(model: nn.Module, optimizers: Iterable[Any]) -> bool:
    """Tell whether an optimizer remembers a step, or a normalisation some batches."""
    counts = (x for name, x in model.named_buffers() if name.endswith("num_batches_tracked"))
    return any(map(has_stepped, optimizers)) or any(int(x) >= BATCHES for x in counts)


def has_stepped(optimizer: Any) -> bool:
    """Tell whether an optimizer remembers a step; some make their state before the first one."""
    # What only wraps an optimizer may have no state of its own.
    state = getattr(optimizer, "state", {})
    return any(float(x.get("step", 1)) > 0 for x in state.values() if x)
