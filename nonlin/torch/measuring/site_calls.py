"""One call of a site: how its slope and its gradients are come by."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import BackwardCFunction

from nonlin.torch.trace.regions import Region, differentiating
from nonlin.torch.trace.values import Value

Take = Callable[[Tensor], None]


@dataclass(frozen=True, eq=False)
class SiteCall:
    """One call of a site.

    Attributes
    ----------
    region : Region or None
        None for a module whose inside was not looked at.
    constants : mapping of Value to Tensor
    z, y : Tensor
        The pre-activation as it was before the call, and what the call made of it.
    edge : (Node, int) or None
        Where the gradient at z comes to.
    """

    region: Region | None
    constants: Mapping[Value, Tensor]
    z: Tensor
    y: Tensor
    edge: Any

    @property
    def asks(self) -> bool:
        """Whether a gradient comes by."""
        return self.y.requires_grad

    @property
    def is_alike(self) -> bool:
        """Whether calls can be put together: nothing in them differs from element to element."""
        return self.region is not None and not self._is_custom and not self.region.wide

    @property
    def _constants(self) -> Mapping[Value, Tensor]:
        """The constants, as one element each where it is the same in all: z may be a part."""
        if not self.is_alike:
            return self.constants
        return {
            v: x.reshape(-1)[:1].reshape((1,) * x.ndim) if x.numel() > 1 else x
            for v, x in self.constants.items()
        }

    @property
    def _is_custom(self) -> bool:
        return isinstance(self.y.grad_fn, BackwardCFunction)

    def slope(self, z: Tensor) -> Tensor:
        """Differentiate it, away from the user's graph, as the user's own backward does."""
        if self.region is None or self._is_custom:
            return self._slope_in_graph()
        with differentiating():
            leaf = z.detach().requires_grad_()
            y = self.region.replay(leaf, self._constants, exactly=True)
            if not y.requires_grad:
                return torch.zeros_like(leaf)
            (found,) = torch.autograd.grad(y, leaf, torch.ones_like(y))
        return found

    def _slope_in_graph(self) -> Tensor:
        if self.y.grad_fn is None or self.edge is None:
            return torch.ones_like(self.z)
        with differentiating():
            ones = torch.ones_like(self.y)
            edge = torch.autograd.graph.GradientEdge(*self.edge)
            found = torch.autograd.grad(self.y, edge, ones, retain_graph=True, allow_unused=True)
        return torch.zeros_like(self.z) if found[0] is None else found[0]

    def ask(self, gradient: Take, pre_gradient: Take) -> Total | None:
        """Ask for dL/dphi and dL/dz of this call alone, when the backward pass comes by.

        dL/dz is what the nodes of the graph between y and z hand on to z. Where they are not to be
        found, as behind a view that was written into, it is phi'(z) dL/dphi.
        """
        entrances = self._entrances()
        slope = None if entrances or self.edge is None else self.slope(self.z)
        # No hook may keep its own tensor: what is held by the graph alone is never collected.
        shape = self.z.shape

        def hook(grad: Tensor) -> None:
            # y may be another view of what was written into.
            grad = grad.reshape(shape)
            gradient(grad)
            if slope is not None:
                pre_gradient(grad * slope)

        self.y.register_hook(hook)  # type: ignore[no-untyped-call]
        if not entrances:
            return None
        total = Total(len(entrances), pre_gradient)
        for node, place in entrances:
            node.register_hook(total.part(place))
        return total

    def _entrances(self) -> list[tuple[Any, int]]:
        """List the nodes of the graph that hand the gradient on to z, from this call alone."""
        if self.edge is None or self.edge[0] is self.y.grad_fn:
            return []
        return [
            (node, place)
            for node in _behind(self.y.grad_fn, self.edge[0])
            for place, (following, number) in enumerate(node.next_functions)
            if following is self.edge[0] and number == self.edge[1]
        ]


@dataclass(frozen=True, eq=False)
class GluCall(SiteCall):
    """The sigmoid in a gated linear unit a sigmoid(b), which is one operation of PyTorch's."""

    both: Tensor
    axis: int

    @property
    def asks(self) -> bool:
        """Whether a gradient comes by."""
        return self.both.requires_grad

    def slope(self, z: Tensor) -> Tensor:
        """Differentiate the sigmoid."""
        y = torch.sigmoid(z)
        return y * (1 - y)

    def ask(self, gradient: Take, pre_gradient: Take) -> Total | None:
        """Ask the unit's input alone: dL/db is half of its gradient, and phi'(b) dL/dphi."""
        slope = self.slope(self.z).clamp_min(torch.finfo(self.z.dtype).tiny)
        axis = self.axis

        def half(grad: Tensor) -> None:
            own = grad.chunk(2, axis)[1]
            pre_gradient(own)
            gradient(own / slope)

        if self.both.requires_grad:
            self.both.register_hook(half)  # type: ignore[no-untyped-call]
        return None


