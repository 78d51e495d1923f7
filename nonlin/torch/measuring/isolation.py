"""Running a model so that nothing of it, and nothing around it, is changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from torch.func import functional_call

from nonlin.torch.measuring.held import whole
from nonlin.torch.measuring.keeping import attributes_kept, random_states_kept
from nonlin.torch.measuring.settings import plain_settings

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
    with attributes_kept(model), random_states_kept(devices(model)), plain_settings():
        leaves = {
            name: whole(parameter).requires_grad_(parameter.requires_grad)
            for name, parameter in model.named_parameters()
        }
        buffers = {name: whole(buffer) for name, buffer in model.named_buffers()}
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
