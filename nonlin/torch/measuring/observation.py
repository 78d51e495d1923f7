"""What has been measured so far: the sums of sites, layers and parts, over all passes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from nonlin.torch.measuring.attention import AttentionSums, Scores
from nonlin.torch.measuring.compared import FitSums
from nonlin.torch.measuring.features import FeatureSums
from nonlin.torch.measuring.graph import Call
from nonlin.torch.measuring.layers import LayerSums
from nonlin.torch.measuring.layout import Layout, layout
from nonlin.torch.measuring.objective import Objective
from nonlin.torch.measuring.parts import GateSums, ResidualSums, RouterSums
from nonlin.torch.measuring.seen import Seen, reason
from nonlin.torch.measuring.sites import SiteSums
from nonlin.torch.measuring.slopes import threshold
from nonlin.torch.measuring.subject import own_name
from nonlin.torch.measuring.units import UnitSums
from nonlin.torch.trace.function import Functions, Known
from nonlin.torch.trace.layers import Weight
from nonlin.torch.trace.values import Op, Value

# So many of the layers that the inputs come into are looked at feature by feature.
ENTRIES = 4


class Observation:
    """What has been seen so far over all passes, in the order of the first calls."""

    def __init__(self) -> None:
        self.sites: dict[Any, SiteSums] = {}
        self.layers: dict[str, LayerSums] = {}
        self.gates: dict[Any, GateSums] = {}
        self.attentions: dict[Any, AttentionSums] = {}
        self.routers: dict[Any, RouterSums] = {}
        self.residuals: dict[Any, ResidualSums] = {}
        self.objective: Objective | None = None
        self.fit = FitSums()
        self.entries: dict[str, FeatureSums] = {}
        self._inner: set[str] = set()
        self.batches = 0
        self.batch: int | None = None
        self.functions = Functions()
        self.seen = Seen()
        self.looked_up: set[str] = set()
        self._taken: dict[str, int] = {}

    def begin_batch(self, size: int | None) -> None:
        """Take what follows as a pass of so many samples; None if it is not known."""
        self.batch = size
        self.batches += 1

    def forget_gradients(self) -> None:
        """Begin the backward pass again."""
        for x in self._all():
            x.forget_gradients()

    def end_batch(self, scale: float) -> None:
        """Close a pass whose loss was multiplied by a scale."""
        for x in self._all():
            x.end_batch(scale)
        for gate in self.gates.values():
            gate.end_batch()

    def checksum(self, device: torch.device) -> Tensor:
        """Add everything up: the result is finite where everything is."""
        sites, layers = self.measured()
        found = [x.units.sums.sum().to(device) for x in sites]
        found += [x.sums.sum().to(device) for x in layers]
        return torch.stack(found).sum() if found else torch.zeros((), device=device)

    def _all(self) -> list[SiteSums | LayerSums | AttentionSums]:
        sites, layers = self.measured()
        return [*sites, *layers, *self.attentions.values()]

    def give_up(self, name: str, error: Exception) -> None:
        """Leave out a site or a layer that cannot be measured; its name and the reason are kept."""
        self.seen.unmeasured.setdefault(name, reason(error))

    def measured(self) -> tuple[list[SiteSums], list[LayerSums]]:
        """List the sites and the layers whose numbers are whole."""
        lost = self.seen.unmeasured
        sites = [x for x in self.sites.values() if x.name not in lost]
        return sites, [x for x in self.layers.values() if x.name not in lost]

    def site(
        self,
        place: tuple[str, Any],
        known: Known,
        z: Value,
        step: Call,
        device: torch.device,
        op: Op,
    ) -> tuple[SiteSums, Layout]:
        """Find the site of a call; calls at one place behind the same layers are one."""
        # An expert's rows are the tokens that it was given, of whatever samples.
        axes = layout(z.shape, self.batch if z.part is None else None, z.axis)
        behind = tuple(step.sources[0].feeding) if step.sources else ()
        key = (*place, behind, z.first, z.part, known.activation, axes.units)
        found = self.sites.get(key)
        if found is None:
            assert known.activation is not None
            packed = isinstance(op.module, nn.RNNBase)
            sums = UnitSums(axes.units, threshold(known.activation), device, packed=packed)
            name = self._free(place[0] if z.part is None else f"{place[0]}[{z.part}]")
            failed = partial(self.give_up, name)
            told = "" if op.where is None else str(op.where)
            found = SiteSums(name, known, axes.channels, step, sums, failed, where=told)
            self.sites[key] = found
        step.name = found.name
        found.calls += self.batches == 1
        return found, axes

    def _free(self, name: str) -> str:
        count = self._taken[name] = self._taken.get(name, 0) + 1
        return name if count == 1 else f"{name}#{count}"

    def layer(
        self,
        found: Weight,
        parameter: str,
        owner: str | None,
        width: int,
        leaves: Mapping[str, Tensor],
    ) -> LayerSums:
        """Find the sums of a layer: the owner's, or else named after the weight."""
        name = owner or own_name(parameter)
        if found.kind == "embedding":
            self.looked_up.add(name)
        if name not in self.layers:
            device = leaves[parameter].device
            failed = partial(self.give_up, name)
            made = LayerSums(name, found.kind, parameter, found.fan_in, width, device, failed)
            made.shape, made.weights = found.shape(width), math.prod(found.value.shape)
            self.layers[name] = made
        return self.layers[name]

    def enter(self, layer: str, axis: int, incoming: Tensor) -> None:
        """Take what comes into a layer that the inputs come into with nothing learnt before it."""
        if layer in self._inner:
            return
        if layer not in self.entries and len(self.entries) >= ENTRIES:
            return
        self.entries.setdefault(layer, FeatureSums(axis)).add([incoming])

    def enter_no_more(self, layer: str) -> None:
        """Forget that inputs came into a layer, as a state at rest does: it gets what was made."""
        self._inner.add(layer)
        self.entries.pop(layer, None)

    def gate(
        self, place: tuple[str, Any], step: Call, factors: tuple[Call, Call], op: Op,
        device: torch.device,
    ) -> tuple[GateSums, Layout]:  # fmt: skip
        """Find the gate of a product; calls at one place of the same factors are one."""
        product, packed = op.outs[0], isinstance(op.module, nn.RNNBase)
        of_experts = product.part is not None or product.ends
        axes = layout(product.shape, None if of_experts else self.batch, product.axis)
        key = (*place, tuple(x.name for x in factors), axes.units)
        if key not in self.gates:
            name = self._free(place[0])
            self.gates[key] = GateSums(name, step, factors, axes.units, device, packed)
        return self.gates[key], axes

    def attention(self, name: str, place: Any, call: Call, scores: Scores) -> AttentionSums:
        """Take the scores of some queries."""
        heads = scores.rows.shape[1]
        key = (name, place, heads)
        if key not in self.attentions:
            self.attentions[key] = AttentionSums(self._free(name), call, heads, scores.rows.device)
        self.attentions[key].look(scores.rows)
        return self.attentions[key]

    def residual(self, place: tuple[str, Any], step: Call, value: Value, made: Tensor) -> None:
        """Take what an addition made; which of them end branches is known afterwards."""
        axes = layout(value.shape, self.batch, value.axis)
        key = (*place, tuple(step.feeding), axes.units)
        if key not in self.residuals:
            name = self._free(place[0])
            self.residuals[key] = ResidualSums(name, step, axes.units, made.device)
        self.residuals[key].look(made, axes)

    def router(
        self, name: str, place: Any, experts: int, indices: Tensor, best: Value | None = None
    ) -> None:
        """Take the experts that some tokens were given to; of the best alone its value."""
        key = (name, place, experts)
        if key not in self.routers:
            chosen = indices.shape[-1] if best is None else 1
            device = indices.device
            self.routers[key] = RouterSums(self._free(name), experts, chosen, device, best)
        self.routers[key].look(indices)

    def compare(
        self,
        function: str,
        outputs: Tensor,
        targets: Any,
        ignored: int | None = None,
        *,
        known: bool = True,
    ) -> None:
        """Take what a loss compares; the first loss of a pass is the one that counts."""
        if self.objective is None:
            self.objective = Objective(function, outputs.device, known)
        if self.objective.function == function:
            try:
                with torch.no_grad():
                    self.objective.add(outputs, targets, ignored)
                    self.fit.add(outputs, targets)
            except Exception as error:
                self.give_up(f"loss:{function}", error)
