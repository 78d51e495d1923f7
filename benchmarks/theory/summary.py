"""Predicted beside measured, point by point, and whether they agree."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nonlin import Activation
from nonlin.propagation import Propagation, propagate
from nonlin.study.results import Number
from nonlin.study.statistics import mean
from theory.networks import CORRELATION
from theory.store import Measured

BAR = 0.02
SETTLES = 10.0  # layers; where lengths need more, they have not settled in a network of 50


@dataclass(frozen=True)
class Compared:
    """One number: what theory says, and the mean over draws with its 95 % interval."""

    predicted: float
    measured: Number

    @property
    def error(self) -> float:
        """measured / predicted - 1."""
        return self.measured.value / self.predicted - 1.0

    @property
    def meets(self) -> bool:
        """Whether the error is within the bar of 2 %."""
        return abs(self.error) <= BAR


@dataclass(frozen=True)
class Summary:
    """One point of one function.

    Attributes
    ----------
    factor : Compared or None
        The mean over layers of the gradient's factor a layer; None if no gradient was left.
    kept : str
        "length" where lengths settle, else "growth".
    judged : Compared or None
        The mean length over the second half of the layers, or the mean over layers of the length
        over that of the layer before; None if a length overflowed.
    correlation : (float, Number)
        At the last layer.
    """

    measured: Measured
    theory: Propagation
    factor: Compared | None
    kept: str
    judged: Compared | None
    correlation: tuple[float, Number]

    @property
    def meets(self) -> bool:
        """Whether the gradient's factor and the length, or its growth, are within the bar."""
        return all(x is not None and x.meets for x in (self.factor, self.judged))


def predict(act: Activation, measured: Measured) -> Propagation:
    """Compute what theory says of the networks that were measured."""
    point = measured.point
    return propagate(
        act,
        weight_variance=point.weight_variance,
        bias_variance=point.bias_variance,
        depth=measured.lengths.shape[1],
        input_length=point.input_length,
        input_correlation=CORRELATION,
    )


def summarise(act: Activation, measured: Measured) -> Summary:
    """Compare one point."""
    theory = predict(act, measured)
    lengths, half = measured.lengths, measured.lengths.shape[1] // 2
    settles = 0.0 < theory.q_star < math.inf and theory.xi_q <= SETTLES
    if settles:
        judged = _compared("length", theory.q_star, lengths[:, half:])
    else:
        growth = float(np.mean(theory.lengths[1:] / theory.lengths[:-1]))
        judged = _compared("growth", growth, lengths[:, 1:] / lengths[:, :-1])
    chi = float(np.mean(theory.gradient_factors[:-1]))
    correlation = np.nan_to_num(measured.correlations[:, -1])
    return Summary(
        measured,
        theory,
        _compared("factor", chi, measured.factors),
        "length" if settles else "growth",
        judged,
        (float(theory.correlations[-1]), mean("correlation", correlation)),
    )


def _compared(name: str, predicted: float, measured: NDArray[np.float64]) -> Compared | None:
    """Compare the means over the layers of each draw; None if one is not finite."""
    if not np.isfinite(measured).all():
        return None
    return Compared(predicted, mean(name, measured.mean(1)))
