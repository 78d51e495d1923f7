"""All sites and layers of a model while passes run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from nonlin.activation import Activation
from nonlin.torch.measuring.graph import Call
from nonlin.torch.measuring.invocation import Invocation
from nonlin.torch.measuring.layers import LayerSums
from nonlin.torch.measuring.layout import layout
from nonlin.torch.measuring.objective import Objective, ignored_label
from nonlin.torch.measuring.places import written_at
from nonlin.torch.measuring.seen import Seen, check, reason
from nonlin.torch.measuring.sites import SiteSums
from nonlin.torch.measuring.slopes import threshold
from nonlin.torch.measuring.subject import own_name
from nonlin.torch.measuring.units import UnitSums
from nonlin.torch.measuring.weights import KINDS, fan_in
from nonlin.torch.names import of_module

# What is told of a call once it was made: the call, the pre-activation in it, its value before, and
# the result.
Look = Callable[[Invocation, Tensor, Tensor, Tensor], None]


class Observation:
    """What has been seen so far, in the order of the first calls.

    Parameters
    ----------
    custom : mapping of module to Activation
        The modules that are activations by the user's word.
    """

    def __init__(self, custom: Mapping[nn.Module, Activation]) -> None:
        self.sites: dict[Any, SiteSums] = {}
        self.layers: dict[str, LayerSums] = {}
        self.objective: Objective | None = None
        self.batches = 0
        self.seen = Seen()
        self._custom = custom
        self._batch: int | None = None
        self._taken: dict[str, int] = {}

    def begin_batch(self, size: int | None) -> None:
        """Take what follows as a pass of so many samples; None if it is not known."""
        self._batch = size
        self.batches += 1

    def forget_gradients(self) -> None:
        """Begin the backward pass again."""
        for x in self._all():
            x.forget_gradients()

    def end_batch(self, scale: float) -> None:
        """Close a pass whose loss was multiplied by a scale."""
        for x in self._all():
            try:
                x.end_batch(scale)
            except Exception as error:
                self.give_up(x.name, error)

    def checksum(self, device: torch.device) -> Tensor:
        """Add everything up: the result is finite where everything is."""
        sites, layers = self.measured()
        found = [x.units.sums.sum().to(device) for x in sites]
        found += [x.sums.sum().to(device) for x in layers]
        return torch.stack(found).sum() if found else torch.zeros((), device=device)

    def _all(self) -> list[SiteSums | LayerSums]:
        sites, layers = self.measured()
        return [*sites, *layers]

    def give_up(self, name: str, error: Exception) -> None:
        """Leave out a site or a layer that cannot be measured; its name and the reason are kept."""
        self.seen.unmeasured.setdefault(name, reason(error))

    def measured(self) -> tuple[list[SiteSums], list[LayerSums]]:
        """List the sites and the layers whose numbers are whole."""
        lost = self.seen.unmeasured
        sites = [x for x in self.sites.values() if x.name not in lost]
        return sites, [x for x in self.layers.values() if x.name not in lost]

    def is_activation(self, module: nn.Module) -> bool:
        """Whether a module is one activation and nothing else, so that its name is the site's."""
        return module in self._custom or of_module(module) is not None

    def site(
        self, step: Call, act: Activation, z: Tensor, place: tuple[str, Any], in_place: bool
    ) -> Look:
        """Take a call that is about to be made; the result is to be told of it afterwards.

        Calls at one place of the code behind the same layers are one site.
        """
        check(z)
        shape, behind = tuple(z.shape), list(step.sources[0].feeding)
        axes = layout(shape, self._batch, self._has_channels(shape, behind))
        key = (*place, tuple(behind), act, axes.units)
        site = self.sites.get(key)
        if site is None:
            sums = UnitSums(axes.units, threshold(act), z.device)
            name = self._free(place[0])
            failed = partial(self.give_up, name)
            site = SiteSums(name, act, axes.channels, step, sums, failed, where=written_at())
            self.sites[key] = site
        step.name = site.name
        site.calls += self.batches == 1
        site.expect(z, axes, in_place)
        return site.look

    def _has_channels(self, shape: tuple[int, ...], behind: Sequence[str]) -> bool:
        if not behind:
            return len(shape) == 4
        layer = self.layers.get(behind[-1])
        if layer is None or layer.kind != "conv" or len(shape) < 3:
            return False
        return shape[1] == layer.width or shape[-1] != layer.width

    def _free(self, name: str) -> str:
        count = self._taken[name] = self._taken.get(name, 0) + 1
        return name if count == 1 else f"{name}#{count}"

    def layer(
        self,
        call: Invocation,
        parameters: Sequence[tuple[Tensor, str]],
        result: Tensor,
        owner: str | None,
    ) -> str:
        """Take a call of a layer that was made.

        Parameters
        ----------
        call : Invocation
        parameters : sequence of (Tensor, str)
            Those among its arguments, with their names.
        result : Tensor
        owner : str or None
            The module whose own weight it is.

        Returns
        -------
        str
            The layer's name: the owner's, or else the weight's.
        """
        check(result)
        kind = KINDS[call.name]
        weights = [(x, name) for x, name in parameters if x.ndim > 1]
        width = result.shape[1 if kind == "conv" else -1]
        for x, parameter in weights if kind == "recurrent" else weights[:1]:
            name = owner or own_name(parameter)
            if name not in self.layers:
                products = fan_in(call, x)
                failed = partial(self.give_up, name)
                self.layers[name] = LayerSums(
                    name, kind, parameter, products, width, x.device, failed
                )
        first = self.layers[owner or own_name(weights[0][1])]
        first.bias = next((name for x, name in parameters if x.ndim == 1), None)
        used = {id(x) for x, _ in parameters}
        incoming = next(x for x in call.given if id(x) not in used)
        first.look(incoming, result, self._batch)
        return first.name

    def loss(self, call: Invocation) -> None:
        """Take a call of a loss that is known."""
        outputs, targets = call.argument(0, "input"), call.argument(1, "target")
        self.compare(call.name, outputs, targets, ignored_label(call))

    def compare(
        self, function: str, outputs: Tensor, targets: Any, ignored: int | None = None
    ) -> None:
        """Take what a loss compares; the first loss of a pass is the one that counts."""
        if self.objective is None:
            self.objective = Objective(function, outputs.device)
        if self.objective.function == function:
            try:
                with torch.no_grad():
                    self.objective.add(outputs, targets, ignored)
            except Exception as error:
                self.give_up(f"loss:{function}", error)
