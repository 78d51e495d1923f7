"""The derivative of each function, and each gate, with respect to its parameters.

Each is a formula in float64 whose terms have one sign, or are summed as a series where they would
cancel; what rounding takes from a product under an exponential or a sine is put back to first
order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import factorial
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nonlin import ufuncs

__all__ = ["GATE_SLOPES", "PARAMETER_SLOPES", "Slopes"]

Reals = NDArray[np.float64]
Slopes = dict[str, Any]


def _product(a: Any, b: Any) -> tuple[Reals, Reals]:
    """Give a b and what rounding takes from it (Dekker 1971)."""
    a, b = np.broadcast_arrays(np.asarray(a, np.float64), np.asarray(b, np.float64))
    product = a * b
    (a_high, a_low), (b_high, b_low) = _halves(a), _halves(b)
    lost = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
    return product, np.where(np.isfinite(lost), lost, 0.0)


def _halves(a: Reals) -> tuple[Reals, Reals]:
    high = 134217729.0 * a
    high = high - (high - a)
    return high, a - high


def _series(y: Reals, coefficients: list[float]) -> Reals:
    total = np.zeros_like(y)
    for coefficient in reversed(coefficients):
        total = total * y + coefficient
    return total


def _bend(y: Any) -> Reals:
    """Compute e^y - 1 - y for y <= 0."""
    y = np.asarray(y, np.float64)
    near = y * y * _series(np.maximum(y, -1.0), [1 / factorial(k) for k in range(2, 22)])
    return np.asarray(np.where(y > -1.0, near, np.expm1(y) - y))


def _left(x: Reals) -> Reals:
    return np.minimum(x, 0.0)


def _leaky_relu(x: Reals, negative_slope: Any) -> Slopes:
    return {"negative_slope": _left(x)}


def _elu(x: Reals, alpha: Any) -> Slopes:
    return {"alpha": np.expm1(_left(x))}


def _celu(x: Reals, alpha: Any) -> Slopes:
    # (1 - z) e^z - 1, z = x / alpha, is -z^2 / 2 - z^3 / 3 - z^4 / 8 - ...
    z = np.where(x > 0, 0.0, x / alpha)
    near = -z * z * _series(np.maximum(z, -1.0), [(k - 1) / factorial(k) for k in range(2, 22)])
    far = np.expm1(z) - z * np.exp(z)
    return {"alpha": np.where(z > -1.0, near, np.where(z < -800.0, -1.0, far))}


def _silu(x: Reals, beta: Any) -> Slopes:
    y, lost = _product(beta, x)
    slope = ufuncs.sigmoid_derivative(y) * (1.0 - lost * np.tanh(0.5 * y))
    return {"beta": x * slope * x}


def _softplus(x: Reals, beta: Any, threshold: Any) -> Slopes:
    # Minus the entropy of sigmoid(beta x), over beta^2.
    y, lost = _product(beta, x)
    size = np.minimum(np.abs(y), 800.0)
    t = np.exp(-size) * (1.0 - np.copysign(1.0, y) * lost)
    entropy = np.log1p(t) + size * t / (1.0 + t)
    bent = -entropy / beta / beta
    return {"beta": np.where(y > threshold, 0.0, bent), "threshold": np.zeros_like(y)}


def _squareplus(x: Reals, b: Any) -> Slopes:
    return {"b": 0.25 / np.hypot(x, np.sqrt(b))}


def _hard_sigmoid(x: Reals, width: Any, offset: Any) -> Slopes:
    inside = ufuncs.hard_sigmoid_derivative(x, width, offset) != 0
    return {"width": np.where(inside, -x / width / width, 0.0), "offset": 1.0 * inside}


def _hard_tanh(x: Reals, min_val: Any, max_val: Any) -> Slopes:
    return {"min_val": 1.0 * (x <= min_val), "max_val": 1.0 * (x > max_val)}


def _threshold(x: Reals, threshold: Any, value: Any) -> Slopes:
    return {"threshold": np.zeros_like(x), "value": 1.0 * (x <= threshold)}


def _thresholded_relu(x: Reals, alpha: Any) -> Slopes:
    return {"alpha": np.zeros_like(x)}


def _hard_shrink(x: Reals, lambd: Any) -> Slopes:
    return {"lambd": np.zeros_like(x)}


def _soft_shrink(x: Reals, lambd: Any, bias: Any) -> Slopes:
    moved = np.where(x > lambd, -1.0, np.where(x < -lambd, 1.0, 0.0))
    return {"lambd": np.zeros_like(x), "bias": moved}


def _star_relu(x: Reals, s: Any, b: Any) -> Slopes:
    return {"s": np.maximum(x, 0.0) ** 2, "b": np.ones_like(x)}


def _xielu(x: Reals, alpha_p: Any, alpha_n: Any, beta: Any, eps: Any) -> Slopes:
    left = _left(x)
    below = np.minimum(left, eps)
    between = (x > eps) & (x <= 0)
    return {
        "alpha_p": np.maximum(x, 0.0) ** 2,
        "alpha_n": np.where(between, np.expm1(below) - left, _bend(left)),
        "beta": x,
        "eps": np.where(between, alpha_n * np.exp(below), 0.0),
    }


def _softcap(x: Reals, cap: Any) -> Slopes:
    # tanh z - z (1 - tanh(z)^2) = (sinh w - w) / (cosh w + 1), z = x / cap, w = 2 z.
    z = x / cap
    w = np.clip(2 * z, -2.0, 2.0)
    odd = [1 / factorial(2 * k + 1) for k in range(1, 14)]
    near = w * w * w * _series(w * w, odd) / (np.cosh(w) + 1.0)
    far = np.tanh(z) - z * ufuncs.tanh_derivative(z)
    return {"cap": np.where(np.abs(z) < 1.0, near, far)}


def _stanh(x: Reals, a: Any, b: Any) -> Slopes:
    y, lost = _product(a, x)
    t = np.tanh(y)
    slope = ufuncs.tanh_derivative(y)
    return {"a": b * (x * slope * (1.0 - 2.0 * lost * t)), "b": t + lost * slope}


def _laplace(x: Reals, mu: Any, sigma: Any) -> Slopes:
    slope = ufuncs.laplace_derivative(x, mu, sigma)
    return {"mu": -slope, "sigma": (mu - x) / sigma * slope}


def _snake(x: Reals, alpha: Any) -> Slopes:
    # (2 u cos u - sin u) sin u / alpha^2
    u, lost = _product(alpha, x)
    sine, cosine = np.sin(u) + lost * np.cos(u), np.cos(u) - lost * np.sin(u)
    return {"alpha": (2.0 * u * cosine - sine) / alpha * (sine / alpha)}


def _snake_beta(x: Reals, alpha: Any, beta: Any) -> Slopes:
    u, lost = _product(alpha, x)
    sine = np.sin(u) + lost * np.cos(u)
    twice = np.sin(2 * u) + 2 * lost * np.cos(2 * u)
    return {"alpha": x / beta * twice, "beta": -((sine / beta) ** 2)}


PARAMETER_SLOPES: Mapping[str, Callable[..., Slopes]] = MappingProxyType(
    {
        "celu": _celu,
        "elu": _elu,
        "hard_shrink": _hard_shrink,
        "hard_sigmoid": _hard_sigmoid,
        "hard_tanh": _hard_tanh,
        "laplace": _laplace,
        "leaky_relu": _leaky_relu,
        "silu": _silu,
        "snake": _snake,
        "snake_beta": _snake_beta,
        "soft_shrink": _soft_shrink,
        "softcap": _softcap,
        "softplus": _softplus,
        "squareplus": _squareplus,
        "stanh": _stanh,
        "star_relu": _star_relu,
        "threshold": _threshold,
        "thresholded_relu": _thresholded_relu,
        "xielu": _xielu,
    }
)


def _clamped_swiglu(x: Reals, value: Reals, limit: Any, alpha: Any, offset: Any) -> Slopes:
    near, inside = np.minimum(x, limit), np.clip(value, -limit, limit) + offset
    gate = ufuncs.silu(near, alpha)
    by_gate = np.where(x > limit, ufuncs.silu_derivative(near, alpha), 0.0)
    by_value = np.where(value > limit, 1.0, np.where(value <= -limit, -1.0, 0.0))
    return {
        "limit": by_gate * inside + gate * by_value,
        "alpha": _silu(near, alpha)["beta"] * inside,
        "offset": gate + 0.0 * inside,
    }


def _situ_glu(x: Reals, value: Reals, beta1: Any, beta2: Any) -> Slopes:
    share = ufuncs.sigmoid(x)
    return {
        "beta1": _softcap(x, beta1)["cap"] * share * ufuncs.softcap(value, beta2),
        "beta2": ufuncs.softcap(x, beta1) * share * _softcap(value, beta2)["cap"],
    }


# Of the others the only parameters are the activation's.
GATE_SLOPES: Mapping[str, Callable[..., Slopes]] = MappingProxyType(
    {"clamped_swiglu": _clamped_swiglu, "situ_glu": _situ_glu}
)