@dataclass(frozen=True, eq=False)
class MaxoutCall(SiteCall):
    """The largest of several pre-activations, each a unit that passes its value on where it is it.

    Attributes
    ----------
    pieces, largest : Tensor
        Of shape (..., pieces, ...) and (..., ...) or (..., 1, ...).
    axis : int
        The pieces'.
    made : Value
        The largest, which is in the graph only when it is used.
    """

    pieces: Tensor
    largest: Tensor
    axis: int
    made: Value

    @property
    def asks(self) -> bool:
        """Whether a gradient comes by."""
        return self.pieces.requires_grad

    def slope(self, z: Tensor) -> Tensor:
        """Give 1 where a piece is the largest, else 0."""
        largest = _beside(self.largest.detach(), self.pieces.ndim, self.axis)
        return (self.pieces.detach() == largest).to(z.dtype).reshape(z.shape)

    def ask(self, gradient: Take, pre_gradient: Take) -> Total | None:
        """Ask for the gradient behind each piece and before it."""
        shape, inner, axis = self.z.shape, self.pieces.shape, self.axis

        def hook(grad: Tensor) -> None:
            gradient(_beside(grad, len(inner), axis).expand(inner).reshape(shape))

        self.made.wanted = lambda x: x.register_hook(hook)  # type: ignore[no-untyped-call]
        self.pieces.register_hook(  # type: ignore[no-untyped-call]
            lambda grad: pre_gradient(grad.reshape(shape))
        )
        return None


def _beside(x: Tensor, axes: int, axis: int) -> Tensor:
    """Give what was taken over an axis that axis back."""
    return x if x.ndim == axes else x.unsqueeze(axis)


def _behind(first: Any, end: Any, most: int = 64) -> Iterator[Any]:
    """Go through the nodes of a graph from one on, but not beyond another."""
    row, seen = [first], {first, end}
    while row and len(seen) < most:
        node = row.pop()
        yield node
        for following, _ in node.next_functions:
            if following is not None and following not in seen:
                seen.add(following)
                row.append(following)


class Total:
    """The gradient at z, of the parts that the operations of one call hand on to it."""

    def __init__(self, count: int, take: Callable[[Tensor], None]) -> None:
        self._count, self._take = count, take
        self.clear()

    def clear(self) -> None:
        """Begin the backward pass again."""
        self._come = 0
        self._sum: Tensor | None = None

    def part(self, place: int) -> Callable[[Any, Any], None]:
        """Make the hook of a node that has z in a place of its inputs."""

        def hook(grads: tuple[Tensor | None, ...], _: Any) -> None:
            grad = grads[place]
            if grad is not None:
                self._sum = grad if self._sum is None else self._sum + grad
            self._come += 1
            if self._come == self._count and self._sum is not None:
                self._take(self._sum)
                self.clear()

        return hook
