"""One pass through a model, written down: which call made each tensor, out of which."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from nonlin.activation import Activation
from nonlin.torch.names import of_call

INPUT = "input"


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
    incoming : float
        The mean square of what came into the layer.
    sources, consumers : list of Node
        What made its arguments, and what used its result.
    """

    name: str
    layer: nn.Module | None = None
    activation: Activation | None = None
    incoming: float = math.nan
    sources: list[Node] = field(default_factory=list)
    consumers: list[Node] = field(default_factory=list)


class Recorder(TorchFunctionMode):
    """Writes down every call of a torch function while it is active.

    Parameters
    ----------
    layers : list of Linear and Conv modules
    custom : mapping of module to Activation
        Modules that count as one call of an activation.
    """

    def __init__(self, layers: Sequence[nn.Module], custom: Mapping[nn.Module, Activation]) -> None:
        super().__init__()
        self.custom = custom
        self.inside: nn.Module | None = None
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
        if self.inside is not None:
            return function(*args, **kwargs)
        given = list(_tensors([*args, *kwargs.values()]))
        sources = self._sources(given)
        result = function(*args, **kwargs)
        found = list(_tensors([result]))
        layer = next((self.layers[id(x)] for x in given if id(x) in self.layers), None)
        if found and (sources or layer is not None):
            name = getattr(function, "__name__", "")
            incoming = math.nan if layer is None else _mean_square(given, layer)
            node = Node(name, layer, of_call(function, args, kwargs), incoming, sources)
            self._add(node, found)
        return result

    @contextmanager
    def watch(self) -> Iterator[None]:
        """Take the custom modules as one call each, by hooks that are gone afterwards."""
        with ExitStack() as stack:
            for module in self.custom:
                stack.enter_context(module.register_forward_pre_hook(self._enter))
                leave = module.register_forward_hook(self._leave, always_call=True)
                stack.enter_context(leave)
            yield

    def _enter(self, module: nn.Module, args: Any) -> None:
        self.inside = self.inside or module

    def _leave(self, module: nn.Module, args: Any, result: Any) -> None:
        if self.inside is not module:
            return
        self.inside = None
        sources, found = self._sources(list(_tensors(args))), list(_tensors([result]))
        if sources and found:
            node = Node(type(module).__name__, None, self.custom[module], sources=sources)
            self._add(node, found)

    def begin(self, tensors: Sequence[Tensor]) -> None:
        """Take tensors as the model's inputs."""
        self._add(Node(INPUT), tensors)

    def _sources(self, given: Sequence[Tensor]) -> list[Node]:
        known = [self.made[id(x)][1] for x in given if id(x) in self.made]
        return list(dict.fromkeys(known))

    def _add(self, node: Node, tensors: Sequence[Tensor]) -> None:
        self.nodes.append(node)
        for source in node.sources:
            source.consumers.append(node)
        self.made |= {id(x): (x, node) for x in tensors}


def trace(
    model: nn.Module,
    inputs: Any,
    layers: Sequence[nn.Module],
    custom: Mapping[nn.Module, Activation],
) -> list[Node]:
    """Run the model once, as for evaluation, and list the calls in their order.

    Parameters
    ----------
    model : nn.Module
        Its parameters, buffers, mode and torch's random state are afterwards what they were.
    inputs : Tensor, or tuple or mapping of arguments
    layers : list of Linear and Conv modules
        To be recognised by their weights.
    custom : mapping of module to Activation
        Activations of the user's own.

    Returns
    -------
    list of Node
        The inputs first.
    """
    named = isinstance(inputs, Mapping)
    args = inputs if isinstance(inputs, tuple) else () if named else (inputs,)
    kwargs = dict(inputs) if named else {}
    recorder = Recorder(layers, custom)
    recorder.begin(list(_tensors([*args, *kwargs.values()])))
    apart = _evaluating(model), torch.random.fork_rng(), torch.no_grad()
    with ExitStack() as stack:
        for each in (*apart, recorder.watch(), recorder):
            stack.enter_context(each)
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


def _mean_square(given: Sequence[Tensor], layer: nn.Module) -> float:
    """Compute E|x|^2 of what a layer is called with; NaN where that is not seen."""
    own = {id(x) for x in layer.parameters(recurse=False)}
    x = next((x for x in given if id(x) not in own), None)
    if x is None or not x.numel():
        return math.nan
    return float(x.detach().abs().to(torch.float64).square().mean())


def _tensors(values: Any) -> Iterator[Tensor]:
    for value in values:
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, list | tuple):
            yield from _tensors(value)
        elif isinstance(value, Mapping):
            yield from _tensors(value.values())
