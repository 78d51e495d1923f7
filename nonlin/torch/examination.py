"""One reading of a user's model, and what is found in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from torch import nn
from torch.optim import Optimizer

from nonlin.activation import Activation
from nonlin.torch.case import Case
from nonlin.torch.exam import Exam
from nonlin.torch.findings import findings
from nonlin.torch.measuring.measure import measure
from nonlin.torch.measuring.objective import own_loss
from nonlin.torch.mending.ladder import check_trial, with_trial

__all__ = ["Exam", "examine"]


def examine(
    model: nn.Module,
    inputs: Any,
    targets: Any = None,
    loss_fn: Callable[..., Any] | None = None,
    *,
    optimizer: Optimizer | Sequence[Optimizer] | None = None,
    activations: Mapping[Any, Activation] | None = None,
    trial: int = 0,
) -> Exam:
    """Measure what a model's activations do, and judge it.

    It makes one forward and one backward pass of its own on copies of the parameters and buffers.
    Parameters, buffers, `.grad`, the mode and every random state are afterwards what they were, bit
    for bit; hooks of yours on modules run once more, since they may be part of the model.

    A unit is a channel behind a convolution and an element of the last axis elsewhere. Samples lie
    along the first axis of the first input's size of axis 0, or of its axis 1 where the targets
    have that size: time may come first. All other axes are positions.

    Parameters
    ----------
    model : nn.Module
        In the mode it is to be measured in. One from `torch.compile` or in
        `DistributedDataParallel` is taken out of it; in the latter all ranks must call this, and
        each gets the numbers of all. So they must where parameters are spread over ranks: those of
        `fully_shard` and of tensor parallel are gathered on each rank while it is measured.
    inputs : Tensor, tuple, mapping, object or iterable
        One batch: the model's argument, a plain tuple of its arguments or a mapping of its named
        arguments; a namedtuple such as a PackedSequence, a dataclass and an object that holds
        tensors are one argument. Or, with ``targets=None``, an iterable such as a DataLoader, whose
        statistics are summed up batch by batch: of pairs (inputs, targets), with inputs as for one
        batch; of (a, b, ..., targets), where all but the last are the model's arguments; or of
        mappings of named arguments, the labels among them. It is gone through again for
        `Exam.remedies`. Tensors are copied, but for leaves that require a gradient: a loss may
        differentiate by those.
    targets : optional
        What `loss_fn` compares the outputs with; without, it is called with the outputs alone.
    loss_fn : callable, optional
        Takes the model's outputs and the targets, returns a tensor with one element. Without it and
        without targets the model returns its loss: as its result, in a tuple or under the name
        "loss".
    optimizer : Optimizer or sequence of Optimizer, optional
        For the size of the updates that they would make. Of one whose step needs a closure or fails
        they are not measured, and `Reading.notes` says so.
    activations : mapping of class or str to Activation, optional
        The modules, by class or by name, that are activations of your own.
    trial : int
        So many steps copies of the model are trained at the optimizer's learning rate and at
        others, from a hundredth to a hundred times of it and further where that tells more: at
        least 10, 20 tell most; 0 for none. It takes as long as 150 steps or more of a training
        when it is 20. Where a weight decay or a dropout looks strong, copies are trained with less
        of it, too, for four times the steps. At a terminal a bar shows it; interrupted (Ctrl-C),
        what is known by then counts.

    Returns
    -------
    Exam

    Raises
    ------
    TypeError
        If an argument is of a wrong type.
    ValueError
        If the loss is no single number, no parameter is trained, or there is no batch; if `trial`
        is below 10 and not 0, or there is no optimizer for it.

    Examples
    --------
    >>> import torch
    >>> rng = torch.Generator().manual_seed(0)
    >>> x, y = torch.randn(256, 8, generator=rng), torch.randn(256, 1, generator=rng)
    >>> net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 1))
    >>> with torch.no_grad():
    ...     _ = net[0].bias[:12].fill_(-100.0)
    >>> exam = examine(net, x, y, nn.functional.mse_loss)
    >>> [(found.kind, found.site, len(found.units)) for found in exam.findings]
    [('dead_units', '1', 12)]
    >>> int((exam.sites[0].units.active_samples == 0).sum())
    12

    References
    ----------
    X. Glorot, Y. Bengio, Understanding the difficulty of training deep feedforward neural networks,
    2010. L. Lu et al., Dying ReLU and initialization, 2020.
    """
    check_trial(trial, optimizer)
    found = measure(model, inputs, targets, loss_fn, optimizer=optimizer, activations=activations)
    case = Case(model, inputs, targets, loss_fn or own_loss, optimizer, activations, trial)
    if trial:
        found = with_trial(found, case)
    return Exam(found, findings(found), case)
