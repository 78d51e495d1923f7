"""Routers while a pass runs: how many tokens each expert is given."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from nonlin.torch.reading import Router


@dataclass(eq=False)
class RouterSums:
    """A router, with the tokens that each expert was given."""

    name: str
    experts: int
    chosen: int
    device: torch.device

    def __post_init__(self) -> None:
        self.tokens = torch.zeros(self.experts, dtype=torch.float64, device=self.device)

    def look(self, indices: Tensor) -> None:
        """Take the experts that were chosen for some tokens."""
        self.tokens += torch.bincount(indices.flatten(), minlength=self.experts)


def router_record(router: RouterSums, tokens: np.ndarray) -> Router:
    """Turn a router's counts into what a reading says of it."""
    return Router(router.name, router.chosen, np.rint(tokens).astype(np.int64))
