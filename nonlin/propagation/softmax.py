r"""What softmax makes of random scores: how even its weights are, and how much gradient it passes.

For n independent scores z_i ~ N(0, v) with S = sum e^z_i and p_i = e^z_i / S every expectation is a
double integral, because S^-k = int t^(k-1) e^(-t S) dt / Gamma(k) makes the scores independent
again. With x = t e^z, t = e^tau and

    phi(tau) = E[e^-x],  a_k(tau) = E[x^k e^-x],   z ~ N(0, v)

    E[ln S]                 = int e^-t - phi^n dtau                    (Frullani)
    E[sum p^k]              = n int a_k phi^(n-1) dtau / Gamma(k)
    E[sum_(i != j) p_i^2 p_j^2] = n (n - 1) int a_2^2 phi^(n-2) dtau / 6

The entropy is ln S - sum p z, and Stein's lemma gives E[sum p z] = v (1 - E[sum p^2]). The largest
weight belongs to the largest score m; given m the others are independent and below it, so

    E[max p] = n int f(m) int e^-u (int_(z < m) f(z) e^(-u e^(z-m)) dz)^(n-1) du dm.

All integrands are analytic in a strip around the real line and vanish at its ends, where the
trapezoidal rule converges geometrically.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from nonlin.propagation.quadrature import Array, panels

# Steps of the trapezoidal rule. An integrand with e^-t, t = e^tau, is analytic for |Im tau| < pi/2:
# its error falls as e^(-pi^2 / step).
STEP = 0.25
STEP_OF_LARGEST = 0.4
# Beyond so many standard deviations there are 1e-38 of the scores.
REACH = 13.0
MOST_VARIANCE = 1e4
MOST_SCORES = 10**9


@dataclass(frozen=True, slots=True)
class SoftmaxStatistics:
    """Expectations over n independent Gaussian scores, and their softmax p.

    Attributes
    ----------
    n : int
    variance : float
        Of the scores.
    log_sum_exp : float
        E[ln sum e^z].
    entropy : float
        E[-sum p ln p], from 0 (one weight has everything) to ln n (all are alike).
    largest : float
        E[max p].
    concentration : float
        E[sum p^2], the probability that two draws coincide; its inverse is how many scores count.
    jacobian : float
        E[||J||_F^2] over its value for equal scores, (n - 1) / n^2, for J = diag(p) - p p^T: by how
        much a random gradient's square grows beside what even attention passes.
    """

    n: int
    variance: float
    log_sum_exp: float
    entropy: float
    largest: float
    concentration: float
    jacobian: float

    @property
    def relative_entropy(self) -> float:
        """The entropy as a share of ln n."""
        return self.entropy / math.log(self.n)


def softmax_statistics(n: int, variance: float) -> SoftmaxStatistics:
    r"""Compute what softmax makes of n independent scores z_i ~ N(0, variance).

    Parameters
    ----------
    n : int
        How many scores there are, from 2 to 10^9.
    variance : float
        From 0 to 10^4; of temperature T, Var[z] / T^2.

    Returns
    -------
    SoftmaxStatistics
        Expected entropy, largest weight, sum p^2 and squared norm of the Jacobian, by numerical
        integration to 1e-9 of themselves (`entropy` to 1e-9 of E[ln S] + variance).

    Raises
    ------
    TypeError
        If `n` is not a whole number.
    ValueError
        If one is outside its range.

    Examples
    --------
    >>> found = softmax_statistics(1024, 1.0)
    >>> round(found.relative_entropy, 4), round(found.largest, 4)
    (0.9281, 0.0162)
    >>> softmax_statistics(1024, 64.0).largest > 0.6
    True

    Notes
    -----
    Scores of attention, q k / sqrt(d), have a variance of 1 where q and k are standard normal, and
    of d without the division (Vaswani et al. 2017): see `attention_statistics`.
    """
    if isinstance(n, bool) or not isinstance(n, int | np.integer):
        raise TypeError(f"n must be a whole number, got {n!r}")
    if not 2 <= n <= MOST_SCORES:
        raise ValueError(f"n must be from 2 to 10^9, got {n!r}")
    return _statistics(int(n), _number("variance", variance, MOST_VARIANCE))


def attention_statistics(
    length: int, dimension: int, scaled: bool = True, variance: float = 1.0
) -> SoftmaxStatistics:
    r"""Compute what softmax makes of the scores of a random attention head.

    Queries and keys have independent normal entries. A query q's scores then are independent normal
    numbers of variance |q|^2 times a key's; |q|^2 is chi-squared distributed, and averaged over.

    Parameters
    ----------
    length : int
        How many keys a query is compared with.
    dimension : int
        Of queries and keys.
    scaled : bool, default True
        Divide the scores by sqrt(dimension).
    variance : float, default 1.0
        Of an entry of the queries times that of the keys.

    Returns
    -------
    SoftmaxStatistics
        Its `variance` is the mean of the scores': `variance` if scaled, else `dimension` times
        that.

    Raises
    ------
    TypeError, ValueError
        As `softmax_statistics` does.

    Examples
    --------
    >>> scaled = attention_statistics(1024, 64)
    >>> plain = attention_statistics(1024, 64, scaled=False)
    >>> round(scaled.relative_entropy, 2), round(plain.relative_entropy, 2)
    (0.93, 0.13)

    References
    ----------
    A. Vaswani et al., Attention Is All You Need, 2017.
    """
    if isinstance(dimension, bool) or not isinstance(dimension, int | np.integer):
        raise TypeError(f"dimension must be a whole number, got {dimension!r}")
    if dimension < 1:
        raise ValueError(f"dimension must be at least 1, got {dimension!r}")
    mean = _number("variance", variance, MOST_VARIANCE) * (1 if scaled else int(dimension))
    factors, weights = _chi_squared(int(dimension))
    found = [softmax_statistics(length, mean * factor) for factor in factors]

    def average(field: str) -> float:
        return float(weights @ [getattr(each, field) for each in found])

    fields = ("log_sum_exp", "entropy", "largest", "concentration", "jacobian")
    return SoftmaxStatistics(int(length), mean, *(average(field) for field in fields))


def _number(name: str, given: float, most: float) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float | np.integer | np.floating):
        raise TypeError(f"{name} must be a real number, got {given!r}")
    if not 0 <= given <= most:
        raise ValueError(f"{name} must be from 0 to {most:g}, got {given!r}")
    return float(given)


@lru_cache(maxsize=64)
def _chi_squared(dimension: int, order: int = 8) -> tuple[list[float], Array]:
    """Gauss' rule for chi^2_d / d, from the recurrence of Laguerre's polynomials."""
    alpha = dimension / 2.0 - 1.0
    k = np.arange(order)
    diagonal = 2 * k + alpha + 1
    beside = np.sqrt(k[1:] * (k[1:] + alpha))
    nodes, vectors = np.linalg.eigh(np.diag(diagonal) + np.diag(beside, 1) + np.diag(beside, -1))
    return [float(x) for x in 2 * nodes / dimension], vectors[0] ** 2


@lru_cache(maxsize=512)
def _statistics(n: int, variance: float) -> SoftmaxStatistics:
    if variance == 0:
        even = math.log(n)
        return SoftmaxStatistics(n, 0.0, even, even, 1 / n, 1 / n, 1.0)
    means = _Means(n, variance)
    concentration = means.power(2)
    logarithm = means.log_sum_exp()
    squares = means.power(4) + means.pairs()
    jacobian = concentration - 2 * means.power(3) + squares
    return SoftmaxStatistics(
        n,
        variance,
        logarithm,
        max(logarithm - variance * (1 - concentration), 0.0),
        _largest(n, variance),
        concentration,
        jacobian * n**2 / (n - 1),
    )


class _Means:
    """phi and a_k on a grid of tau, and the integrals over them."""

    def __init__(self, n: int, variance: float) -> None:
        self.n = n
        deviation = math.sqrt(variance)
        reach = REACH * deviation
        self.tau = _grid(-(reach + math.log(n) + 40), reach + 5, STEP)
        z = _grid(-reach, reach, min(STEP, 0.5 * deviation))
        density = np.exp(-0.5 * (z / deviation) ** 2)
        self.density = density / density.sum()
        self.z = z
        # Both grids are multiples of one step, so that all sums of the two are another grid.
        self.is_lattice = 0.5 * deviation >= STEP
        missing = self._mean(lambda x: -np.expm1(-x))
        kept = self._mean(lambda x: np.exp(-x))
        with np.errstate(divide="ignore"):
            near = np.log1p(-np.minimum(missing, 0.5))
            self.log_phi = np.where(missing < 0.5, near, np.log(kept))

    def _mean(self, f: Callable[[Array], Array]) -> Array:
        """E[f(e^(tau + z))] for each tau."""
        with np.errstate(over="ignore"):
            if not self.is_lattice:
                return np.asarray(f(np.exp(self.tau[:, None] + self.z)) @ self.density)
            first = self.tau[0] + self.z[0]
            places = first + STEP * np.arange(len(self.tau) + len(self.z) - 1)
            return np.correlate(f(np.exp(places)), self.density, "valid")

    def _moment(self, k: int) -> Array:
        def term(x: Array) -> Array:
            # x^k e^-x is 0 beyond either bound.
            inside = np.clip(x, 1e-300, 1e4)
            return np.asarray(np.exp(k * np.log(inside) - inside))

        return self._mean(term)

    def _integral(self, values: Array) -> float:
        return float(STEP * values.sum())

    def log_sum_exp(self) -> float:
        with np.errstate(over="ignore"):
            alone = np.exp(-np.exp(self.tau))
        return self._integral(alone - np.exp(self.n * self.log_phi))

    def power(self, k: int) -> float:
        others = np.exp((self.n - 1) * self.log_phi)
        return self.n * self._integral(self._moment(k) * others) / math.gamma(k)

    def pairs(self) -> float:
        others = np.exp((self.n - 2) * self.log_phi)
        return self.n * (self.n - 1) * self._integral(self._moment(2) ** 2 * others) / 6


def _grid(low: float, high: float, step: float) -> Array:
    return np.asarray(step * np.arange(math.floor(low / step), math.ceil(high / step) + 1))


def _largest(n: int, variance: float) -> float:
    """E[max p]: over the largest score m, over u, and over how far below m another score lies."""
    deviation = math.sqrt(variance)
    m = _scores_at_most(n) * deviation
    step = m[1] - m[0]
    density = np.exp(-0.5 * (m / deviation) ** 2) / (deviation * math.sqrt(2 * math.pi))
    tau = _grid(-(math.log(n) + 40), 4, STEP_OF_LARGEST)
    u = np.exp(tau)
    total = 0.0
    for score, weight in zip(m, density, strict=True):
        below = _below(float(score), u, deviation)
        with np.errstate(divide="ignore"):
            inner = np.exp((n - 1) * np.log(below) - u) * u
        total += float(weight * STEP_OF_LARGEST * inner.sum())
    return min(float(n * step * total), 1.0)


def _scores_at_most(n: int) -> Array:
    """Standard scores that the largest of n may be, to 1e-16 of the probability."""
    grid = _grid(-REACH, REACH, 0.05)
    logarithms = n * np.log(np.maximum([_normal(x) for x in grid], 1e-300))
    possible = (logarithms > -40) & (n * np.exp(-0.5 * grid**2) > 1e-17)
    return grid[possible]


def _normal(x: float) -> float:
    return 0.5 * math.erfc(-x / math.sqrt(2))


def _below(m: float, u: Array, deviation: float) -> Array:
    """E[exp(-u e^(z - m)); z < m] for each u.

    From s = m - z on, s = 44, u e^-s is below 1e-17 for every u that counts: there the normal
    distribution itself is left.
    """
    end = min(44.0, m + REACH * deviation)
    if end <= 0:
        return np.full(u.shape, _normal(m / deviation))
    count = math.ceil(end / min(deviation, 2.0))
    nodes, weights = panels(np.linspace(0.0, end, count + 1), 16)
    s, w = nodes.ravel(), weights.ravel()
    f = w * np.exp(-0.5 * ((m - s) / deviation) ** 2) / (deviation * math.sqrt(2 * math.pi))
    return np.asarray(np.exp(-u[:, None] * np.exp(-s)) @ f) + _normal((m - end) / deviation)
