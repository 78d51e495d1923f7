"""Routers while a pass runs: how many tokens each expert is given."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from nonlin.torch.parts import Router
from nonlin.torch.trace.operations import EMBEDDINGS
from nonlin.torch.trace.values import Value

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
