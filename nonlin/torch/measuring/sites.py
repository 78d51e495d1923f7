"""One site while a pass runs: what its calls are asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn

from nonlin.activation import Activation
from nonlin.torch.measuring.graph import Call
from nonlin.torch.measuring.invocation import Invocation
from nonlin.torch.measuring.layout import Layout
from nonlin.torch.measuring.pile import Pile
from nonlin.torch.measuring.slopes import slope
from nonlin.torch.measuring.units import UnitSums


@dataclass(eq=False)
class SiteSums:
    """A site, with the sums over all of its calls.

    Attributes
    ----------
    name : str
    activation : Activation
    channels : bool
        Whether its units are channels.
    first : Call
        The first call of it.
    units : UnitSums
    failed : callable
        Told of what goes wrong.
    calls : int
        In the first batch.
    where : str
        The line of the model's code that makes the first call.
    """

    name: str
    activation: Activation
    channels: bool
    first: Call
    units: UnitSums
    failed: Callable[[Exception], None]
    calls: int = 0
    where: str = ""

    def __post_init__(self) -> None:
        self._layouts: dict[tuple[int, ...], Layout] = {}
        # The last call of those that are treated together: they differ in z alone.
        self._call: tuple[Invocation, Tensor] | None = None
        self._values = Pile(self._take_values, self.failed)
        self._gradients = Pile(self._take_gradients, self.failed)
        self._pre_gradients = Pile(self.units.add_pre_gradient, self.failed)

    def expect(self, z: Tensor, layout: Layout, in_place: bool) -> None:
        """Ask for dL/dz of a call that is about to be made.

        Before the call, since one in place makes another tensor of z. If z is a view, not even that
        helps: the view is then made anew, and the one that was asked is in no graph.
        """
        self._layouts[tuple(z.shape)] = layout
        if z.requires_grad and not (in_place and z._is_view()):
            z.register_hook(self._pre_gradients.add)  # type: ignore[no-untyped-call]

    def look(self, call: Invocation, given: Tensor, z: Tensor, result: Tensor) -> None:
        """Take a call that was made, and ask for its dL/dphi.

        Parameters
        ----------
        call : Invocation
        given, z : Tensor
            The pre-activation's place among the arguments, and its value before the call.
        result : Tensor
            phi(z).
        """
        if not z.numel():
            return
        self._call = call, given
        own = () if self._is_elementwise(call) else (self._slope(call, given, z, result),)
        self._values.add(z, result, *own)
        if result.requires_grad:
            take = self._gradients.add
            if given is result and given._is_view():
                take = partial(self._take_both, self._slope(call, given, z, result))
            result.register_hook(take)  # type: ignore[no-untyped-call]

    def forget_gradients(self) -> None:
        """Begin the batch's backward pass again."""
        self._gradients.clear()
        self._pre_gradients.clear()
        self.units.forget_gradients()

    def end_batch(self, scale: float) -> None:
        """Close a pass whose loss was multiplied by a scale."""
        for pile in (self._values, self._gradients, self._pre_gradients):
            pile.flush()
        self._call = None
        self.units.end_batch(scale)

    def _is_elementwise(self, call: Invocation) -> bool:
        """Whether calls can be put together: no other tensor, no module, no random slopes."""
        own = isinstance(getattr(call.function, "__self__", None), nn.Module)
        return len(call.given) == 1 and not own and "rrelu" not in call.name

    def _take_values(self, z: Tensor, y: Tensor, slopes: Tensor | None = None) -> None:
        assert self._call is not None
        # PyTorch's derivative of relu is 1 where the result is above 0: the result's sign.
        if slopes is None and self.activation.name != "relu":
            slopes = slope(*self._call, z)
        self.units.add(z, y, slopes, self._layouts[tuple(z.shape[1:])].stacked(len(z)))

    def _take_gradients(self, grad: Tensor) -> None:
        layout = self._layouts[tuple(grad.shape[1:])]
        self.units.add_gradient(grad, layout.stacked(len(grad)))

    def _take_both(self, slopes: Tensor, grad: Tensor) -> None:
        self._gradients.add(grad)
        self._pre_gradients.add(grad * slopes)

    def _slope(self, call: Invocation, given: Tensor, z: Tensor, result: Tensor) -> Tensor:
        # Another call would draw other slopes, and other numbers for what comes after.
        if "rrelu" in call.name:
            with torch.no_grad():
                return torch.where(z > 0, torch.ones_like(z), result / z)
        return slope(call, given, z)
