"""Which activation follows each layer, what comes into it, and which end a residual branch.

In a recorded pass every call that is neither a layer with weights nor an activation passes the
signal on: normalisation, pooling, reshaping, addition. What follows a layer is the first activation
on the way from it; if a layer with weights or the model's end comes first, none does.

A branch is what an addition puts beside a stream that goes past it: one of its two operands is on
the other one's way from the inputs, or both come from one call, and the longer way, in layers, is
the branch.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple

import torch
from torch import nn

from nonlin.activation import Activation
from nonlin.catalogue import get
from nonlin.catalogue.gates import GATES
from nonlin.gate import Gate
from nonlin.torch.functions import Activate
from nonlin.torch.measuring.batches import tensors
from nonlin.torch.measuring.graph import Call
from nonlin.torch.measuring.observation import Observation
from nonlin.torch.measuring.watch import Watch
from nonlin.torch.names import of_module
from nonlin.torch.trace.record import Recorder

# From so many layers with the activation of the last one on, that is one of their row and not an
# output of its own.
ROW = 3


class Follower(NamedTuple):
    """What follows a layer.

    Attributes
    ----------
    activation : Activation or None
        None if no activation does.
    ends, gates : bool
        Whether no layer comes after the activation; whether it is a factor of a product. It is then
        not one of a row of layers, see `is_single`.
    before : Activation, Gate or None
        The activation, or the gate, whose outputs come into the layer, and nothing else.
    incoming : float
        The mean square of what comes into the layer, where that does not depend on weights that
        are drawn: the model's inputs, or embeddings. Else NaN.
    """

    activation: Activation | None
    ends: bool = False
    before: Activation | Gate | None = None
    incoming: float = math.nan
    gates: bool = False

    def is_single(self, depth: int) -> bool:
        """Whether the activation is no member of a row, if it follows so many layers in all."""
        return self.gates or (self.ends and depth < ROW)


Followers = dict[nn.Module, Follower]


def by_order(
    modules: Sequence[tuple[str, nn.Module]],
    layers: Sequence[nn.Module],
    custom: Mapping[nn.Module, Activation],
) -> Followers:
    """Pair each layer with the activation module that comes after it in the model's order.

    The first layer's inputs are taken to have the mean square 1.

    Raises
    ------
    ValueError
        If a layer that is not the last one has none: the order does not tell then.
    """
    found: Followers = {}
    waiting: tuple[str, nn.Module] | None = None
    inside = "\0"
    before: Activation | None = None
    incoming = 1.0
    for name, module in modules:
        if name.startswith(inside):
            continue
        activation = custom.get(module) or of_module(module)
        if module in custom:
            inside = f"{name}."
        if module in layers:
            if waiting is not None:
                raise ValueError(
                    f"no activation module stands between {waiting[0]!r} and {name!r}: give "
                    f"inputs=, one batch for the model, to see which functions are called"
                )
            waiting = name, module
            found[module] = Follower(None, before=before, incoming=incoming)
            before, incoming = None, math.nan
        elif waiting is not None and activation is not None:
            ends = waiting[1] is layers[-1]
            found[waiting[1]] = found[waiting[1]]._replace(activation=activation, ends=ends)
            before, waiting = activation, None
        elif "Norm" in type(module).__name__:
            before = None
    return found


class Way:
    """The calls of one pass, and the layers of a model among them.

    Parameters
    ----------
    model : nn.Module
        Its parameters, buffers, mode and torch's random state are afterwards what they were.
    inputs : Tensor, or tuple or mapping of arguments
    layers : list of Linear and Conv modules
    custom : mapping of module to Activation
        Activations of the user's own.
    """

    def __init__(
        self,
        model: nn.Module,
        inputs: Any,
        layers: Sequence[nn.Module],
        custom: Mapping[nn.Module, Activation],
    ) -> None:
        self._observation = Observation()
        self.calls = _calls(model, inputs, custom, self._observation)
        names = {module: name for name, module in model.named_modules()}
        self._modules = {names[layer] or "weight": layer for layer in layers}
        self._gates = {x.call: _gate(*x.factors) for x in self._observation.gates.values()}
        self.consumers: dict[Call, list[Call]] = {}
        for call in self.calls:
            for source in call.sources:
                self.consumers.setdefault(source, []).append(call)

    def layer(self, call: Call) -> nn.Module | None:
        """Find the module of a call of a layer; None of any other."""
        return self._modules.get(call.name) if call.kind == "layer" else None

    def followers(self) -> Followers:
        """Find what follows each layer that the pass went through."""
        found: Followers = {}
        for call in self.calls:
            layer = self.layer(call)
            if layer is not None and not (layer in found and found[layer].activation):
                found[layer] = self._follower(call)
        return found

    def looked_up(self) -> set[nn.Module]:
        """Find the layers whose weight is looked up as an embedding, too."""
        looked_up = self._observation.looked_up
        return {x for name, x in self._modules.items() if name in looked_up}

    def branch_ends(self) -> list[list[nn.Module]]:
        """List, for each residual addition, the layers with which its branch ends."""
        found = (self._branch_end(x) for x in self.calls if x.kind == "addition")
        return [layers for layers in found if layers]

    def _follower(self, layer: Call) -> Follower:
        before, incoming = self._before(layer)
        act = next((x for x in _walk(layer, self._onwards) if x.activation), None)
        if act is None:
            return Follower(None, False, before, incoming)
        users = self._users(act)
        gates = any(x.kind == "product" for x in users)
        ends = not any(x.kind == "layer" for x in _walk(act, self._users))
        return Follower(act.activation, ends, before, incoming, gates)

    def _before(self, layer: Call) -> tuple[Activation | Gate | None, float]:
        """Find what comes into a layer: one function's outputs, or what no drawn weights made."""
        steps = [x for source in layer.sources for x in (source, *_walk(source, self._backwards))]
        ways = [step for step in steps if not self._backwards(step)]
        made_by = {self._gates.get(step, step.activation) for step in ways}
        if all(step.kind == "input" or self._is_embedding(step) for step in ways):
            sums = self._observation.layers[layer.name]
            known = sums.inputs > 0
            return None, float(sums.sums[0]) / sums.inputs if known else math.nan
        return (made_by.pop() if len(made_by) == 1 else None), math.nan

    def _is_embedding(self, call: Call) -> bool:
        kind = self._observation.layers[call.name].kind if call.kind == "layer" else ""
        return kind == "embedding" and self.layer(call) is None

    def _backwards(self, call: Call) -> list[Call]:
        ends = call.activation is not None or call.kind in ("layer", "normalization")
        return [] if ends or self._gates.get(call) else call.sources

    def _onwards(self, call: Call) -> list[Call]:
        return [] if call.activation else [x for x in self._users(call) if x.kind != "layer"]

    def _users(self, call: Call) -> list[Call]:
        return self.consumers.get(call, [])

    def _branch_end(self, addition: Call) -> list[nn.Module]:
        if len(addition.sources) != 2:
            return []
        one, other = addition.sources
        ways = [{x, *_walk(x, lambda step: step.sources)} for x in (one, other)]
        shared = ways[0] & ways[1]
        if not shared:
            return []
        own = [sum(self.layer(x) is not None for x in way - shared) for way in ways]
        if own[0] == own[1]:
            return []
        return self._last_layers(one if own[0] > own[1] else other, shared)

    def _last_layers(self, end: Call, shared: set[Call]) -> list[nn.Module]:
        def back(step: Call) -> list[Call]:
            stop = self.layer(step) is not None
            return [] if stop else [x for x in step.sources if x not in shared]

        found = (self.layer(x) for x in (end, *_walk(end, back)))
        return [x for x in found if x is not None]


