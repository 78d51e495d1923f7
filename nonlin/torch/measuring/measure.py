"""One reading of a user's model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from torch import nn
from torch.optim import Optimizer

from nonlin.activation import Activation
from nonlin.torch.measuring.batches import check_places, loader
from nonlin.torch.measuring.contents import Contents
from nonlin.torch.measuring.held import data_group, held_plainly
from nonlin.torch.measuring.isolation import Leaves, garbage_left, run_apart
from nonlin.torch.measuring.passes import measurement
from nonlin.torch.measuring.subject import has_begun, unwrapped
from nonlin.torch.measuring.summary import reading
from nonlin.torch.measuring.updates import optimizers
from nonlin.torch.reading import Reading

__all__ = ["measure"]


def measure(
    model: nn.Module,
    inputs: Any,
    targets: Any = None,
    loss_fn: Callable[..., Any] | None = None,
    *,
    optimizer: Optimizer | Sequence[Optimizer] | None = None,
    activations: Mapping[Any, Activation] | None = None,
) -> Reading:
    """Measure what a model's activations do, without a judgement; see `nonlin.torch.examine`.

    Parameters
    ----------
    model, inputs, targets, loss_fn, optimizer, activations
        As for `examine`.

    Returns
    -------
    Reading

    Raises
    ------
    TypeError, ValueError
        As from `examine`.

    Examples
    --------
    >>> import torch
    >>> net = nn.Sequential(nn.Linear(3, 2, bias=False), nn.ReLU())
    >>> with torch.no_grad():
    ...     _ = net[0].weight.copy_(torch.tensor([[1.0, 1.0, 1.0], [-1.0, -1.0, -1.0]]))
    >>> found = measure(net, torch.ones(4, 3), torch.zeros(4, 2), nn.functional.mse_loss)
    >>> found.sites[0].units.active
    array([4, 0])
    """
    asked = optimizers(optimizer)
    subject, group = unwrapped(model)
    check_places(subject, inputs, targets, loss_fn)
    begun = has_begun(subject, asked)
    group = data_group(subject) if group is None else group
    found = measurement(subject, loss_fn, activations, group)

    def body(leaves: Leaves, contents: Contents) -> Reading:
        found.unkept |= contents.unkept
        with held_plainly(subject, found.parameters, leaves):
            found.run(inputs, targets, leaves)
        with garbage_left():
            return replace(reading(found, leaves, asked, group), begun=begun)

    others = {"loss_fn": loss_fn, **loader(inputs, targets)}
    return run_apart(subject, body, others)
