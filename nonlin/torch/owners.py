"""Which layers' weights are their own, to be drawn anew, and why the others' are not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from torch import Tensor, nn


class Reason(NamedTuple):
    """A sentence of the messages under "initialize", and what stands in it."""

    key: str
    fields: tuple[tuple[str, str], ...] = ()


class Held(NamedTuple):
    """A tensor that a module holds, and where its numbers lie."""

    module: nn.Module
    tensor: Tensor
    start: int
    end: int


class Owners:
    """The tensors of a model, by the memory that they lie in.

    Parameters
    ----------
    model : nn.Module
    """

    def __init__(self, model: nn.Module) -> None:
        self.names: dict[nn.Module, str] = {}
        self._held: dict[Any, list[Held]] = {}
        for name, module in model.named_modules():
            self.names[module] = name or type(module).__name__
            for tensor in _tensors(module):
                place, held = _place(module, tensor)
                self._held.setdefault(place, []).append(held)

    def others(self, module: nn.Module, tensor: Tensor) -> list[Held]:
        """List what other modules hold of a tensor's numbers, be it through a view."""
        place, own = _place(module, tensor)
        return [
            held
            for held in self._held.get(place, [])
            if held.module is not module and held.start < own.end and own.start < held.end
        ]


def _tensors(module: nn.Module) -> list[Tensor]:
    own = (*module._parameters.values(), *module._buffers.values(), *vars(module).values())
    return [x for x in own if isinstance(x, Tensor)]


def _place(module: nn.Module, tensor: Tensor) -> tuple[Any, Held]:
    """Find the storage and the bytes of it; the tensor itself stands for one without memory."""
    try:
        memory, start = tensor.untyped_storage().data_ptr(), tensor.data_ptr()
    except (RuntimeError, NotImplementedError):
        memory = start = 0
    if not memory or not tensor.numel():
        return id(tensor), Held(module, tensor, 0, 1)
    steps = zip(tensor.shape, tensor.stride(), strict=True)
    reach = sum((size - 1) * stride for size, stride in steps) + 1
    return (tensor.device, memory), Held(
        module, tensor, start, start + reach * tensor.element_size()
    )


def unfit(model: nn.Module, layers: Mapping[nn.Module, str]) -> dict[nn.Module, Reason]:
    """Say of each layer whose weight is not to be drawn why.

    Of several layers that share a weight with one another and with nothing else, the first is
    drawn.

    Parameters
    ----------
    model : nn.Module
    layers : mapping of module to str
        The Linear and Conv modules, in the model's order, and their names.
    """
    owners, found = Owners(model), {}
    places = {layer: place for place, layer in enumerate(layers)}
    for layer in layers:
        reason = _reason(layer, places, owners)
        if reason is not None:
            found[layer] = reason
    return found


def _reason(layer: nn.Module, places: Mapping[nn.Module, int], owners: Owners) -> Reason | None:
    weight = layer._parameters.get("weight")
    if weight is None:
        return Reason("computed")
    if not (weight.is_floating_point() or weight.is_complex()):
        return Reason("packed", (("dtype", str(weight.dtype).removeprefix("torch.")),))
    others = owners.others(layer, weight)
    foreign = [
        held
        for held in others
        if held.module not in places or held.tensor is not held.module._parameters.get("weight")
    ]
    earlier = [held for held in others if places.get(held.module, len(places)) < places[layer]]
    for held in (*foreign, *earlier):
        return Reason("shared", (("other", repr(owners.names[held.module])),))
    return None if weight.requires_grad else Reason("frozen")


def own_bias(layer: nn.Module, owners: Owners) -> Tensor | None:
    """Give a layer's bias if it is trained and nothing else holds it."""
    bias = layer._parameters.get("bias")
    if bias is None or not bias.requires_grad or owners.others(layer, bias):
        return None
    return bias
