"""One site while a pass runs: which calls belong to it, and what they are asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor

from nonlin.activation import Activation
from nonlin.torch.measuring.graph import Call
from nonlin.torch.measuring.layout import Layout
from nonlin.torch.measuring.slopes import SATURATED, slope, supremum
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
    calls : int
        In the first batch.
    units : UnitSums
    """

    name: str
    activation: Activation
    channels: bool
    first: Call
    units: UnitSums
    calls: int = 0

    def expect(self, z: Tensor, in_place: bool) -> None:
        """Ask for dL/dz of a call that is about to be made.

        Before the call, since one in place makes another tensor of z. If z is a view, not even that
        helps: the view is then made anew, and the one that was asked is in no graph.
        """
        if z.requires_grad and not (in_place and z._is_view()):
            z.register_hook(self.units.add_pre_gradient)  # type: ignore[no-untyped-call]

    def look(
        self,
        function: Callable[..., Any],
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        given: Tensor,
        z: Tensor,
        result: Tensor,
        layout: Layout,
    ) -> None:
        """Take a call that was made, and ask for its dL/dphi.

        Parameters
        ----------
        function, args, kwargs
            The call.
        given, z : Tensor
            The pre-activation's place among the arguments, and its value before the call.
        result : Tensor
            phi(z).
        layout : Layout
        """
        if not z.numel():
            return
        with torch.no_grad():
            found = self._slope(function, args, kwargs, given, z, result)
            self.units.add(z, result, found, layout)
        if result.requires_grad:
            slopes = None
            if given is result and given._is_view():
                slopes = result.detach().sign() if found is None else found
            take = partial(self._take_gradient, slopes, layout)
            result.register_hook(take)  # type: ignore[no-untyped-call]

    def _take_gradient(self, slopes: Tensor | None, layout: Layout, grad: Tensor) -> None:
        self.units.add_gradient(grad, layout)
        if slopes is not None:
            self.units.add_pre_gradient(grad * slopes)

    def _slope(
        self,
        function: Callable[..., Any],
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        given: Tensor,
        z: Tensor,
        result: Tensor,
    ) -> Tensor | None:
        # PyTorch's derivative of relu is 1 where the result is above 0: the result's sign.
        if self.activation.name == "relu":
            return None
        # Another call would draw other slopes, and other numbers for what comes after.
        if "rrelu" in getattr(function, "__name__", ""):
            return torch.where(z > 0, torch.ones_like(z), result / z)
        return slope(function, args, kwargs, given, z)


def site_sums(
    name: str, activation: Activation, first: Call, layout: Layout, device: torch.device
) -> SiteSums:
    """Begin a site."""
    threshold = SATURATED * supremum(activation)
    sums = UnitSums(layout, threshold, device)
    return SiteSums(name, activation, layout.channels, first, sums)
