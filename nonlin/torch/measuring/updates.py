"""How far the optimizers' next steps would move each parameter."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import compress
from typing import Any, NamedTuple

import torch
import torch.optim.optimizer as hooks
from torch import Tensor, nn

from nonlin.torch.measuring.elementwise import divides, write_changes
from nonlin.torch.measuring.held import is_spread, spread_as, whole
from nonlin.torch.measuring.norms import square_sum
from nonlin.torch.measuring.optimizer_copies import Alone
from nonlin.torch.reading import Note

# Packages whose optimizers only wrap one of torch's.
WRAPPING = ("accelerate", "lightning", "pytorch_lightning")

# Whose spacing, 2^-8 and 2^-11 of a number, is not far from a usual update.
HALF = (torch.bfloat16, torch.float16)

# Of an exception's text no more is told.
LONGEST = 200


@dataclass
class Update:
    """What becomes of one parameter in the next step.

    Attributes
    ----------
    square : Tensor or None
        The sum of the squares of its update; None where it gets none or it cannot be told.
    share : float
        What part of its schedule's learning rate stands.
    untold : bool
        Whether an optimizer has it that cannot be asked.
    reached : bool
        Whether a way leads back to it from the loss.
    unmoved : Tensor or None
        In half precision: the share of its numbers, of those with a gradient, that the step leaves
        as they are.
    """

    square: Tensor | None = None
    share: float = 1.0
    untold: bool = False
    reached: bool = True
    unmoved: Tensor | None = None


class Asked(NamedTuple):
    """A parameter whose update is asked for, with its gradient."""

    update: Update
    parameter: nn.Parameter
    grad: Tensor


def optimizers(given: Any) -> tuple[Any, ...]:
    """List one optimizer or several, without what a trainer wraps around them.

    Raises
    ------
    TypeError
        If one is something else.
    """
    several = given if isinstance(given, list | tuple) else () if given is None else (given,)
    bare = tuple(_bare(x) for x in several)
    for x in bare:
        if not (callable(getattr(x, "step", None)) and hasattr(x, "param_groups")):
            raise TypeError(
                f"optimizer: expected a torch.optim.Optimizer, got {type(x).__name__}; several are "
                "given in a list"
            )
    return bare


def _bare(x: Any) -> Any:
    while type(x).__module__.partition(".")[0] in WRAPPING and hasattr(x, "optimizer"):
        x = x.optimizer
    return x


def rates_of(optimizers: Sequence[Any]) -> list[tuple[float, float]]:
    """List each group's learning rate, and the highest that its schedule names."""
    found = []
    for group in (group for each in optimizers for group in each.param_groups):
        rate = float(group["lr"])
        named = (float(group.get(key) or 0.0) for key in ("initial_lr", "max_lr"))
        found.append((rate, max(rate, *named)))
    return found


def updates(
    optimizers: Sequence[Any], parameters: Sequence[tuple[nn.Parameter, Tensor | None]]
) -> tuple[list[Update], list[Note]]:
    """Ask each optimizer for the update that each parameter would get.

    A copy of an optimizer takes the step on copies of one parameter and of its state at a time,
    or of pieces of parameters where it moves each number by itself.

    Parameters
    ----------
    optimizers : sequence of Optimizer
    parameters : sequence of (Parameter, gradient)
        Gradients are given away: a step may write into them.

    Returns
    -------
    list of Update, list of Note
        An update a parameter; a note of each optimizer whose step failed or needs a closure, and
        one where none of the optimizers has a parameter that gets a gradient.
    """
    found, notes = [Update(reached=grad is not None) for _, grad in parameters], []
    waiting = {id(p) for p, grad in parameters if grad is not None}
    if optimizers and waiting and not waiting & _held(optimizers):
        notes.append(Note("nothing_optimized"))
    for optimizer in optimizers:
        groups = {id(p): group for group in optimizer.param_groups for p in group["params"]}
        own = [
            (x, *pair) for x, pair in zip(found, parameters, strict=True) if id(pair[0]) in groups
        ]
        for update, parameter, _ in own:
            update.share = _share(groups[id(parameter)])
        with _set_aside(parameter for parameter, _ in parameters):
            trouble = _ask(optimizer, own, last=optimizer is optimizers[-1])
        if trouble is not None:
            notes.append(trouble)
            for update, *_ in own:
                update.square, update.unmoved, update.untold = None, None, True
    return found, notes


