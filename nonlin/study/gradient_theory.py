"""What mean-field theory says of the gradients that nonlin.study.gradients measures.

The theory is that of infinitely wide layers, the networks have 64 units: the numbers stand beside
the measured ones, and no verdict rests on them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nonlin.catalogue import get
from nonlin.propagation import propagate
from nonlin.study.networks import Init, critical_variances
from nonlin.study.results import Number
from nonlin.study.statistics import log_linear


def variances(init: Init, width: int, activation: str) -> tuple[float, float]:
    """Give fan_in times the variance of a weight, and the variance of a bias, between equal layers.

    A uniform number within +-b has the variance b^2 / 3, which is what torch's default draws.
    """
    if init == "critical":
        return critical_variances(activation)
    if init == "default":
        return 1 / 3, 1 / (3 * width)
    return (1.0, 0.0) if init == "xavier" else (2.0, 0.0)


def predicted_growth(
    activation: str, init: Init, depth: int, width: int, input_length: float
) -> NDArray[np.float64]:
    """Predict the RMS gradient at layer 1 over that at layer l, shape (depth,).

    The square root of the product of chi_1 to chi_{l-1}, chi = sw2 E[phi'(u)^2].
    """
    weight_variance, bias_variance = variances(init, width, activation)
    found = propagate(
        get(activation),
        weight_variance=weight_variance,
        bias_variance=bias_variance,
        depth=depth,
        input_length=input_length,
    )
    product = np.cumprod(found.gradient_factors[:-1])
    return np.asarray(np.sqrt(np.concatenate([[1.0], product])))


def predicted(suffix: str, positions: Sequence[float], growth: NDArray[np.float64]) -> Number:
    """Fit the prediction as the measurement is fitted: `predicted_<suffix>`, the factor a layer.

    `growth[l - 1]` belongs to layer l; `positions` are the layers, or depths, of the fit.
    """
    places = [int(position) - 1 for position in positions]
    return Number(f"predicted_{suffix}", log_linear(positions, growth[places]).factor)
