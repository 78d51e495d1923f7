"""What was called on the way from the inputs to the loss, and what each call is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from nonlin.activation import Activation

# Losses whose outputs and targets are checked against each other, by the function's name.
LOSSES = {
    "cross_entropy": "cross_entropy",
    "cross_entropy_loss": "cross_entropy",
    "binary_cross_entropy_with_logits": "bce_with_logits",
    "binary_cross_entropy": "bce",
    "nll_loss": "nll",
    "nll_loss_nd": "nll",
    "mse_loss": "mse",
}


@dataclass(eq=False, slots=True)
class Call:
    """One call of the pass.

    Attributes
    ----------
    kind, name : str
        As in `nonlin.torch.reading.Step`.
    sources : list of Call
        What made its arguments.
    feeding : dict of str to bool
        The layers that make its result with neither a layer nor an activation between, in the
        order of their calls, and whether a normalisation stands between.
    finite : bool
        Whether its result was.
    activation : Activation or None
        Of a call of a site.
    """

    kind: str
    name: str
    sources: list[Call] = field(default_factory=list)
    feeding: dict[str, bool] = field(default_factory=dict)
    finite: bool = True
    activation: Activation | None = None


def step(kind: str, name: str, sources: Sequence[Call]) -> Call:
    """Write down a call."""
    return Call(kind, name, list(sources), _feeding(kind, name, sources))


def _feeding(kind: str, name: str, sources: Sequence[Call]) -> dict[str, bool]:
    if kind == "layer":
        return {name: False}
    found: dict[str, bool] = {}
    for source in sources:
        for layer, normalized in source.feeding.items():
            found[layer] = found.get(layer, False) or normalized or kind == "normalization"
    return found


def gated(calls: Sequence[Call]) -> set[Call]:
    """Find the calls whose result is a factor of a product."""
    return {source for call in calls if call.kind == "product" for source in call.sources}


def on_branches(calls: Sequence[Call]) -> tuple[set[Call], set[Call]]:
    """Find the calls on residual branches, and the additions that end them.

    A branch is what an addition puts beside a stream that goes past it: both operands come from one
    call, and the one with more layers on its own way is the branch. Where one layer lies on both
    ways, the addition is a recurrence and no branch.
    """
    place = {call: 1 << index for index, call in enumerate(calls)}
    # What a call's result depends on, itself included, and the calls of each layer: a bit a call.
    ways: dict[Call, int] = {}
    layers: dict[str, int] = {}
    found = linear = 0
    additions = set()
    for call in calls:
        ways[call] = place[call]
        for source in call.sources:
            ways[call] |= ways.get(source, 0)
        linear |= place[call] if call.kind in ("layer", "addition", "dropout") else 0
        if call.kind == "layer":
            layers[call.name] = layers.get(call.name, 0) | place[call]
        if call.kind == "addition" and len(call.sources) == 2:
            branch = _branch(ways[call.sources[0]], ways[call.sources[1]], layers)
            found |= branch
            # A sum of layers alone is no stream, as that of a weight and its adapter.
            if branch & ~linear:
                additions.add(call)
    return {call for call in calls if found & place[call]}, additions


def _branch(one: int, other: int, layers: Mapping[str, int]) -> int:
    if not one & other:
        return 0
    own, others = one & ~other, other & ~one
    if any(own & calls and others & calls for calls in layers.values()):
        return 0
    counts = [sum((way & calls).bit_count() for calls in layers.values()) for way in (own, others)]
    if counts[0] == counts[1]:
        return 0
    return own if counts[0] > counts[1] else others
