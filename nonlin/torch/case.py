"""What is examined: a model, its data, its loss and its optimizer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import nn
from torch.optim import Optimizer

from nonlin.activation import Activation
from nonlin.torch.measuring.updates import optimizers


@dataclass(frozen=True)
class Case:
    """What was examined, so that it can be examined again.

    Attributes
    ----------
    model, inputs, targets, loss_fn, optimizer, activations, trial
        As they were given to `nonlin.torch.examine`.
    """

    model: nn.Module
    inputs: Any
    targets: Any
    loss_fn: Callable[..., Any]
    optimizer: Optimizer | Sequence[Optimizer] | None = None
    activations: Mapping[Any, Activation] | None = None
    trial: int = 0

    @property
    def optimizers(self) -> tuple[Any, ...]:
        """The optimizers, however many there are."""
        return optimizers(self.optimizer)
