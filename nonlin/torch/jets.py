"""Values with their first and second derivative: one formula gives all three.

A formula is written once, with the functions below. Of tensors it makes a tensor, which PyTorch
differentiates; of a `Jet` the value with phi' and phi'', each in PyTorch's operations, so that they
are differentiated in their turn, mapped, traced and compiled. Every function here is bounded with
both of its derivatives, or the place where it is not is cut off: no inf - inf, no 0 * inf.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

# A tensor, a number that is the same everywhere, or one of them with its derivatives.
Number = Any


@dataclass(frozen=True)
class Jet:
    """A value with its derivatives; those that are the same everywhere are numbers.

    Attributes
    ----------
    value, first, second : Tensor or float
    """

    value: Number
    first: Number = 1.0
    second: Number = 0.0

    def __add__(self, other: Number) -> Jet:
        b = _jet(other)
        return Jet(self.value + b.value, self.first + b.first, self.second + b.second)

    def __mul__(self, other: Number) -> Jet:
        if not isinstance(other, Jet):
            return Jet(self.value * other, self.first * other, self.second * other)
        b = other
        first = self.first * b.value + self.value * b.first
        second = self.second * b.value + 2.0 * self.first * b.first + self.value * b.second
        return Jet(self.value * b.value, first, second)

    __radd__ = __add__
    __rmul__ = __mul__

    def __neg__(self) -> Jet:
        return Jet(-self.value, -self.first, -self.second)

    def __sub__(self, other: Number) -> Jet:
        return self.__add__(-other)

    def __rsub__(self, other: Number) -> Jet:
        return (-self).__add__(other)

    def __truediv__(self, other: Number) -> Jet:
        return self.__mul__(reciprocal(other))

    def __rtruediv__(self, other: Number) -> Jet:
        return _jet(reciprocal(self)).__mul__(other)


def _jet(x: Number) -> Jet:
    return x if isinstance(x, Jet) else Jet(x, 0.0)


def primal(x: Number) -> Number:
    """Give the value alone."""
    return x.value if isinstance(x, Jet) else x


def chain(u: Jet, value: Number, first: Number, second: Number) -> Jet:
    """Give f(u) of f, f' and f'' at u: f'(u) u' and f''(u) u'^2 + f'(u) u''."""
    square = _times(_times(second, u.first), u.first)
    return Jet(value, _times(first, u.first), square + _times(first, u.second))


def _times(a: Number, b: Number) -> Number:
    """Multiply by what may be a number: infinity has no part in what is 0 everywhere."""
    if isinstance(b, float) and b in (0.0, 1.0):
        return b if b == 0.0 else a
    return a * b


def reciprocal(u: Number) -> Number:
    """Give 1 / u."""
    if not isinstance(u, Jet):
        return 1.0 / u
    r = 1.0 / u.value
    return chain(u, r, -r * r, 2.0 * r * r * r)


def exp(u: Number) -> Number:
    """Give e^u."""
    if not isinstance(u, Jet):
        return torch.exp(u)
    e = torch.exp(u.value)
    return chain(u, e, e, e)


def expm1(u: Number) -> Number:
    """Give e^u - 1."""
    if not isinstance(u, Jet):
        return torch.expm1(u)
    e = torch.exp(u.value)
    return chain(u, torch.expm1(u.value), e, e)


def sigmoid(u: Number) -> Number:
    """Give 1 / (1 + e^-u)."""
    if not isinstance(u, Jet):
        return torch.sigmoid(u)
    s, other = torch.sigmoid(u.value), torch.sigmoid(-u.value)
    return chain(u, s, s * other, s * other * (other - s))


def tanh(u: Number) -> Number:
    """Give tanh u; 1 - tanh^2 as the product of two sigmoids, which loses nothing far out."""
    if not isinstance(u, Jet):
        return torch.tanh(u)
    t = torch.tanh(u.value)
    slope = 4.0 * torch.sigmoid(2.0 * u.value) * torch.sigmoid(-2.0 * u.value)
    return chain(u, t, slope, -2.0 * t * slope)


def softplus(u: Number) -> Number:
    """Give log(1 + e^u)."""
    if not isinstance(u, Jet):
        return torch.logaddexp(u, torch.zeros_like(u))
    s, other = torch.sigmoid(u.value), torch.sigmoid(-u.value)
    value = torch.logaddexp(u.value, torch.zeros_like(u.value))
    return chain(u, value, s, s * other)