def _gate(one: Call, other: Call) -> Gate | None:
    """Name a product of what two layers made; None where both factors are activations."""
    if one.activation is not None and other.activation is not None:
        return None
    identity = get("identity")
    phi = one.activation or other.activation or identity
    for gate in GATES.values():
        if gate.activation.name == phi.name and gate.value_activation == identity:
            return gate.bind(**phi.parameters)
    return Gate(phi)


def _walk(call: Call, steps: Callable[[Call], Sequence[Call]]) -> Iterator[Call]:
    """Go through what can be reached from a call, itself left out, nearest first."""
    seen = {call}
    row = [call]
    while row:
        row = list(dict.fromkeys(x for before in row for x in steps(before) if x not in seen))
        seen.update(row)
        yield from row


def _calls(
    model: nn.Module, inputs: Any, custom: Mapping[nn.Module, Activation], seen: Observation
) -> list[Call]:
    """Run the model once, as for evaluation, and list the calls in their order."""
    named = isinstance(inputs, Mapping)
    args = inputs if isinstance(inputs, tuple) else () if named else (inputs,)
    kwargs = dict(inputs) if named else {}
    leaves = dict(model.named_parameters())

    def declared(module: nn.Module) -> Activation | None:
        return module.activation if isinstance(module, Activate) else custom.get(module)

    watch = Watch(seen, leaves)
    names = {module: name for name, module in model.named_modules()}
    watch.recorder = recorder = Recorder(names, leaves, declared, watch)
    seen.begin_batch(None)
    recorder.begin(tensors([*args, *kwargs.values()]))
    apart = _evaluating(model), torch.random.fork_rng(), torch.no_grad()
    with ExitStack() as stack:
        for each in (*apart, recorder.watch(), recorder):
            stack.enter_context(each)
        outputs = model(*args, **kwargs)
        recorder.begin_loss(tensors([outputs]))
    seen.end_batch(1.0)
    return watch.calls


@contextmanager
def _evaluating(model: nn.Module) -> Iterator[None]:
    before = {module: module.training for module in model.modules()}
    model.eval()
    try:
        yield
    finally:
        for module, training in before.items():
            module.training = training
