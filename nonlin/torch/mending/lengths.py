"""Changes of how long the gradients are when the optimizer takes its step."""

from __future__ import annotations

import torch
from torch.optim import Optimizer

from nonlin.torch.exam import Case
from nonlin.torch.mending.change import Change

# What most trainings that clip take.
MAX_NORM = 1.0


def clipped(case: Case) -> Change:
    """Shorten the gradients before each step; a line for the user's loop without an optimizer."""
    fields = {"max_norm": MAX_NORM}
    found = case.optimizers
    if not found or not all(map(_steps_with_gradients, found)):
        line = f"# torch.nn.utils.clip_grad_norm_(model.parameters(), {MAX_NORM})"
        return Change("clip_gradients", f"# before optimizer.step():\n{line}", fields, "code")
    one = isinstance(case.optimizer, Optimizer)
    each = "clip_gradients_(optimizer" if one else (
        "for each in optimizer:\n    clip_gradients_(each"
    )  # fmt: skip
    code = f"from nonlin.torch.clipping import clip_gradients_\n\n{each}, {MAX_NORM})"
    return Change("clip_gradients", code, fields)


def _steps_with_gradients(optimizer: object) -> bool:
    """Tell an optimizer of torch that takes the gradients as they are when it is called."""
    return isinstance(optimizer, Optimizer) and not isinstance(optimizer, torch.optim.LBFGS)
