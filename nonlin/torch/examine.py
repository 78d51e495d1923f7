"""One reading of a user's model, and what is found in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from torch import nn
from torch.optim import Optimizer

from nonlin.activation import Activation
from nonlin.torch.exam import Case, Exam
from nonlin.torch.measuring.isolation import Leaves, run_apart
from nonlin.torch.measuring.passes import measurement
from nonlin.torch.measuring.subject import unwrapped
from nonlin.torch.measuring.summary import reading
from nonlin.torch.reading import Reading
from nonlin.torch.verdicts import findings

__all__ = ["Exam", "examine", "measure"]


def examine(
    model: nn.Module,
    inputs: Any,
    targets: Any = None,
    loss_fn: Callable[..., Any] | None = None,
    *,
    optimizer: Optimizer | None = None,
    activations: Mapping[Any, Activation] | None = None,
) -> Exam:
    """Measure what a model's activations do, and judge it.

    It makes one forward and one backward pass of its own. Parameters, buffers, `.grad`, the mode
    and every random state are afterwards what they were, bit for bit.

    Parameters
    ----------
    model : nn.Module
        In the mode it is to be measured in. One from `torch.compile` or in
        `DistributedDataParallel` is taken out of it; in the latter all ranks must call this, and
        each gets the numbers of all.
    inputs : Tensor, tuple, dict or iterable
        One batch: the model's argument, its arguments or its named arguments. Or, with
        ``targets=None``, an iterable of pairs (inputs, targets) such as a DataLoader, whose
        statistics are summed up batch by batch.
    targets : optional
        What `loss_fn` compares the outputs with; without, it is called with the outputs alone.
    loss_fn : callable
        Takes the model's outputs and the targets, returns a tensor with one element.
    optimizer : Optimizer, optional
        For the size of the updates that it would make.
    activations : mapping of class or str to Activation, optional
        The modules, by class or by name, that are activations of your own.

    Returns
    -------
    Exam

    Raises
    ------
    TypeError
        If an argument is of a wrong type.
    ValueError
        If the loss is no single number, no parameter is trained, or there is no batch.
    """
    if loss_fn is None:
        raise TypeError("loss_fn: expected a function of (outputs, targets), got None")
    found = measure(model, inputs, targets, loss_fn, optimizer=optimizer, activations=activations)
    case = Case(model, inputs, targets, loss_fn, optimizer, activations)
    return Exam(found, findings(found), case)


def measure(
    model: nn.Module,
    inputs: Any,
    targets: Any = None,
    loss_fn: Callable[..., Any] | None = None,
    *,
    optimizer: Optimizer | None = None,
    activations: Mapping[Any, Activation] | None = None,
) -> Reading:
    """Measure what a model's activations do; see `examine`, which takes the same.

    Returns
    -------
    Reading
    """
    if optimizer is not None and not isinstance(optimizer, Optimizer):
        raise TypeError(
            f"optimizer: expected a torch.optim.Optimizer, got {type(optimizer).__name__}"
        )
    subject, group = unwrapped(model)
    found = measurement(subject, loss_fn, activations)

    def body(leaves: Leaves) -> Reading:
        found.run(inputs, targets, leaves)
        return reading(found, leaves, optimizer, group)

    return run_apart(subject, body)
