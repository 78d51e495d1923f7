"""Gradients that are cut to a length before each step, as a part of the optimizer."""

from __future__ import annotations

from typing import Any

from torch.nn.utils import clip_grad_norm_
from torch.optim import Optimizer
from torch.utils.hooks import RemovableHandle


class Clip:
    """Shortens the gradients of an optimizer's parameters: a hook before its step.

    Parameters
    ----------
    max_norm : float
        The longest that all gradients together may be.
    """

    def __init__(self, max_norm: float) -> None:
        self.max_norm = max_norm

    def __call__(self, optimizer: Optimizer, args: Any, kwargs: Any) -> None:
        """Shorten them in place, if they are longer."""
        given = [p for group in optimizer.param_groups for p in group["params"]]
        clip_grad_norm_(given, self.max_norm)


def clip_gradients_(optimizer: Optimizer, max_norm: float = 1.0) -> RemovableHandle:
    r"""Let an optimizer shorten its gradients before each step.

    Those of all its parameters together, g, become g min(1, max_norm / \|g\|_2). One that computes
    the gradients within its step, as LBFGS, is not changed by it.

    Parameters
    ----------
    optimizer : Optimizer
    max_norm : float
        Above 0, in the gradients' unit.

    Returns
    -------
    RemovableHandle
        Its `remove()` ends it.

    Raises
    ------
    ValueError
        If `max_norm` is not above 0.

    Examples
    --------
    >>> import torch
    >>> p = torch.nn.Parameter(torch.zeros(2))
    >>> optimizer = torch.optim.SGD([p], lr=1.0)
    >>> _ = clip_gradients_(optimizer, 1.0)
    >>> p.grad = torch.tensor([300.0, -400.0])
    >>> optimizer.step()
    >>> p.detach()
    tensor([-0.6000,  0.8000])

    References
    ----------
    R. Pascanu, T. Mikolov, Y. Bengio, On the difficulty of training recurrent neural networks,
    2013.
    """
    if not max_norm > 0.0:
        raise ValueError(f"max_norm: expected a number above 0, got {max_norm!r}")
    return optimizer.register_step_pre_hook(Clip(max_norm))


def carry_over(given: Optimizer, made: Optimizer) -> None:
    """Give a copy of an optimizer the clipping that its original has."""
    for hook in given._optimizer_step_pre_hooks.values():
        if isinstance(hook, Clip):
            made.register_step_pre_hook(hook)
