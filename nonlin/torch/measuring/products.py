"""Gates while a pass runs: products of what two pre-activations became."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from nonlin.torch.measuring.graph import Call
from nonlin.torch.measuring.layout import Layout
from nonlin.torch.measuring.norms import precise
from nonlin.torch.measuring.units import united
from nonlin.torch.parts import Gate


@dataclass(eq=False)
class GateSums:
    """A gate, with counts over all of its calls.

    Attributes
    ----------
    name : str
    call : Call
        The product, first time.
    factors : (Call, Call)
        What made the two factors.
    packed : bool
        As in `UnitSums`.
    """

    name: str
    call: Call
    factors: tuple[Call, Call]
    units: int
    device: torch.device
    packed: bool = False

    def __post_init__(self) -> None:
        # Products that are 0, and samples with one that is not, unit by unit.
        self.sums = torch.zeros(2, self.units, dtype=precise(self.device), device=self.device)
        self.samples = self.observations = 0
        self._active: list[Tensor] = []

    def look(self, product: Tensor, layout: Layout) -> None:
        """Take one call."""
        with torch.no_grad():
            parts = [layout.by_sample(x.sign().abs_()) for x in layout.divided(product)]
            nonzero = torch.cat(parts)
        count = layout.observations
        self.sums[0] += count - nonzero.sum(0)
        self.observations += count
        self._active.append(nonzero)

    def end_batch(self) -> None:
        """Count each sample once however often it came through."""
        for active in united(self._active, self.packed):
            self.sums[1] += active.sign().sum(0)
            self.samples += len(active)
        self._active.clear()


def gate_record(gate: GateSums, sums: np.ndarray, samples: int, observations: int) -> Gate:
    """Turn a gate's counts into what a reading says of it."""
    return Gate(
        name=gate.name,
        factors=(gate.factors[0].name, gate.factors[1].name),
        samples=samples,
        observations=observations,
        zeros=np.rint(sums[0]).astype(np.int64),
        active_samples=np.rint(sums[1]).astype(np.int64),
    )