def _held(optimizers: Sequence[Any]) -> set[int]:
    """Give the identities of all parameters that optimizers have."""
    return {id(p) for x in optimizers for group in x.param_groups for p in group["params"]}


def _share(group: Mapping[str, Any]) -> float:
    """Tell the share of the highest rate that a group's schedule names; 0 where the rate is 0."""
    try:
        rate = float(group["lr"])
        highest = max(float(group.get("initial_lr", 0.0)), float(group.get("max_lr", 0.0)))
    except (KeyError, TypeError, ValueError, RuntimeError):
        return 1.0
    return min(rate / highest, 1.0) if highest > 0.0 else float(rate != 0.0)


def _ask(
    optimizer: Any, own: Sequence[tuple[Update, nn.Parameter, Tensor | None]], *, last: bool
) -> Note | None:
    name = type(optimizer).__name__
    if _needs_closure(type(optimizer).step):
        return Note("needs_closure", {"optimizer": name})
    asked = [Asked(update, p, grad.detach()) for update, p, grad in own if grad is not None]
    try:
        with _without_hooks():
            # Of the last one they are given away; of others a copy is, one at a time.
            copies = ([x._replace(grad=x.grad.clone())] for x in asked)
            for some in [asked] if last else copies:
                _step(optimizer, some)
    # Whatever an optimizer of the user's raises, the rest of the reading stands.
    except Exception as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        short = reason if len(reason) <= LONGEST else f"{reason[:LONGEST]}..."
        return Note("no_updates", {"optimizer": name, "reason": short})
    return None


@lru_cache(maxsize=64)
def _needs_closure(step: Any) -> bool:
    closure = inspect.signature(step).parameters.get("closure")
    return closure is not None and closure.default is inspect.Parameter.empty


@contextmanager
def _without_hooks() -> Iterator[None]:
    """Leave the hooks of all optimizers out: they are for the user's steps."""
    every: tuple[dict[int, Any], ...] = (
        hooks._global_optimizer_pre_hooks,
        hooks._global_optimizer_post_hooks,
    )
    before = [dict(x) for x in every]
    for x in every:
        x.clear()
    try:
        yield
    finally:
        for x, held in zip(every, before, strict=True):
            x.update(held)


@contextmanager
def _set_aside(parameters: Iterable[nn.Parameter]) -> Iterator[None]:
    """Take the user's own gradients away: no step moves a parameter that has none.

    Whatever a copy of an optimizer still holds of the user's, it leaves alone.
    """
    kept = [(parameter, parameter.grad) for parameter in parameters]
    try:
        for parameter, _ in kept:
            parameter.grad = None
        yield
    finally:
        for parameter, grad in kept:
            parameter.grad = grad


def _step(optimizer: Any, asked: Sequence[Asked]) -> None:
    """Take the step of each parameter, and write down how far it goes."""
    divided = [divides(optimizer, x.parameter, x.grad) for x in asked]
    apart = list(compress(asked, divided))
    write_changes(optimizer, [(x.parameter, x.grad) for x in apart])
    for x in apart:
        x.update.square = square_sum(x.grad)
    for x, is_apart in zip(asked, divided, strict=True):
        if not is_apart:
            _step_whole(optimizer, x)


def _step_whole(optimizer: Any, asked: Asked) -> None:
    update, parameter, grad = asked
    given = whole(grad) != 0 if parameter.dtype in HALF and not grad.is_sparse else None
    moved = nn.Parameter(parameter.detach().clone())
    vars(moved).update(vars(parameter))
    moved.grad = spread_as(grad, parameter).to(moved.dtype)
    # Of the class: a learning-rate schedule puts a `step` on the object that is bound to it.
    type(optimizer).step(Alone(optimizer, parameter, moved).copied(optimizer))
    change = moved.detach().sub_(parameter.detach())
    change = whole(change) if is_spread(change) else change
    update.square = square_sum(change)
    if given is not None:
        still = (change == 0) & given
        update.unmoved = still.sum().double() / given.sum().clamp_min(1)
