"""Units that did nothing on the whole sample: dead, or silent by chance."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nonlin.propagation.probability import log_normal
from nonlin.torch.findings import thresholds as limit
from nonlin.torch.findings.chance import at_least, samples_to_settle, silent_chance, upper_bound
from nonlin.torch.findings.curves import Edges, edges, function
from nonlin.torch.parts import Layer, Site

# A unit that is silent on the sample is dead if a Gaussian with its mean and standard deviation
# would not be active on this many more samples either.
HORIZON = 10_000
LEAST_EVIDENCE = 0.05

# Or if the sample alone bounds its activity by so little, about 1,000 samples do, and its largest
# value is so many deviations of its tail off the edge. Calibration: planted ones 1.5 and more,
# those silent by chance 0.2 and less.
LEAST_ACTIVITY = 0.003
MARGIN = 0.5

# Where `DEAD_ERROR` of a layer are silent, and by no accident, the silent ones are lost that such a
# Gaussian lets work on less than this share of the samples, or whose tail ends so many deviations
# of its own before the edge. Calibration: 3e-5 and 8e-4, and ends of 1.27 and more, in layers whose
# weights were turned away from the inputs, which hurts; 0.6 is a unit beside them that is silent by
# chance. No layer of a network that trains is so silent but by accident.
RARE_ACTIVITY, ENDING = 0.01, 1.0

# Of a layer that is all but silent less chance is asked for, since few units never make a rare
# accident. Networks that train have up to 0.63 of a layer silent on 128 samples.
SILENT_LAYER = 0.85
UNLIKELY = 1e-3

# The chance of silence is exact for Gaussian inputs with one correlation. On the inputs of the
# calibration's healthy networks at their first weights it is off by less than this factor.
CHANCE_DOUBT = 2.0

# Of the supremum: what float16, and float32 not much later, rounds to 0.
UNDERFLOW = 2.0**-24

RELU_LIKE = Edges(0.0, math.inf)


@dataclass(frozen=True, slots=True)
class Silence:
    """What is known of the units of one site that were idle on every sample.

    Attributes
    ----------
    dead : tuple of int
        Units whose silence neither the sample's size nor the first weights explain.
    undecided : tuple of int
        The other silent units.
    samples : int
    bound : float
        Clopper-Pearson upper bound on a silent unit's activity.
    chance : float
        That a healthy unit is silent on so many samples.
    expected : float
        How many healthy units would be.
    p_value : float
        That so many or more would be.
    samples_needed : float
        Samples that would settle the undecided ones; inf if none would.
    """

    dead: tuple[int, ...]
    undecided: tuple[int, ...]
    samples: int
    bound: float
    chance: float
    expected: float
    p_value: float
    samples_needed: float


def silence(site: Site, layer: Layer | None, *, begun: bool = True) -> Silence:
    """Judge the units whose derivative was 0 on every sample.

    A unit is dead if more samples would not show it active, or hardly where most of its layer is
    silent, and if it is no accident of random weights: either more units are silent than the
    inputs' correlation explains, or more units have their mean so far beyond the edge than random
    weights put there. Over such weights the means are N(0, q c), whatever the inputs are.

    Parameters
    ----------
    site : Site
    layer : Layer or None
        The one that makes its pre-activation.
    begun : bool
        Whether the model is no longer at its first weights.

    Returns
    -------
    Silence
    """
    idle = site.units.active_samples == 0
    act = function(site)
    ends = RELU_LIKE if act is None else edges(act, UNDERFLOW)
    return judge(site, layer, idle, ends, begun=begun)


def judge(
    site: Site, layer: Layer | None, idle: NDArray[np.bool_], ends: Edges, *, begun: bool = True
) -> Silence:
    """Split idle units into dead and undecided ones; they idle beyond the edges `ends`."""
    units = site.units
    bound = upper_bound(units.samples)
    if not idle.any():
        return Silence((), (), units.samples, bound, 0.0, 0.0, 1.0, 0.0)
    length, correlation = _healthy(site, layer, idle)
    chance = silent_chance(ends, length, correlation, max(units.samples, 1))
    doubted = min(1.0, CHANCE_DOUBT * chance)
    p_value = at_least(int(idle.sum()), units.count, doubted)
    distance = _distance(site, ends)
    activity = _activity(site, distance, idle)
    lasting = _lasting(site, ends, activity, bound)
    spread = math.sqrt(max(length * correlation, 1e-30))
    far = _too_far(np.where(idle & lasting, distance, -np.inf) / spread, units.count)
    dead = idle & lasting & (far | (p_value < limit.ACCIDENT))
    least = limit.DEAD_ERROR if p_value < limit.ACCIDENT else SILENT_LAYER
    if p_value < UNLIKELY and idle.mean() >= least:
        dead |= idle & ((activity < RARE_ACTIVITY) | (_margin(site, ends) > ENDING))
    if p_value < UNLIKELY and idle.mean() >= SILENT_LAYER and not begun:
        # A training may have made a layer sparse. No weights that are drawn with either sign do:
        # they were turned away from inputs that have one sign, and may reach the edge there, no
        # further, as pixels that are 0 do.
        dead |= idle & (_margin(site, ends) > 0.0)
    open_units = idle & ~dead
    needed = _needed(activity[open_units & ~lasting])
    if (open_units & lasting).any():
        more = samples_to_settle(chance, correlation, units.count, units.samples)
        needed = max(needed, more)
    return Silence(
        _numbers(dead), _numbers(open_units), units.samples, bound, chance,
        units.count * chance, p_value, needed,
    )  # fmt: skip


def _lasting(
    site: Site, ends: Edges, activity: NDArray[np.float64], bound: float
) -> NDArray[np.bool_]:
    """Tell which idle units more samples would not show at work either."""
    lasting = activity * HORIZON < LEAST_EVIDENCE
    if bound <= LEAST_ACTIVITY:
        lasting |= _margin(site, ends) > MARGIN
    return np.asarray(lasting)


def _healthy(site: Site, layer: Layer | None, idle: NDArray[np.bool_]) -> tuple[float, float]:
    """Give q and c of the pre-activations as healthy weights and biases make them.

    Biases count up to the variance that PyTorch begins with, 1 / (3 fan_in): larger ones, which
    kill their units, are what is looked for. Behind a normalisation the units that work tell.
    """
    units = site.units
    if layer is None or site.normalized:
        working = ~idle if (~idle).any() else idle
        square, variance = units.mean[working] ** 2, units.variance[working]
        length = float(np.median(variance) + np.median(square))
        return length, float(np.median(square / np.maximum(square + variance, 1e-30)))
    weights = layer.weight_variance * layer.input_length
    biases = min(layer.bias_variance, 1.0 / (3.0 * layer.fan_in))
    # One sample, or inputs of 0, have no correlation: nothing is known, as with c = 1.
    known = math.isfinite(layer.input_correlation)
    correlation = min(max(layer.input_correlation, 0.0), 1.0) if known else 1.0
    shared = weights * correlation + biases
    length = weights + biases
    return length, shared / length if length > 0.0 else 0.0


def _distance(site: Site, ends: Edges) -> NDArray[np.float64]:
    """Measure how far beyond the nearer edge each unit's mean lies."""
    mean = site.units.mean
    return np.maximum(ends.lower - mean, mean - ends.upper)


