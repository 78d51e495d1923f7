"""The factors of gates that are no activations of the catalogue, as functions that pickle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from nonlin.activation import Activation
from nonlin.pickling import bound_ufuncs


@dataclass(frozen=True)
class ClampedSilu:
    """x sigmoid(alpha x) of min(x, limit), as the kernel of its gate computes it."""

    limit: float
    alpha: float
    slope: bool = False

    def __call__(self, x: Any) -> Any:
        """Compute it, or its derivative, beside a value of 1."""
        value, derivative, _ = bound_ufuncs("clamped_swiglu", (self.limit, self.alpha, 1.0))
        beside = np.zeros_like(x)
        return derivative(x, beside)[0] if self.slope else value(x, beside)


@dataclass(frozen=True)
class ClampedValue:
    """clamp(x, -limit, limit) + offset."""

    limit: float
    offset: float
    slope: bool = False

    def __call__(self, x: Any) -> Any:
        """Compute it, or its derivative, at a kink the one on its left."""
        if not self.slope:
            return np.clip(x, -self.limit, self.limit) + self.offset
        inside = (x > -self.limit) & (x <= self.limit)
        return np.where(np.isnan(x), x, inside.astype(np.asarray(x).dtype))


@dataclass(frozen=True)
class SoftCap:
    """cap tanh(x / cap)."""

    cap: float
    slope: bool = False

    def __call__(self, x: Any) -> Any:
        """Compute it, or its derivative."""
        tanh, slope, _ = bound_ufuncs("tanh", ())
        return slope(x / self.cap) if self.slope else self.cap * tanh(x / self.cap)


@dataclass(frozen=True)
class Situ:
    """beta1 tanh(x / beta1) sigmoid(x), as the kernel of its gate computes it."""

    beta1: float
    slope: bool = False

    def __call__(self, x: Any) -> Any:
        """Compute it, or its derivative, beside a value that no float tells from infinity."""
        # Of an infinite value beta2 tanh(value / beta2) is beta2.
        value, derivative, _ = bound_ufuncs("situ_glu", (self.beta1, 1.0))
        beside = np.full_like(x, np.inf)
        return derivative(x, beside)[0] if self.slope else value(x, beside)


def clamped_silu(limit: float, alpha: float) -> Activation:
    """Make phi of the clamped SwiGLU."""
    made = ClampedSilu(limit, alpha)
    return Activation.from_function(made, ClampedSilu(limit, alpha, True), "clamped_silu")


def clamped_value(limit: float, offset: float) -> Activation:
    """Make psi of the clamped SwiGLU."""
    made = ClampedValue(limit, offset)
    return Activation.from_function(made, ClampedValue(limit, offset, True), "clamped_value")


def soft_cap(cap: float) -> Activation:
    """Make psi of SiTU-GLU."""
    return Activation.from_function(SoftCap(cap), SoftCap(cap, True), "soft_cap")


def situ(beta1: float) -> Activation:
    """Make phi of SiTU-GLU."""
    return Activation.from_function(Situ(beta1), Situ(beta1, True), "situ")
