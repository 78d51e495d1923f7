"""Where gradients neither vanish nor explode: the weight variances at which chi1 = 1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nonlin.above import Tabular
from nonlin.activation import Activation, expect_activation
from nonlin.propagation.arguments import variance, variances
from nonlin.propagation.choice import first_weights
from nonlin.propagation.crossings import CriticalPoint, critical_point, why_none
from nonlin.propagation.errors import NoCriticalPointError, NotConvergedError
from nonlin.propagation.quadrature import Array

__all__ = ["CriticalPoint", "critical_initialization"]

# A depth to name weights for; the error names the function that takes another.
DEPTH = 10


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
        If there is none; the message says for which bias variances there is one, and what weights
        `first_weights` takes instead.
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
    point = critical_point(act, bias_variance)
    if point is None:
        raise NoCriticalPointError(why_none(act, bias_variance) + _instead(act))
    return point


def _instead(act: Activation) -> str:
    try:
        found = first_weights(act, DEPTH)
    except NotConvergedError:
        return ""
    biases = f", bias_variance={found.bias_variance:.4g}" if found.bias_variance else ""
    return (
        f"; for {DEPTH} layers take weight_variance={found.weight_variance:.4g}{biases}, which "
        f"{'keeps' if found.holds else 'comes nearest to keeping'} the length {found.length:.3g} "
        f"and changes gradients by {found.gradient_factor:.4g} a layer "
        f"(nonlin.first_weights, for any depth)"
    )


@dataclass(frozen=True, slots=True, eq=False)
class CriticalLine(Tabular):
    """Critical points over bias variances, shape (n,) each; NaN where `found` is False."""

    activation: Activation
    bias_variances: Array
    weight_variances: Array
    q_star: Array
    found: NDArray[np.bool_]


def critical_line(act: Activation | str, bias_variances: ArrayLike | None = None) -> CriticalLine:
    """Find the critical weight variance for each of several bias variances.

    The line between ordered (below) and chaotic (above) networks; see `critical_initialization`.

    Parameters
    ----------
    act : Activation
    bias_variances : array_like, shape (n,), optional
        sb2; 21 values from 0 to 1 by default.

    Returns
    -------
    CriticalLine
        With NaN and `found` False where there is no critical point.

    Raises
    ------
    ValueError
        If a bias variance is negative or not finite.

    Examples
    --------
    >>> import nonlin as nl
    >>> critical_line(nl.tanh, [0.01, 0.05, 1.0]).weight_variances.round(8)
    array([1.42420529, 1.76095464, 3.44321091])

    References
    ----------
    S. S. Schoenholz et al., Deep information propagation, 2017.
    """
    act = expect_activation("critical_line", act)
    chosen = np.linspace(0.0, 1.0, 21) if bias_variances is None else bias_variances
    biases = variances("bias_variances", chosen)
    weights, lengths = np.full((2, len(biases)), np.nan)
    found = np.zeros(len(biases), dtype=bool)
    for i, bias in enumerate(biases.tolist()):
        try:
            point = critical_initialization(act, bias)
        except NoCriticalPointError:
            continue
        weights[i], lengths[i], found[i] = point.weight_variance, point.q_star, True
    return CriticalLine(act, biases, weights, lengths, found)
