"""How likely a healthy layer does the same by accident."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from nonlin.propagation import silent_probability
from nonlin.propagation.probability import log_normal
from nonlin.torch.findings.curves import Edges
from nonlin.torch.findings.thresholds import CONFIDENCE

# Closer to 1 all inputs are one input.
LARGEST_CORRELATION = 1.0 - 1e-7

# So many times more samples nobody has.
MOST_DOUBLINGS = 24.0


def upper_bound(samples: int) -> float:
    """Bound the activity of a unit that was silent on all samples (Clopper and Pearson).

    With no success in B trials the share is at most 1 - (1 - confidence)^(1/B), about 3 / B.
    """
    return 1.0 if samples < 1 else -math.expm1(math.log1p(-CONFIDENCE) / samples)


def silent_chance(edges: Edges, length: float, correlation: float, samples: int) -> float:
    """Compute the chance that a healthy unit stays beyond an edge on a whole sample of inputs.

    The pre-activations of a unit with random weights on inputs of correlation c are
    sqrt(q) (sqrt(c) z + sqrt(1 - c) e_i), so they are all below e with the probability

        E_z[Phi((e / sqrt(q) - sqrt(c) z) / sqrt(1 - c))^B],

    which for an edge at 0 is `nonlin.silent_probability`.
    """
    # Two digits of 1 - c: the next reading of the same layer has the same answer.
    rest = float(f"{1.0 - min(max(correlation, 0.0), LARGEST_CORRELATION):.2g}")
    c = 1.0 - rest
    ends = (edges.lower, -edges.upper)
    scaled = (end / math.sqrt(length) if end and length > 0.0 else end for end in ends)
    return min(1.0, sum(_beyond(float(f"{end:.2g}"), c, samples) for end in scaled))


@lru_cache(maxsize=4096)
def _beyond(edge: float, correlation: float, samples: int) -> float:
    if math.isinf(edge):
        return 0.0 if edge < 0.0 else 1.0
    if edge == 0.0:
        return silent_probability(correlation, samples)
    z = np.linspace(-9.0, 9.0, 1501)
    below = log_normal((edge - math.sqrt(correlation) * z) / math.sqrt(1.0 - correlation))
    terms = np.exp(samples * below - 0.5 * z * z)
    return float(terms.sum() * (z[1] - z[0]) / math.sqrt(2.0 * math.pi))


def saturated_chance(edges: Edges, length: float, correlation: float, share: float) -> float:
    """Compute the chance that a healthy unit is beyond its edges on so large a share of inputs.

    With the pre-activations of `silent_chance`, it is how likely z makes that share of
    sqrt(q) (sqrt(c) z + sqrt(1 - c) e) lie beyond them.
    """
    c = min(max(correlation, 0.0), LARGEST_CORRELATION)
    z = np.linspace(-9.0, 9.0, 3001)
    upper, lower = (
        (end / math.sqrt(length) - math.sqrt(c) * z) / math.sqrt(1.0 - c)
        for end in (edges.upper, edges.lower)
    )
    beyond = np.exp(log_normal(lower)) + np.exp(log_normal(-upper))
    density = np.exp(-0.5 * z * z)
    return float(density[beyond >= share].sum() / density.sum())


def at_least(count: int, units: int, chance: float) -> float:
    """Compute P(K >= count) for K ~ Binomial(units, chance)."""
    if count <= 0:
        return 1.0
    if not 0.0 < chance < 1.0:
        return float(chance >= 1.0)
    k = np.arange(count, units + 1)
    logs = _ways(units)[k] + k * math.log(chance) + (units - k) * math.log1p(-chance)
    return float(min(1.0, np.exp(logs).sum()))


@lru_cache(maxsize=64)
def _ways(units: int) -> NDArray[np.float64]:
    """List ln (units over k) for each k; layers of one width ask again and again."""
    gamma = np.array([math.lgamma(i + 1) for i in range(units + 1)])
    ways: NDArray[np.float64] = gamma[-1] - gamma - gamma[::-1]
    return ways


def samples_to_settle(chance: float, correlation: float, units: int, samples: int) -> float:
    """Find how many samples leave less than one healthy unit in twenty layers silent; or inf.

    For inputs of correlation c the chance falls like B^(-(1 - c) / c), as 1 / (B + 1) at c = 1/2.
    """
    if correlation <= 0.0 or units * chance <= 0.0:
        return float(samples)
    c = min(correlation, LARGEST_CORRELATION)
    excess = math.log(units * chance / (1.0 - CONFIDENCE))
    doublings = excess * c / (1.0 - c) / math.log(2.0)
    if doublings > MOST_DOUBLINGS:
        return math.inf
    return float(math.ceil(samples * 2.0 ** max(doublings, 0.0)))
