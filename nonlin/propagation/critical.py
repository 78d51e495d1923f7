"""Where gradients neither vanish nor explode: the weight variance at which chi1 = 1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nonlin.activation import Activation, expect_activation
from nonlin.propagation.arguments import variance
from nonlin.propagation.errors import NoCriticalPointError
from nonlin.propagation.moments import moments
from nonlin.propagation.quadrature import Array
from nonlin.propagation.table import table

# Differences below this share of q are rounding, and tell of no crossing.
ROUNDING = 1e-10

# A length map steeper than this at its fixed point repels what it should hold.
REPELS = 1.0 + 1e-6


@dataclass(frozen=True, slots=True)
class CriticalPoint:
    """A weight variance that keeps gradients, and the length of the signal there.

    Attributes
    ----------
    weight_variance, bias_variance : float
        sw2 (of sqrt(fan_in) times a weight) and sb2.
    q_star : float
        The length that the pre-activation keeps. 0 if lengths shrink to it like a power of depth;
        NaN if `every_length`.
    every_length : bool
        Whether every length is kept: the function is linear on both sides of 0, as ReLU is.
    """

    weight_variance: float
    bias_variance: float
    q_star: float
    every_length: bool


def critical_initialization(act: Activation | str, bias_variance: float = 0.0) -> CriticalPoint:
    """Find the weight variance at which gradients keep their length through depth.

    With V(q) = E[phi^2] and M(q) = E[phi'^2], u ~ N(0, q), it has to be at once that q = sw2 V(q) +
    sb2 and sw2 M(q) = 1. Eliminating sw2, the critical line is a curve with the parameter q,

        sw2 = 1 / M(q),   sb2 = q - V(q) / M(q),

    so that one equation in q remains. Of several solutions the smallest q is taken at which the
    length map does not repel.

    Parameters
    ----------
    act : Activation or str
        Or its name, as `nonlin.get` takes it.
    bias_variance : float
        sb2, the variance of the biases.

    Returns
    -------
    CriticalPoint
        Draw weights with the variance weight_variance / fan_in.

    Raises
    ------
    ValueError
        If `bias_variance` is negative or not finite.
    NoCriticalPointError
        If there is none; the message says for which bias variances there is one.
    NotConvergedError
        If the moments cannot be computed.

    Examples
    --------
    >>> import nonlin as nl
    >>> critical_initialization(nl.relu).weight_variance
    2.0
    >>> round(critical_initialization(nl.tanh, bias_variance=0.05).weight_variance, 8)
    1.76095464

    References
    ----------
    B. Poole et al., Exponential expressivity in deep neural networks through transient chaos, 2016.
    S. S. Schoenholz et al., Deep information propagation, 2017. K. He et al., Delving deep into
    rectifiers, 2015, is the case of ReLU.
    """
    act = expect_activation("critical_initialization", act)
    bias_variance = variance("bias_variance", bias_variance)
    q, needed, elasticity = _curve(act)
    if (np.abs(needed) <= ROUNDING * q).all():
        if bias_variance == 0.0:
            weight = 1.0 / float(moments(act, 1.0).slope_square)
            return CriticalPoint(round(weight, 14), 0.0, float("nan"), True)
    elif bias_variance == 0.0 and _settles_at_zero(act):
        weight = 1.0 / float(moments(act, 0.0).slope_square)
        return CriticalPoint(round(weight, 14), 0.0, 0.0, False)
    else:
        for index in _crossings(needed - bias_variance, q):
            root = _solve(act, bias_variance, float(q[index]), float(q[index + 1]))
            if _holds(act, root):
                weight = 1.0 / float(moments(act, root).slope_square)
                return CriticalPoint(weight, float(bias_variance), root, False)
    raise NoCriticalPointError(_explain(act, bias_variance, q, needed, elasticity))


def _curve(act: Activation) -> tuple[Array, Array, Array]:
    """Give q, the bias variance that makes it critical, and the slope of the length map there."""
    q, square, slope, growth = table(act).grid()
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        return q, q - square / slope, growth / (q * slope)


def _settles_at_zero(act: Activation) -> bool:
    # With phi(0) = 0 and sw2 = 1 / M(0), does a small length not grow? Then q* = 0 holds, and
    # gradients are kept in the limit.
    zero, near = moments(act, 0.0), moments(act, 1e-6)
    if not (zero.slope_square > 0.0 and zero.square < 1e-200):
        return False
    return bool(near.square / zero.slope_square <= 1e-6 * (1.0 + ROUNDING))


def _crossings(excess: Array, q: Array) -> list[int]:
    sign = np.where(np.abs(excess) > ROUNDING * q, np.sign(excess), 0.0)
    sign[~np.isfinite(excess)] = 0.0
    return [int(i) for i in np.flatnonzero(sign[:-1] * sign[1:] < 0.0)]


def _solve(act: Activation, bias: float, low: float, high: float) -> float:
    """Solve q M(q) - V(q) = sb2 M(q) by bisection and secants (the Illinois method)."""

    def excess(q: float) -> float:
        found = moments(act, q)
        return float((q - bias) * found.slope_square - found.square)

    at_low, at_high = excess(low), excess(high)
    for _ in range(60):
        q = high - at_high * (high - low) / (at_high - at_low)
        at_q = excess(q)
        if at_q * at_high < 0.0:
            low, at_low = high, at_high
        else:
            at_low *= 0.5
        moved, high, at_high = abs(q - high), q, at_q
        if moved <= 4e-16 * q or at_q == 0.0:
            break
    return high


def _holds(act: Activation, q: float) -> bool:
    found = moments(act, q)
    # Where the slope itself has vanished no length is held, and 0 / 0 is no number.
    gradient = float(q * found.slope_square)
    return gradient > 0.0 and float(found.growth) / gradient <= REPELS


def _explain(act: Activation, bias: float, q: Array, needed: Array, slope: Array) -> str:
    head = f"{act!r} has no critical weight variance at bias_variance={bias:g}"
    if (np.abs(needed) <= ROUNDING * q).all():
        return f"{head}: it keeps lengths and gradients at bias_variance=0 only"
    stable = np.isfinite(needed) & (slope <= 1.0) & (needed > ROUNDING * q)
    if not stable.any():
        return f"{head}, nor at any other: no weight variance makes chi1 = 1 where lengths settle"
    low, high = needed[stable].min(), needed[stable].max()
    return f"{head}: there are some for bias variances from about {low:.2g} to {high:.2g}"
