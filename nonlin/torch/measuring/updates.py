"""How far the optimizers' next steps would move each parameter."""

from __future__ import annotations

import copy
import inspect
import types
from collections import ChainMap, OrderedDict, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
import torch.optim.optimizer as hooks
from torch import Tensor, nn
from torch.optim import Optimizer

from nonlin.torch.measuring.held import is_spread, spread_as, whole
from nonlin.torch.measuring.norms import square_sum
from nonlin.torch.reading import Note

# Packages whose optimizers only wrap one of torch's.
WRAPPING = ("accelerate", "lightning", "pytorch_lightning")

# Whose spacing, 2^-8 and 2^-11 of a number, is not far from a usual update.
HALF = (torch.bfloat16, torch.float16)
# What every optimizer of torch's holds for its parameters.
STATE = ("defaults", "param_groups", "state")

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

    A copy of an optimizer takes the step on copies of one parameter and of its state at a time.

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
    closure = inspect.signature(type(optimizer).step).parameters.get("closure")
    if closure is not None and closure.default is inspect.Parameter.empty:
        return Note("needs_closure", {"optimizer": name})
    try:
        every = {id(p): p for group in optimizer.param_groups for p in group["params"]}
        with _without_hooks():
            for update, parameter, grad in own:
                if grad is not None:
                    given = grad.detach() if last else grad.detach().clone()
                    _step(optimizer, parameter, given, update, every)
    # Whatever an optimizer of the user's raises, the rest of the reading stands.
    except Exception as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        short = reason if len(reason) <= LONGEST else f"{reason[:LONGEST]}..."
        return Note("no_updates", {"optimizer": name, "reason": short})
    return None


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


def _step(
    optimizer: Any, parameter: nn.Parameter, grad: Tensor, update: Update, every: dict[int, Any]
) -> None:
    """Take the step on a copy, and write down how far it goes."""
    asked = whole(grad) != 0 if parameter.dtype in HALF and not grad.is_sparse else None
    moved = nn.Parameter(parameter.detach().clone())
    vars(moved).update(vars(parameter))
    moved.grad = spread_as(grad, parameter).to(moved.dtype)
    other = _Alone(parameter, moved, every).copied(optimizer)
    # Of the class: a learning-rate schedule puts a `step` on the object that is bound to it.
    type(optimizer).step(other)
    change = moved.detach().sub_(parameter.detach())
    change = whole(change) if is_spread(change) else change
    update.square = square_sum(change)
    if asked is not None:
        still = (change == 0) & asked
        update.unmoved = still.sum().double() / asked.sum().clamp_min(1)


class _Alone:
    """Copies of optimizers that have one parameter alone, and that in a copy.

    Parameters
    ----------
    parameter, moved : Parameter
        The user's, and the copy.
    every : dict of int to Parameter
        All that the optimizer has, by their ids; the others are not copied.
    """

    def __init__(self, parameter: nn.Parameter, moved: nn.Parameter, every: dict[int, Any]) -> None:
        self.parameter, self.moved = parameter, moved
        self._known: Any = ChainMap({id(parameter): moved}, every)

    def copied(self, optimizer: Any) -> Any:
        """Copy an optimizer with those that it wraps, which may share its groups and its state."""
        if id(optimizer) in self._known:
            return self._known[id(optimizer)]
        other = object.__new__(type(optimizer))
        self._known[id(optimizer)] = other
        held = {name: x for name, x in vars(optimizer).items() if name != "step"}
        if isinstance(held.get("param_groups"), list):
            self._known.setdefault(id(held["param_groups"]), self._groups(held["param_groups"]))
        # The state has an entry for each parameter, and no optimizer.
        for x in _optimizers_in([x for name, x in held.items() if name not in STATE]):
            self.copied(x)
        for name, x in held.items():
            empty = name.endswith("_hooks") and isinstance(x, dict)
            vars(other)[name] = OrderedDict() if empty else self._value(x)
        return other

    def _groups(self, groups: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        made = []
        for group in groups:
            if any(p is self.parameter for p in group["params"]):
                rest = {key: self._value(x) for key, x in group.items() if key != "params"}
                made.append({**rest, "params": [self.moved]})
        return made

    def _value(self, x: Any) -> Any:
        if _is_constant(x):
            return x
        if id(x) in self._known:
            return self._known[id(x)]
        if isinstance(x, nn.Module | types.FunctionType | types.MethodType | types.ModuleType):
            return x
        if isinstance(x, dict) and any(isinstance(key, Tensor) for key in x):
            made = self._of_parameter(x)
        elif type(x) is dict:
            made = self._known[id(x)] = {}
            made.update({key: self._value(value) for key, value in x.items()})
        elif _is_plain(x):
            # What `deepcopy` does, which takes longer to begin than most of these take.
            made = x.clone()
        else:
            made = copy.deepcopy(x, self._known)
        self._known[id(x)] = made
        return made

    def _of_parameter(self, x: dict[Any, Any]) -> dict[Any, Any]:
        """Copy what a mapping holds of the parameter, and what it holds of none."""
        made: dict[Any, Any] = defaultdict(dict) if isinstance(x, defaultdict) else {}
        for key, value in x.items():
            if key is self.parameter:
                made[self.moved] = self._value(value)
            elif not isinstance(key, Tensor):
                made[key] = self._value(value)
        return made


def _optimizers_in(x: Any) -> Iterator[Optimizer]:
    """Find the optimizers in lists and mappings, those that one is made of."""
    for each in x.values() if isinstance(x, Mapping) else x:
        if isinstance(each, Optimizer):
            yield each
        elif isinstance(each, Mapping | list | tuple):
            yield from _optimizers_in(each)


def _is_constant(x: Any) -> bool:
    if isinstance(x, tuple):
        return all(map(_is_constant, x))
    return isinstance(x, int | float | str | None)


def _is_plain(x: Any) -> bool:
    """Whether a tensor is all of its memory, and no part of a graph."""
    return (
        type(x) is Tensor
        and x.layout == torch.strided
        and not x.requires_grad
        and x.is_contiguous()
        and x.untyped_storage().nbytes() == x.nbytes
    )
