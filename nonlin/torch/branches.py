"""Residual branches: what an addition puts beside a stream that goes past it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from nonlin.torch.reading import Step

# What keeps a sum of layers linear, as that of a weight and its adapter.
LINEAR = ("layer", "addition", "dropout")


@dataclass(frozen=True)
class Branch:
    """A residual branch.

    Attributes
    ----------
    addition : int
        The step that ends it.
    stream : int
        The step that made the other operand, which went past it.
    steps : frozenset of int
        Those on it and not on the stream.
    bends : bool
        Whether it is more than layers alone; a sum of those is no stream.
    """

    addition: int
    stream: int
    steps: frozenset[int]
    bends: bool


def branches(steps: Sequence[Step]) -> tuple[Branch, ...]:
    """Find the residual branches, in the order of the additions that end them.

    Both operands come from one step, and the one with more layers on its own way is the branch. It
    is none where the other has an activation of its own, as one of two heads does that are added;
    where one layer lies on both ways, which is a recurrence; and where losses are added.
    """
    # What a step depends on, itself included, and the steps of each layer: a bit a step.
    ways: dict[int, int] = {}
    layers: dict[str, int] = {}
    bent = lost = 0
    found = []
    for place, step in enumerate(steps):
        own = 1 << place
        way = own
        for source in step.sources:
            way |= ways.get(source, 0)
        ways[place] = way
        if step.kind == "layer":
            layers[step.name] = layers.get(step.name, 0) | own
        bent |= own if step.kind == "activation" else 0
        lost |= own if step.kind == "loss" or step.in_loss else 0
        if step.kind == "addition" and len(step.sources) == 2 and not way & lost:
            one, other = step.sources
            for branch, stream in ((one, other), (other, one)):
                if own_way := _branch(ways.get(branch, 0), ways.get(stream, 0), layers, bent):
                    inside = frozenset(_bits(own_way))
                    bends = any(steps[x].kind not in LINEAR for x in inside)
                    found.append(Branch(place, stream, inside, bends))
    return tuple(found)


def _branch(branch: int, stream: int, layers: Mapping[str, int], bent: int) -> int:
    """Give the own way of an operand if it is a branch beside the other; else 0."""
    own, others = branch & ~stream, stream & ~branch
    if not branch & stream or others & bent:
        return 0
    if any(own & calls and others & calls for calls in layers.values()):
        return 0
    counts = [sum((way & calls).bit_count() for calls in layers.values()) for way in (own, others)]
    return own if counts[0] > counts[1] else 0


def _bits(number: int) -> Iterator[int]:
    while number:
        lowest = number & -number
        yield lowest.bit_length() - 1
        number ^= lowest