def normal_cdf(u: Number) -> Number:
    """Give (1 + erf(u / sqrt 2)) / 2."""
    if not isinstance(u, Jet):
        return torch.special.ndtr(u)
    density = torch.exp(-0.5 * u.value * u.value) / math.sqrt(2.0 * math.pi)
    return chain(u, torch.special.ndtr(u.value), density, -bounded(u.value, 1e6) * density)


def sin(u: Number) -> Number:
    """Give sin u."""
    if not isinstance(u, Jet):
        return torch.sin(u)
    s = torch.sin(u.value)
    return chain(u, s, torch.cos(u.value), -s)


def sqrt(u: Number) -> Number:
    """Give the square root of u."""
    if not isinstance(u, Jet):
        return torch.sqrt(u) if isinstance(u, Tensor) else math.sqrt(u)
    root = sqrt(u.value)
    return chain(u, root, 0.5 / root, -0.25 / (root * u.value))


def hypot(u: Number, c: Number) -> Number:
    """Give sqrt(u^2 + c^2), whose square need not be finite."""
    if not isinstance(u, Jet) and not isinstance(c, Jet):
        return _hypot(u.abs(), torch.as_tensor(c, dtype=u.dtype, device=u.device).abs())
    u, c = _jet(u), _jet(c)
    h = hypot(u.value, c.value)
    first = u.value / h * u.first + c.value / h * c.first
    squares = u.first * u.first + c.first * c.first - first * first
    return Jet(h, first, squares / h + u.value / h * u.second + c.value / h * c.second)


def _hypot(a: Tensor, b: Tensor) -> Tensor:
    # ONNX has no operator for torch.hypot.
    largest, least = torch.maximum(a, b), torch.minimum(a, b)
    scale = torch.where((largest > 0) & (largest < math.inf), largest, 1.0)
    return largest * torch.sqrt(1.0 + (least / scale) ** 2)


def choose(condition: Tensor, chosen: Number, other: Number, like: Tensor) -> Number:
    """Give `chosen` where the condition holds, else `other`, as what `like` is."""
    if isinstance(chosen, Jet) or isinstance(other, Jet):
        a, b = _jet(chosen), _jet(other)
        pairs = ((a.value, b.value), (a.first, b.first), (a.second, b.second))
        return Jet(*(choose(condition, x, y, like) for x, y in pairs))
    return torch.where(condition, _tensor(chosen, like), _tensor(other, like))


def bounded(u: Number, bound: float) -> Number:
    """Cut u off at -bound and bound, beyond which a function does not change."""
    x = primal(u)
    return choose(x > bound, bound, choose(x < -bound, -bound, u, x), x)


def gated(x: Number, gate: Number) -> Number:
    """Give x times the gate, 0 where the gate is shut even if x is infinite."""
    like = primal(x)
    return choose(primal(gate) == 0, 0.0, x * gate, like)


def _tensor(x: Number, like: Tensor) -> Tensor:
    if isinstance(x, Tensor):
        return x
    return torch.full((), x, dtype=like.dtype, device=like.device)


def derivatives(f: Callable[..., Number], x: Tensor, *parameters: Number) -> tuple[Tensor, Tensor]:
    """Give phi'(x) and phi''(x); at infinities their limits, at NaN NaN.

    Parameters
    ----------
    f : callable
        A formula of x and the parameters.
    x : Tensor, shape (...)
    *parameters : float or Tensor

    Returns
    -------
    (Tensor, Tensor), shape (...)
    """
    largest = torch.finfo(x.dtype).max
    found = _jet(f(Jet(x.clamp(-largest, largest)), *parameters))
    undefined = x.isnan()
    return tuple(  # type: ignore[return-value]
        torch.where(undefined, x, _tensor(each, x).expand_as(x))
        for each in (found.first, found.second)
    )


def by_parameter(f: Callable[..., Number], index: int, x: Tensor, *parameters: Number) -> Tensor:
    """Give the derivative of phi(x) by one of the parameters, shape (...)."""
    largest = torch.finfo(x.dtype).max
    seeded = [Jet(p) if k == index else p for k, p in enumerate(parameters)]
    found = _jet(f(x.clamp(-largest, largest), *seeded)).first
    return torch.where(x.isnan(), x, _tensor(found, x).expand_as(x))
