"""Residual streams while a pass runs: what each addition makes of them, channel by channel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from nonlin.torch.measuring.graph import Call
from nonlin.torch.measuring.layout import Layout
from nonlin.torch.measuring.norms import precise, square_sums
from nonlin.torch.parts import Residual

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
