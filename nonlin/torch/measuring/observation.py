"""All sites and layers of a model while passes run."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from nonlin.activation import Activation
from nonlin.torch.measuring.graph import Call
from nonlin.torch.measuring.layout import layout
from nonlin.torch.measuring.objective import Objective
from nonlin.torch.measuring.sites import SiteSums, site_sums
from nonlin.torch.measuring.subject import own_name
from nonlin.torch.measuring.units import UnitSums
from nonlin.torch.measuring.weights import KINDS, LayerSums, fan_in, of_input
from nonlin.torch.names import of_module

Look = Callable[..., None]


class Observation:
    """What has been seen so far, in the order of the first calls.

    Parameters
    ----------
    custom : collection of modules
        That are activations by the user's word.
    """

    def __init__(self, custom: Mapping[nn.Module, Activation]) -> None:
        self.sites: dict[Any, SiteSums] = {}
        self.layers: dict[str, LayerSums] = {}
        self.objective: Objective | None = None
        self.batches = 0
        self._custom = custom
        self._batch: int | None = None
        self._taken: dict[str, int] = {}
        self._inputs: dict[int, tuple[weakref.ref[Tensor], int, Tensor]] = {}

    def begin_batch(self, size: int | None) -> None:
        """Take what follows as a pass of so many samples; None if it is not known."""
        self._batch = size
        self.batches += 1

    def forget_gradients(self) -> None:
        """Begin the backward pass again."""
        for sums in self._sums():
            sums.forget_gradients()

    def end_batch(self, scale: float) -> None:
        """Close a pass whose loss was multiplied by a scale."""
        self._inputs.clear()
        for sums in self._sums():
            sums.end_batch(scale)

    def checksum(self, device: torch.device) -> Tensor:
        """Add everything up: the result is finite where everything is."""
        found = [x.sums.sum().to(device) for x in self._sums()]
        return torch.stack(found).sum() if found else torch.zeros((), device=device)

    def _sums(self) -> list[UnitSums | LayerSums]:
        return [*(site.units for site in self.sites.values()), *self.layers.values()]

    def is_activation(self, module: nn.Module) -> bool:
        """Whether a module is one activation and nothing else, so that its name is the site's."""
        return module in self._custom or of_module(module) is not None

    def site(
        self, call: Call, act: Activation, z: Tensor, place: tuple[str, Any], in_place: bool
    ) -> Look:
        """Take a call that is about to be made; the result is to be told of it afterwards.

        Calls at one place of the code behind the same layers are one site.
        """
        source = call.sources[0]
        shape = tuple(z.shape)
        axes = layout(shape, self._batch, self._has_channels(shape, list(source.feeding)))
        key = (*place, tuple(source.feeding), act, axes.units)
        site = self.sites.get(key)
        if site is None:
            site = site_sums(self._free(place[0]), act, call, axes, z.device)
            self.sites[key] = site
        call.name = site.name
        site.calls += self.batches == 1
        site.expect(z, in_place)
        return partial(site.look, layout=axes)

    def _has_channels(self, shape: tuple[int, ...], feeding: Sequence[str]) -> bool:
        if not feeding:
            return len(shape) == 4
        layer = self.layers[feeding[-1]]
        if layer.kind != "conv" or len(shape) < 3:
            return False
        return shape[1] == layer.width or shape[-1] != layer.width

    def _free(self, name: str) -> str:
        count = self._taken[name] = self._taken.get(name, 0) + 1
        return name if count == 1 else f"{name}#{count}"

    def layer(
        self,
        function: str,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        incoming: Tensor | None,
        parameters: Sequence[tuple[Tensor, str]],
        result: Tensor,
        owner: str | None,
    ) -> str:
        """Take a call of a layer that was made; returns its name.

        That is the module's that owns the weight, `owner`, or else the weight's own.
        """
        weights = [(x, name) for x, name in parameters if x.ndim > 1]
        if KINDS[function] != "recurrent":
            weights = weights[:1]
        width = result.shape[1 if KINDS[function] == "conv" else -1]
        found = [
            self._layer(owner or own_name(own), function, x, own, width, args, kwargs)
            for x, own in weights
        ]
        first = found[0]
        first.bias = next((name for x, name in parameters if x.ndim == 1), None)
        if incoming is not None and incoming.is_floating_point():
            first.add(self._input(incoming), incoming.numel())
        if result.requires_grad and result.is_floating_point():
            result.register_hook(first.add_gradient)  # type: ignore[no-untyped-call]
        return first.name

    def _layer(
        self,
        name: str,
        function: str,
        weight: Tensor,
        parameter: str,
        width: int,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
    ) -> LayerSums:
        if name not in self.layers:
            products = fan_in(function, weight, args, kwargs)
            self.layers[name] = LayerSums(
                name, KINDS[function], parameter, products, width, weight.device
            )
        return self.layers[name]

    def _input(self, h: Tensor) -> Tensor:
        reference, version, found = self._inputs.get(id(h), (None, 0, None))
        if found is None or reference is None or reference() is not h or version != h._version:
            with torch.no_grad():
                found = of_input(h, self._batch)
            self._inputs[id(h)] = weakref.ref(h), h._version, found
        return found

    def loss(self, function: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        """Take a call of a loss that is known."""
        outputs = args[0] if args else kwargs["input"]
        targets = args[1] if len(args) > 1 else kwargs.get("target")
        self.compare(function, outputs, targets)

    def compare(self, function: str, outputs: Tensor, targets: Any) -> None:
        """Take what a loss compares; the first loss of a pass is the one that counts."""
        if self.objective is None:
            self.objective = Objective(function, outputs.device)
        if self.objective.function == function:
            with torch.no_grad():
                self.objective.add(outputs, targets)
