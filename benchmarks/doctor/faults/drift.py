"""Units that die one after the other while a model trains."""

from __future__ import annotations

import torch

from doctor.faults.fault import Truth, fault, middle
from doctor.faults.units import SHARE, shift
from doctor.program import Program

# The other units learn to make up for those that are gone: pre-activations grow tenfold.
DEADLY = -100.0


@fault("dying_units")
def dying_units(of: Program) -> Truth | None:
    """Choose the place; `killed` does it during the training."""
    place = middle(of, ("relu",))
    if place is None or shift(of, place) is None:
        return None
    of.known["dying"] = place
    return Truth(("dying_units",), place.names)


@torch.no_grad()
def killed(of: Program, done: float) -> None:
    """Push the first units of the place below the edge, as many as are due."""
    bias = shift(of, of.known["dying"])
    assert bias is not None
    bias[: round(SHARE * done * len(bias))] = DEADLY
