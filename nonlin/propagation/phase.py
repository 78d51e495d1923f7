"""Ordered or chaotic: a diagram over weight and bias variances."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nonlin.above import Tabular, ask
from nonlin.activation import Activation, expect_activation
from nonlin.propagation.arguments import variance, variances
from nonlin.propagation.critical import critical_initialization
from nonlin.propagation.errors import NoCriticalPointError
from nonlin.propagation.fixed_point import fixed_point
from nonlin.propagation.quadrature import Array

# Closer to 1 than this, gradients change by a factor e in a million layers.
CRITICAL = 1e-6


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PhaseDiagram(Tabular):
    """Where lengths settle and what gradients do, shape (len(weight), len(bias)) each.

    Attributes
    ----------
    activation : Activation
    weight_variances, bias_variances : arrays
        sw2 and sb2.
    q_star : array
        0 and inf where lengths vanish and grow without limit.
    chi1 : array
        The factor of the mean squared gradient a layer.
    xi_q : array
        Layers over which the length approaches q*, by a factor e.
    gradient_depth : array
        Layers over which the mean squared gradient changes by a factor e, 1 / |ln chi1|.
    phase : array of str
        "ordered" (chi1 < 1), "critical", "chaotic", or "unsettled" where lengths go to where the
        function cannot be integrated; there the numbers are NaN.
    """

    activation: Activation
    weight_variances: Array
    bias_variances: Array
    q_star: Array
    chi1: Array
    xi_q: Array
    gradient_depth: Array
    phase: NDArray[np.str_]

    def __repr__(self) -> str:
        written: str = ask("line", self)
        return written


def phase_diagram(
    act: Activation | str,
    weight_variances: ArrayLike | None = None,
    bias_variances: ArrayLike | None = None,
    input_length: float = 1.0,
) -> PhaseDiagram:
    """Compute the fixed point and the phase for each pair of variances.

    q* = sw2 E[phi^2] + sb2 and chi1 = sw2 E[phi'^2], both at u ~ N(0, q*). The expectations are
    interpolated over ln q from a table whose error is below 1e-8 of q (measured about 1e-11).

    Parameters
    ----------
    act : Activation
    weight_variances : array_like, shape (n,), optional
        sw2; by default 100 values up to twice the critical one at zero bias, or up to 4.
    bias_variances : array_like, shape (m,), optional
        sb2; by default 100 values from 0 to 1.
    input_length : float
        |x|^2 / n of the input: where there are several fixed points, which one is reached.

    Returns
    -------
    PhaseDiagram

    Raises
    ------
    ValueError
        If a variance is negative or not finite.
    NotConvergedError
        If the moments cannot be computed.

    Examples
    --------
    >>> import nonlin as nl
    >>> diagram = phase_diagram(nl.tanh, [1.3, 2.5], [0.05])
    >>> diagram.phase[:, 0].tolist(), diagram.chi1[:, 0].round(6).tolist()
    (['ordered', 'chaotic'], [0.880164, 1.133516])

    References
    ----------
    B. Poole et al., Exponential expressivity in deep neural networks through transient chaos, 2016.
    """
    act = expect_activation("phase_diagram", act)
    given = _weights(act) if weight_variances is None else weight_variances
    weights = variances("weight_variances", given)
    given = np.linspace(0.0, 1.0, 100) if bias_variances is None else bias_variances
    biases = variances("bias_variances", given)
    input_length = variance("input_length", input_length)
    weight, bias = (x.ravel() for x in np.meshgrid(weights, biases, indexing="ij"))
    shape = len(weights), len(biases)
    found = fixed_point(act, weight, bias, weight * input_length + bias)
    q_star, chi1 = found.q_star, found.chi1
    return PhaseDiagram(
        act,
        weights,
        biases,
        q_star.reshape(shape),
        chi1.reshape(shape),
        depth_scale(found.slope).reshape(shape),
        _layers(chi1).reshape(shape),
        phases(chi1).reshape(shape),
    )


def _weights(act: Activation) -> Array:
    try:
        highest = 2.0 * critical_initialization(act).weight_variance
    except NoCriticalPointError:
        highest = 4.0
    return np.asarray(highest * np.arange(1, 101) / 100.0)


def phases(chi1: ArrayLike) -> NDArray[np.str_]:
    """Name the phase that a gradient factor belongs to."""
    chi = np.asarray(chi1, dtype=np.float64)
    conditions = [np.isnan(chi), chi < 1.0 - CRITICAL, chi > 1.0 + CRITICAL]
    return np.select(conditions, ["unsettled", "ordered", "chaotic"], "critical")


def depth_scale(slope: ArrayLike) -> Array:
    """Compute -1 / ln |slope|, the layers in which a deviation shrinks by a factor e.

    Infinite where it does not shrink to within `CRITICAL`, 0 where one layer removes it.
    """
    size = np.abs(np.asarray(slope, dtype=np.float64))
    with np.errstate(divide="ignore"):
        scale = -1.0 / np.log(size)
    return np.where(size >= 1.0 - CRITICAL, np.inf, scale)


def _layers(chi1: Array) -> Array:
    with np.errstate(divide="ignore"):
        layers = 1.0 / np.abs(np.log(chi1))
    return np.where(np.abs(chi1 - 1.0) <= CRITICAL, np.inf, layers)
