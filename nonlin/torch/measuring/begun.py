"""Whether a training has begun, by what the optimizers and the model remember of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from torch import nn

# Of a normalisation; fewer are what people run to look at a model.
BATCHES = 10


def has_begun(model: nn.Module, optimizers: Iterable[Any]) -> bool:
    """Tell whether an optimizer remembers a step, or a normalisation some batches."""
    counts = (x for name, x in model.named_buffers() if name.endswith("num_batches_tracked"))
    return any(map(has_stepped, optimizers)) or any(int(x) >= BATCHES for x in counts)


def has_stepped(optimizer: Any) -> bool:
    """Tell whether an optimizer remembers a step; some make their state before the first one."""
    # What only wraps an optimizer may have no state of its own.
    state = getattr(optimizer, "state", {})
    return any(float(x.get("step", 1)) > 0 for x in state.values() if x)
