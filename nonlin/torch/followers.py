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
from typing import NamedTuple

from torch import nn

from nonlin.activation import Activation
from nonlin.torch.measuring.graph import NORMALIZATIONS
from nonlin.torch.names import of_module
from nonlin.torch.tracing import INPUT, Node

ADDITIONS = ("add", "add_", "__add__", "__iadd__", "__radd__")
PRODUCTS = ("mul", "mul_", "__mul__", "__imul__", "__rmul__")

# Calls with weights of their own, beside the layers that are initialised.
WEIGHTED = ("linear", "bilinear", "conv1d", "conv2d", "conv3d", "lstm", "gru", "rnn_tanh")
# From so many layers with the activation of the last one on, that is one of their row and not an
# output of its own.
ROW = 3

EMBEDDINGS = ("embedding", "embedding_bag")


class Follower(NamedTuple):
    """What follows a layer.

    Attributes
    ----------
    activation : Activation or None
        None if no activation does.
    ends, gates : bool
        Whether no layer comes after the activation; whether it is a factor of a product. It is then
        not one of a row of layers, see `is_single`.
    before : Activation or None
        The activation whose outputs come into the layer, and nothing else.
    incoming : float
        The mean square of what comes into the layer, where that does not depend on weights that
        are drawn: the model's inputs, or embeddings. Else NaN.
    """

    activation: Activation | None
    ends: bool = False
    before: Activation | None = None
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


def by_trace(nodes: Sequence[Node]) -> Followers:
    """Find what follows each layer that the pass went through."""
    found: Followers = {}
    for node in nodes:
        if node.layer is not None and not (node.layer in found and found[node.layer].activation):
            found[node.layer] = _follower(node)
    return found


def _follower(layer: Node) -> Follower:
    before, incoming = _before(layer)
    node = next((step for step in _walk(layer, _onwards) if step.activation), None)
    if node is None:
        return Follower(None, False, before, incoming)
    gates = any(step.name in PRODUCTS and len(step.sources) == 2 for step in node.consumers)
    ends = not any(_weighted(step) for step in _walk(node, lambda step: step.consumers))
    return Follower(node.activation, ends, before, incoming, gates)


def _before(layer: Node) -> tuple[Activation | None, float]:
    """Find what comes into a layer: one activation's outputs, or what no drawn weights made."""
    steps = [x for source in layer.sources for x in (source, *_walk(source, _backwards))]
    ways = [step for step in steps if not _backwards(step)]
    acts = {step.activation for step in ways}
    if all(step.name in (INPUT, *EMBEDDINGS) and step.layer is None for step in ways):
        return None, layer.incoming
    return (acts.pop() if len(acts) == 1 else None), math.nan


def _backwards(node: Node) -> list[Node]:
    ends = node.activation or _weighted(node) or node.name in (*NORMALIZATIONS, *EMBEDDINGS)
    return [] if ends else node.sources


def _onwards(node: Node) -> list[Node]:
    return [] if node.activation else [step for step in node.consumers if not _weighted(step)]


def _weighted(node: Node) -> bool:
    return node.layer is not None or node.name in WEIGHTED


def _walk(node: Node, steps: Callable[[Node], Sequence[Node]]) -> Iterator[Node]:
    """Go through what can be reached from a node, itself left out, nearest first."""
    seen = {node}
    row = [node]
    while row:
        row = list(dict.fromkeys(x for before in row for x in steps(before) if x not in seen))
        seen.update(row)
        yield from row


def embedding_layers(nodes: Sequence[Node]) -> set[nn.Module]:
    """Find the layers whose weight is looked up as an embedding, too."""
    return {node.layer for node in nodes if node.layer is not None and node.name in EMBEDDINGS}


def branch_ends(nodes: Sequence[Node]) -> list[list[nn.Module]]:
    """List, for each residual addition, the layers with which its branch ends."""
    found = (_branch_end(node) for node in nodes if node.name in ADDITIONS)
    return [layers for layers in found if layers]


def _branch_end(node: Node) -> list[nn.Module]:
    if len(node.sources) != 2:
        return []
    one, other = node.sources
    ways = [{x, *_walk(x, lambda step: step.sources)} for x in (one, other)]
    shared = ways[0] & ways[1]
    if not shared:
        return []
    own = [sum(x.layer is not None for x in way - shared) for way in ways]
    if own[0] == own[1]:
        return []
    return _last_layers(one if own[0] > own[1] else other, shared)


def _last_layers(end: Node, shared: set[Node]) -> list[nn.Module]:
    if end.layer is not None:
        return [end.layer]

    def back(step: Node) -> list[Node]:
        return [] if step.layer is not None else [x for x in step.sources if x not in shared]

    return [step.layer for step in _walk(end, back) if step.layer is not None]
