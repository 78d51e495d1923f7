"""The border between ordered and chaotic networks, as a line over bias variances."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nonlin.above import Tabular
from nonlin.activation import Activation, expect_activation
from nonlin.propagation.arguments import variances
from nonlin.propagation.critical import critical_initialization
from nonlin.propagation.errors import NoCriticalPointError
from nonlin.propagation.quadrature import Array


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
