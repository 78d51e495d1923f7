"""Gates, routers and residual streams while a pass runs: their sums, and their records."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from nonlin.torch.measuring.graph import Call
from nonlin.torch.measuring.layout import Layout
from nonlin.torch.measuring.norms import precise, square_sums
from nonlin.torch.measuring.units import united
from nonlin.torch.parts import Gate, Residual, Router
from nonlin.torch.trace.operations import EMBEDDINGS
from nonlin.torch.trace.values import Value


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


# So many at most: more are words.
MOST_EXPERTS = 512


@dataclass(eq=False)
class RouterSums:
    """A router, with the tokens that each expert was given.

    Attributes
    ----------
    name : str
    experts, chosen : int
        How many there are, and how many a token is given to.
    device : torch.device
    choice : Value or None
        The index of the best, which counts as a choice of an expert if the model works with it.
    """

    name: str
    experts: int
    chosen: int
    device: torch.device
    choice: Value | None = None

    def __post_init__(self) -> None:
        self.tokens = torch.zeros(self.experts, dtype=torch.float64, device=self.device)

    @property
    def is_used(self) -> bool:
        """Whether the model works with what was chosen."""
        if self.choice is None:
            return True
        return any(
            op.phase == "model" and op.kind != "output" and op.name not in EMBEDDINGS
            for op in self.choice.uses
        )

    def look(self, indices: Tensor) -> None:
        """Take the experts that were chosen for some tokens."""
        self.tokens += torch.bincount(indices.flatten(), minlength=self.experts)


def router_record(router: RouterSums, tokens: np.ndarray) -> Router:
    """Turn a router's counts into what a reading says of it."""
    return Router(router.name, router.chosen, np.rint(tokens).astype(np.int64))


# A channel whose root mean square is so many times the median channel's stands out.
OUTLYING = 100.0


@dataclass(eq=False)
class ResidualSums:
    """The sums after an addition, over all of its calls.

    Attributes
    ----------
    name : str
    call : Call
        The addition, first time.
    channels : int
    device : torch.device
    """

    name: str
    call: Call
    channels: int
    device: torch.device

    def __post_init__(self) -> None:
        self.sums = torch.zeros(self.channels, dtype=precise(self.device), device=self.device)
        self.observations = 0

    def look(self, made: Tensor, layout: Layout) -> None:
        """Take one call."""
        over = tuple(i for i in range(len(layout.shape)) if i != layout.unit)
        with torch.no_grad():
            self.sums += square_sums(layout.arrange(made), over).to(self.sums.dtype)
        self.observations += layout.observations


def residual_record(
    found: ResidualSums, sums: np.ndarray, observations: int, step: int
) -> Residual:
    """Turn an addition's sums into what a reading says of it."""
    rms = np.sqrt(sums / max(observations, 1))
    median = float(np.median(rms))
    beyond = np.flatnonzero(rms > OUTLYING * median) if median > 0.0 else np.array([], int)
    return Residual(
        name=found.name,
        channels=found.channels,
        rms=float(np.sqrt(np.mean(rms**2))),
        median=median,
        largest=float(rms.max(initial=0.0)),
        outlying=tuple(int(x) for x in beyond),
        step=step,
    )
