"""How far the optimizer's next step would move a parameter."""

from __future__ import annotations

import copy
import inspect
from collections import OrderedDict, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor, nn
from torch.optim import Optimizer

from nonlin.torch.measuring.held import spread_as, whole
from nonlin.torch.measuring.norms import square_sum


def update_squares(
    optimizer: Optimizer, parameters: Sequence[tuple[nn.Parameter, Tensor | None]]
) -> list[Tensor | None]:
    """Sum the squares of the update that each parameter would get.

    A copy of the optimizer takes the step on copies of one parameter and of its state at a time.

    Parameters
    ----------
    optimizer : Optimizer
        One whose steps need no closure; otherwise every answer is None.
    parameters : sequence of (Parameter, gradient)

    Returns
    -------
    list of Tensor or None
        None for a parameter that has no gradient or that the optimizer does not have.
    """
    closure = inspect.signature(type(optimizer).step).parameters.get("closure")
    if closure is not None and closure.default is inspect.Parameter.empty:
        return [None] * len(parameters)
    groups = {id(p): group for group in optimizer.param_groups for p in group["params"]}
    return [
        None if grad is None or id(p) not in groups else _square(optimizer, p, grad, groups[id(p)])
        for p, grad in parameters
    ]


def _square(
    optimizer: Optimizer, parameter: nn.Parameter, grad: Tensor, group: Mapping[str, Any]
) -> Tensor:
    moved = parameter.detach().clone().requires_grad_()
    moved.grad = spread_as(grad, parameter)
    other = copy.copy(optimizer)
    other.param_groups = [{**group, "params": [moved]}]
    state = optimizer.state.get(parameter, {})
    other.state = defaultdict(dict, {moved: {key: _copied(x) for key, x in state.items()}})
    # The user's hooks are for the user's steps.
    vars(other).update({key: OrderedDict() for key in vars(other) if key.endswith("_hooks")})
    # Of the class: a learning-rate schedule puts a `step` on the object that is bound to it.
    type(optimizer).step(other)
    return square_sum(whole(moved.detach() - parameter.detach()))


def _copied(x: Any) -> Any:
    return x.detach().clone() if isinstance(x, Tensor) else copy.copy(x)