def _too_far(deviations: NDArray[np.float64], units: int) -> NDArray[np.bool_]:
    """Choose the furthest units, as many as are too many to lie there by accident.

    Of n healthy units Binomial(n, Phi(-d)) have their mean more than d deviations beyond the edge.
    """
    order = np.argsort(-deviations)
    beyond = deviations[order]
    chances = np.exp(log_normal(-beyond[beyond > 0.0]))
    accused = 0
    for count, chance in enumerate(chances, start=1):
        if at_least(count, units, float(chance)) < limit.ACCIDENT:
            accused = count
    found = np.zeros(len(deviations), dtype=bool)
    found[order[:accused]] = True
    return found


def _margin(site: Site, ends: Edges) -> NDArray[np.float64]:
    """Measure how far the value nearest to an edge is from it, in deviations of that tail.

    The largest of B values of a Gaussian lies about sqrt(2 ln B) deviations above the mean; so the
    distance from the mean to the largest one, over that, is the deviation on this side, however
    far the other tail reaches.
    """
    units = site.units
    below, above = ends.lower - units.largest, units.smallest - ends.upper
    reach = np.where(below > above, units.largest - units.mean, units.mean - units.smallest)
    deviation = reach / math.sqrt(2.0 * math.log(max(units.samples, 2)))
    return np.asarray(np.maximum(below, above) / np.maximum(deviation, 1e-30))


def _activity(
    site: Site, distance: NDArray[np.float64], idle: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Estimate the share of inputs on which each idle unit works, from its mean and deviation."""
    deviation = np.sqrt(np.maximum(site.units.variance, 1e-30))
    activity = np.ones(len(distance))
    activity[idle] = np.exp(log_normal(-distance[idle] / deviation[idle]))
    return activity


def _needed(activity: NDArray[np.float64]) -> float:
    """Count the samples on which the least active one is seen at work with 95 % confidence."""
    if not activity.size:
        return 0.0
    least = float(np.maximum(activity.min(), 1e-12))
    return float(math.ceil(math.log1p(-limit.CONFIDENCE) / math.log1p(-min(least, 0.999999))))


def _numbers(chosen: NDArray[np.bool_]) -> tuple[int, ...]:
    return tuple(int(i) for i in np.flatnonzero(chosen))
