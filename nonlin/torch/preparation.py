"""What is done to a model's input before each call, as a part of the model."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from typing import Any

import torch
from torch import Tensor, nn

from nonlin.torch.measuring.batches import batches

# Of float32: a feature that varies by less is a constant with rounding in it.
ROUNDING = 1e-6

# A constant beyond it is brought to 1 in size; no larger than what first weights bear.
LARGE_CONSTANT = 20.0


def standardize_(model: nn.Module, inputs: Any) -> None:
    """Let a model take (x - mean) / deviation in place of its first input of numbers.

    Each feature has its own mean and deviation. A feature that does not vary is left as it is; one
    beyond 20 is divided by its size. Both stand in buffers of the model, so they are saved and
    moved with it, and a hook uses them before each call.

    Parameters
    ----------
    model : nn.Module
        Changed in place.
    inputs : Tensor, tuple, mapping or iterable
        What mean and deviation are taken from: as for `nonlin.torch.examine`. Features lie along
        axis 1 of four axes and more and of what a Conv1d takes, else along the last.

    Raises
    ------
    ValueError
        If no argument of the model is a tensor of numbers.

    Examples
    --------
    >>> net = nn.Sequential(nn.Linear(2, 1, bias=False))
    >>> with torch.no_grad():
    ...     _ = net[0].weight.fill_(1.0)
    >>> standardize_(net, torch.tensor([[100.0, 1.0], [300.0, 1.0]]))
    >>> net(torch.tensor([[300.0, 1.0]])).item()
    2.0
    """
    place = first_number(inputs)
    if place is None:
        raise ValueError("inputs: expected a tensor of numbers among the model's arguments")
    found = [batch.kwargs[place] if isinstance(place, str) else batch.args[place]
             for batch in batches(inputs, None)]  # fmt: skip
    mean, deviation = _moments(found, _feature_axis(model, found[0]))
    constant = deviation <= ROUNDING * mean.abs()
    one = torch.ones_like(mean)
    size = mean.abs().where(mean.abs() > LARGE_CONSTANT, one)
    mean, deviation = mean.where(~constant, 0.0 * one), deviation.where(~constant, size)
    name = next(x for x in _names() if not hasattr(model, f"{x}_mean"))
    model.register_buffer(f"{name}_mean", mean.float())
    model.register_buffer(f"{name}_deviation", deviation.float())
    Preparation(model, place, name)


def _names() -> Iterator[str]:
    yield "input"
    yield from (f"input{i}" for i in count(2))


def _moments(found: Iterable[Tensor], axis: int | None) -> tuple[Tensor, Tensor]:
    """Take the mean and the deviation over all axes but one, batch by batch.

    Two samples together have the means and squares of Chan, Golub and LeVeque, 1979: no large
    numbers are subtracted.
    """
    whole, mean, square = 0, None, torch.zeros(())
    for x in found:
        over = [i for i in range(x.ndim) if i != axis]
        values = x.detach().double()
        own = values.mean(over, keepdim=True) if over else values
        spread = (values - own).square()
        spread = spread.sum(over, keepdim=True) if over else spread
        size = x.numel() // own.numel()
        if mean is None:
            whole, mean, square = size, own, spread
            continue
        apart, total = own - mean, whole + size
        square = square + spread + apart.square() * whole * size / total
        mean, whole = mean + apart * size / total, total
    assert mean is not None
    return mean, (square / whole).sqrt()


def replace_non_finite_(model: nn.Module, inputs: Any) -> None:
    """Let a model take 0 where its first input of numbers is not finite.

    Parameters
    ----------
    model : nn.Module
        Changed in place, by a hook before each call.
    inputs : Tensor, tuple, mapping or iterable
        As for `nonlin.torch.examine`.

    Raises
    ------
    ValueError
        If no argument of the model is a tensor of numbers.

    Examples
    --------
    >>> net = nn.Sequential(nn.ReLU())
    >>> replace_non_finite_(net, torch.zeros(1, 2))
    >>> net(torch.tensor([[2.0, float("nan")]]))
    tensor([[2., 0.]])
    """
    place = first_number(inputs)
    if place is None:
        raise ValueError("inputs: expected a tensor of numbers among the model's arguments")
    Preparation(model, place)


def first_number(inputs: Any) -> int | str | None:
    """Find the model's first argument that is a tensor of numbers: its place or its name.

    Bytes count, since they are pixels; integers are what is looked up.
    """
    batch = next(batches(inputs, None))
    given: list[tuple[int | str, Any]] = [*enumerate(batch.args), *batch.kwargs.items()]
    return next((place for place, x in given if _is_number(x)), None)


def _is_number(x: Any) -> bool:
    if not isinstance(x, Tensor) or x.layout != torch.strided or not x.ndim:
        return False
    return x.is_floating_point() or x.dtype == torch.uint8


def _feature_axis(model: nn.Module, x: Tensor) -> int | None:
    if x.ndim == 1:
        return None
    convolved = any(isinstance(m, nn.Conv1d) and m.in_channels == x.shape[1]
                    for m in model.modules())  # fmt: skip
    return 1 if x.ndim > 3 or (x.ndim == 3 and convolved) else x.ndim - 1


class Preparation:
    """What one argument of a model becomes before each call; `model.prepare` where that was free.

    Parameters
    ----------
    model : nn.Module
        Has the hook.
    place : int or str
        The argument's place or name.
    buffers : str or None
        What the names of mean and deviation among the model's buffers begin with; None to replace
        what is not finite.
    """

    def __init__(self, model: nn.Module, place: int | str, buffers: str | None = None) -> None:
        self.model, self.place, self.buffers = model, place, buffers
        names = list(inspect.signature(model.forward).parameters)
        self.name = place if isinstance(place, str) else next(iter(names[place:]), None)
        model.register_forward_pre_hook(self.before, with_kwargs=True)
        if not hasattr(model, "prepare"):
            vars(model)["prepare"] = self

    def __call__(self, x: Tensor) -> Tensor:
        """Give what the model takes in place of x."""
        prepared: Tensor = self._prepared(self.model, x)
        return prepared

    def before(self, module: nn.Module, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        """Change the argument of a call: a hook, told of the module that is called."""
        if isinstance(self.place, int) and self.place < len(args):
            changed = self._prepared(module, args[self.place])
            return (*args[: self.place], changed, *args[self.place + 1 :]), dict(kwargs)
        if self.name is not None and self.name in kwargs:
            return args, {**kwargs, self.name: self._prepared(module, kwargs[self.name])}
        return None

    def _prepared(self, module: nn.Module, x: Any) -> Any:
        if not _is_number(x):
            return x
        if self.buffers is None:
            return torch.nan_to_num(x, 0.0, 0.0, 0.0)
        mean, deviation = (getattr(module, f"{self.buffers}_{x}") for x in ("mean", "deviation"))
        return ((x - mean) / deviation).to(x.dtype if x.is_floating_point() else mean.dtype)
