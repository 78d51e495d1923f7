"""Steps of torch's own optimizers that move each number by itself, taken a piece at a time.

A piece fits into a processor's cache, together with what the optimizer holds of it and what the
step makes, and no more memory is asked for than that.
"""

from __future__ import annotations

import copy
from collections import OrderedDict, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn, optim

# Of exactly these classes: another's step may look at a parameter as a whole.
KINDS: frozenset[type] = frozenset(
    {
        optim.ASGD, optim.Adadelta, optim.Adagrad, optim.Adam, optim.AdamW, optim.Adamax,
        optim.NAdam, optim.RAdam, optim.RMSprop, optim.Rprop, optim.SGD,
    }
)  # fmt: skip

# Numbers in a piece. A power of 2: what a processor's vectors leave over is then at the same places
# as in the whole, and so is each bit.
PIECE = 2**18


class Piece(NamedTuple):
    """A part of a parameter, and the same part of its gradient."""

    parameter: nn.Parameter
    grad: Tensor
    part: slice

    def of(self, x: Tensor) -> Tensor:
        """Take the same part of what has the parameter's shape."""
        return x.detach().view(-1)[self.part]


def divides(optimizer: Any, parameter: nn.Parameter, grad: Tensor) -> bool:
    """Whether a step can be taken a piece at a time."""
    state = optimizer.state.get(parameter, {}) if type(optimizer) in KINDS else {}
    same = [x for x in state.values() if isinstance(x, Tensor) and x.shape == parameter.shape]
    return type(optimizer) in KINDS and all(
        type(x) in (Tensor, nn.Parameter) and x.is_cpu and x.layout == torch.strided
        and x.is_contiguous() and x.dtype in (torch.float32, torch.float64)
        for x in (parameter, grad, *same)
    )  # fmt: skip


def write_changes(optimizer: Any, given: Sequence[tuple[nn.Parameter, Tensor]]) -> None:
    """Write into each gradient, in its place, how far the step would move its parameter."""
    for pieces in _portions(given):
        copies = [nn.Parameter(x.of(x.parameter).clone()) for x in pieces]
        for x, moved in zip(pieces, copies, strict=True):
            vars(moved).update(vars(x.parameter))
            moved.grad = x.of(x.grad)
        type(optimizer).step(_copied(optimizer, pieces, copies))
        for x, moved in zip(pieces, copies, strict=True):
            torch.sub(moved.detach(), x.of(x.parameter), out=x.of(x.grad))


def _portions(given: Sequence[tuple[nn.Parameter, Tensor]]) -> Iterator[list[Piece]]:
    """Divide parameters into pieces, and put small ones together."""
    portion: list[Piece] = []
    size = 0
    for parameter, grad in given:
        for begin in range(0, parameter.numel(), PIECE):
            end = min(begin + PIECE, parameter.numel())
            if portion and size + end - begin > PIECE:
                yield portion
                portion, size = [], 0
            portion.append(Piece(parameter, grad, slice(begin, end)))
            size += end - begin
    if portion:
        yield portion


def _copied(optimizer: Any, pieces: Sequence[Piece], copies: Sequence[nn.Parameter]) -> Any:
    """Copy an optimizer, with copies of these pieces alone and what it holds of them."""
    moved: dict[int, list[nn.Parameter]] = defaultdict(list)
    state: Any = defaultdict(dict)
    for x, made in zip(pieces, copies, strict=True):
        moved[id(x.parameter)].append(made)
        for key, value in optimizer.state.get(x.parameter, {}).items():
            state[made][key] = _part(x, value)
    groups = [
        {**group, "params": [made for p in group["params"] for made in moved.get(id(p), ())]}
        for group in optimizer.param_groups
    ]
    held = {name: x for name, x in vars(optimizer).items() if name != "step"}
    held |= {name: OrderedDict() for name in held if name.endswith("_hooks")}
    other = object.__new__(type(optimizer))
    vars(other).update(held, param_groups=[x for x in groups if x["params"]], state=state)
    return other


def _part(piece: Piece, value: Any) -> Any:
    if not isinstance(value, Tensor):
        return copy.deepcopy(value)
    return (piece.of(value) if value.shape == piece.parameter.shape else value.detach()).clone()
