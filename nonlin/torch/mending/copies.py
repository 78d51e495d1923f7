"""Copies of models and optimizers, of those too that `copy.deepcopy` refuses."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

from torch import Tensor, nn
from torch.optim import Optimizer

from nonlin.torch.case import Case
from nonlin.torch.clipping import carry_over
from nonlin.torch.measuring.subject import unwrapped

Memo = dict[int, Any]


def copied(case: Case) -> Case:
    """Copy the model, out of its wrappers, and the optimizers, which keep their state for it."""
    model, _ = unwrapped(case.model)
    memo: Memo = {}
    try:
        made = copy.deepcopy(model, memo)
    except Exception:  # whatever an attribute that cannot be copied raises
        memo = {}
        made = _part_by_part(model, memo)
    given: Any = case.optimizer
    several = given is not None and not isinstance(given, Optimizer)
    optimizer: Any = [_optimizer(x, memo) for x in given] if several else _optimizer(given, memo)
    return replace(case, model=made, optimizer=optimizer)


def _optimizer(optimizer: Optimizer | None, memo: Memo) -> Optimizer | None:
    """Copy an optimizer with the attributes that its class adds, which torch leaves out.

    Its hooks are the user's and stay behind, but for clipping that a remedy brought, and so does a
    `step` that a schedule put around its own.
    """
    made = copy.deepcopy(optimizer, memo)
    if optimizer is not None and made is not None:
        if isinstance(optimizer, Optimizer):
            carry_over(optimizer, made)
        for name, value in vars(optimizer).items():
            if name not in vars(made) and not callable(value):
                setattr(made, name, copy.deepcopy(value, memo))
    return made


def _part_by_part(model: nn.Module, memo: Memo) -> nn.Module:
    """Copy each module's attributes one by one; what has no copy is shared."""
    modules = list(model.modules())
    for module in modules:
        memo[id(module)] = type(module).__new__(type(module))
    for module in modules:
        made: dict[str, Any] = memo[id(module)].__dict__
        made.update({key: _value(x, memo) for key, x in vars(module).items()})
    whole: nn.Module = memo[id(model)]
    return whole


def _value(x: Any, memo: Memo) -> Any:
    if id(x) in memo:
        return memo[id(x)]
    # What a copy that fails leaves in the memo is half made.
    tried = dict(memo)
    try:
        made = copy.deepcopy(x, tried)
    except Exception:  # whatever it raises: a lock, a generator, a tensor inside a graph
        memo[id(x)] = made = _piece_by_piece(x, memo)
        return made
    memo.update(tried)
    return made


def _piece_by_piece(x: Any, memo: Memo) -> Any:
    """Copy a container or an object by what is in it."""
    if isinstance(x, Tensor):
        return x.detach().clone()
    try:
        if isinstance(x, tuple):
            parts = [_value(each, memo) for each in x]
            return type(x)(*parts) if hasattr(x, "_fields") else type(x)(parts)
        made = copy.copy(x)
        if isinstance(x, dict):
            made.update({key: _value(each, memo) for key, each in x.items()})
        elif isinstance(x, list):
            made[:] = [_value(each, memo) for each in x]
        elif hasattr(x, "__dict__"):
            vars(made).update({key: _value(each, memo) for key, each in vars(x).items()})
    except Exception:  # it has no copy
        return x
    return made
