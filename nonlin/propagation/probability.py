"""Networks that are dead at birth, and units that are silent on a batch."""

from __future__ import annotations

import math

import numpy as np

from nonlin.propagation.arguments import between, whole
from nonlin.propagation.quadrature import Array, panels

# From here on the complement of the normal distribution is computed by its asymptotic series, whose
# first omitted term is 10395 / 25^12, 2e-13.
FAR = 25.0


def born_dead_probability(width: int, depth: int) -> float:
    """Bound the probability that a ReLU network is constant before it is trained.

    A layer of N units with symmetric weights and no bias is 0 on a given input with probability
    2^-N, and one such layer ends the signal: P <= 1 - (1 - 2^-N)^(L-1). For inputs of one
    dimension, and networks not much deeper than wide, the bound is close.

    Parameters
    ----------
    width : int
        N, units of each hidden layer.
    depth : int
        L, layers of weights.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If `width` or `depth` is not a positive integer.

    Examples
    --------
    >>> round(born_dead_probability(width=5, depth=10), 4)
    0.2485

    References
    ----------
    L. Lu et al., Dying ReLU and initialization: theory and numerical examples, 2020.
    """
    width, depth = whole("width", width), whole("depth", depth)
    return -math.expm1((depth - 1) * math.log1p(-(2.0**-width)))


def silent_probability(correlation: float, samples: int) -> float:
    """Compute the probability that a healthy ReLU unit is 0 on a whole batch.

    The pre-activations of a unit with random weights on B inputs, every two of which have the
    correlation c, are sqrt(c) z + sqrt(1-c) e_i with one z and B e_i, all N(0, 1). So all are
    negative with the probability

        E_z[Phi(-z sqrt(c / (1-c)))^B].

    Parameters
    ----------
    correlation : float
        c of the layer's inputs, in [0, 1]; `nonlin.propagate` gives it.
    samples : int
        B.

    Returns
    -------
    float
        With a relative error below 1e-9 for B up to 10^6.

    Raises
    ------
    ValueError
        If the correlation is outside [0, 1] or `samples` is no positive integer.

    Examples
    --------
    >>> silent_probability(0.5, 9)  # 1 / (B + 1), by symmetry
    0.1
    """
    correlation = between("correlation", correlation, 0.0)
    samples = whole("samples", samples)
    if correlation == 1.0:
        return 0.5
    slope = math.sqrt(correlation / (1.0 - correlation))
    peak = _peak(slope, samples)
    top = float(_exponent(np.array([peak]), slope, samples)[0])
    return round_off(math.exp(top) * _area(slope, samples, peak, top))


def round_off(probability: float) -> float:
    """Drop the last two digits of float64, which carry the rounding of the sum."""
    return float(f"{probability:.14g}")


def _exponent(z: Array, slope: float, samples: int) -> Array:
    # The logarithm of the integrand, without 1 / sqrt(2 pi). It is concave: one peak, no other.
    return -0.5 * z * z + samples * log_normal(-slope * z)


def _peak(slope: float, samples: int) -> float:
    """Find the largest z of a concave function by golden sections."""
    low, high = -2.0 - math.sqrt(2.0 * samples) * min(1.0, slope) - slope * samples, 0.0
    ratio = 0.5 * (math.sqrt(5.0) - 1.0)
    for _ in range(100):
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        at = _exponent(np.array([left, right]), slope, samples)
        closer = (low, right) if at[0] > at[1] else (left, high)
        if closer == (low, high):
            break
        low, high = closer
    return 0.5 * (low + high)


def _area(slope: float, samples: int, peak: float, top: float) -> float:
    # Panels that double in width from far below the narrowest width the peak can have.
    curvature = 1.0 + slope * slope * samples
    steps = np.exp2(np.arange(-4.0, 7.0 + 0.5 * math.log2(curvature), 0.5)) / math.sqrt(curvature)
    edges = np.concatenate([peak - steps[::-1], [peak], peak + steps])
    z, weight = panels(edges)
    terms = weight * np.exp(_exponent(z, slope, samples) - top)
    return float(terms.sum()) / math.sqrt(2.0 * math.pi)


def log_normal(x: Array) -> Array:
    """Compute ln Phi(x), accurate in both tails."""
    flat = np.asarray(x, dtype=np.float64)
    tail = np.array([0.5 * math.erfc(t) for t in (np.abs(flat) / math.sqrt(2.0)).ravel()])
    tail = tail.reshape(flat.shape)
    with np.errstate(divide="ignore"):
        near = np.where(flat > 0.0, np.log1p(-tail), np.log(tail))
    y = np.maximum(np.abs(flat), FAR) ** -2.0
    series = 1.0 - y * (1.0 - 3.0 * y * (1.0 - 5.0 * y * (1.0 - 7.0 * y * (1.0 - 9.0 * y))))
    # Far enough its square is no number, and the probability 0.
    with np.errstate(divide="ignore"):
        far = -0.5 / y + 0.5 * np.log(y) - 0.5 * math.log(2.0 * math.pi) + np.log(series)
    return np.where(flat < -FAR, far, near)
