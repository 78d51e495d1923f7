"""One pass through a model, written down: which call made each tensor, out of which."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from nonlin.activation import Activation
from nonlin.torch.names import of_call


@dataclass(eq=False)
class Node:
    """One call that made a tensor.

    Attributes
    ----------
    name : str
        Of the function that was called.
    layer : nn.Module or None
        The Linear or Conv whose weight it used.
    activation : Activation or None
        The one that it applied.
    sources, consumers : list of Node
        What made its arguments, and what used its result.
    """

    name: str
    layer: nn.Module | None = None
    activation: Activation | None = None
    sources: list[Node] = field(default_factory=list)
    consumers: list[Node] = field(default_factory=list)


class Recorder(TorchFunctionMode):
    """Writes down every call of a torch function while it is active."""

    def __init__(self, layers: Sequence[nn.Module]) -> None:
        super().__init__()
        self.layers = {id(layer.weight): layer for layer in layers}
        self.nodes: list[Node] = []
        # The tensors are kept, so that none of them gets the id of one that is gone.
        self.made: dict[int, tuple[Tensor, Node]] = {}

    def __torch_function__(
        self,
        function: Callable[..., Any],
        types: Any,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Call the function and remember what went in and came out."""
        kwargs = kwargs or {}
        given = list(_tensors([*args, *kwargs.values()]))
        sources = self._sources(given)
        result = function(*args, **kwargs)
        found = list(_tensors([result]))
        layer = next((self.layers[id(x)] for x in given if id(x) in self.layers), None)
        if found and (sources or layer is not None):
            name = getattr(function, "__name__", "")
            node = Node(name, layer, of_call(function, args, kwargs), sources)
            self._add(node, found)
        return result

    def begin(self, tensors: Sequence[Tensor]) -> None:
        """Take tensors as the model's inputs."""
        self._add(Node("input"), tensors)

    def _sources(self, given: Sequence[Tensor]) -> list[Node]:
        known = [self.made[id(x)][1] for x in given if id(x) in self.made]
        return list(dict.fromkeys(known))

    def _add(self, node: Node, tensors: Sequence[Tensor]) -> None:
        self.nodes.append(node)
        for source in node.sources:
            source.consumers.append(node)
        self.made |= {id(x): (x, node) for x in tensors}


def trace(model: nn.Module, inputs: Any, layers: Sequence[nn.Module]) -> list[Node]:
    """Run the model once, as for evaluation, and list the calls in their order.

    Parameters
    ----------
    model : nn.Module
        Its parameters, buffers, mode and torch's random state are afterwards what they were.
    inputs : Tensor, or tuple or dict of arguments
    layers : list of Linear and Conv modules
        To be recognised by their weights.

    Returns
    -------
    list of Node
        The inputs first.
    """
    args = inputs if isinstance(inputs, tuple) else () if isinstance(inputs, dict) else (inputs,)
    kwargs = inputs if isinstance(inputs, dict) else {}
    recorder = Recorder(layers)
    recorder.begin(list(_tensors([*args, *kwargs.values()])))
    with _evaluating(model), torch.random.fork_rng(), torch.no_grad(), recorder:
        model(*args, **kwargs)
    return recorder.nodes


@contextmanager
def _evaluating(model: nn.Module) -> Iterator[None]:
    before = {module: module.training for module in model.modules()}
    model.eval()
    try:
        yield
    finally:
        for module, training in before.items():
            module.training = training


def _tensors(values: Any) -> Iterator[Tensor]:
    for value in values:
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, list | tuple):
            yield from _tensors(value)
        elif isinstance(value, dict):
            yield from _tensors(value.values())
