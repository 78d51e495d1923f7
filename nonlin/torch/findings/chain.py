"""The gradient's way back, factor by factor.

Between dL/dphi behind the last site and dL/dz before the first, each site multiplies the gradient's
length by what its derivative lets through, and what lies between two sites, a layer as a rule, by
what its weights do:

    |dL/dz_l| / |dL/dphi_l|      = sqrt(E[phi'(z_l)^2])          the derivative's part
    |dL/dphi_l| / |dL/dz_{l+1}|  = sqrt(sw2_{l+1})               the weights' part

with lengths summed over units and positions, so that a change of width is no factor.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Literal

import numpy as np

from nonlin.activation import Activation
from nonlin.propagation import expectation
from nonlin.torch.findings.curves import function, slope_square
from nonlin.torch.findings.view import View
from nonlin.torch.findings.ways import Way, scale, ways
from nonlin.torch.parts import Site

NORMAL_QUANTILE = 1.96  # 95 % of a normal distribution

# Logarithm of a factor that is any factor.
UNTOLD = 100.0


@dataclass(frozen=True, slots=True)
class Factor:
    """What one step of the chain does to the gradient's length.

    Attributes
    ----------
    part : str
        "derivative" at a site or "weights" between two.
    name : str
        The site, or the layer that the gradient goes back through.
    measured, predicted : float
        The prediction is NaN where there is none.
    interval : (float, float)
        Around the prediction, for a layer of finite width.
    dead : float
        The part of it that idle units take: sqrt(1 - their share).
    normalized : bool
        Whether a normalisation stands there, which divides by the signal's length.
    """

    part: Literal["derivative", "weights"]
    name: str
    measured: float
    predicted: float
    interval: tuple[float, float]
    dead: float = 1.0
    normalized: bool = False


@dataclass(frozen=True, slots=True)
class Chain:
    """The factors of one way, from its end next to the loss to its beginning.

    Attributes
    ----------
    factors : tuple of Factor
    first, last : str
        The sites next to the inputs and next to the loss.
    branch : bool
        Whether the way lies on a residual branch.
    """

    factors: tuple[Factor, ...]
    first: str
    last: str
    branch: bool


def chains(view: View) -> list[Chain]:
    """List the factors of each way; see `nonlin.torch.findings.ways`."""
    return [_chain(view, way) for way in ways(view)]


def _chain(view: View, way: Way) -> Chain:
    found = [_at(way.sites[0])]
    for after, site in pairwise(way.sites):
        found += [_between(view, site, after), _at(site)]
    return Chain(tuple(found), way.sites[-1].name, way.sites[0].name, way.branch)


def _at(site: Site) -> Factor:
    measured = _ratio(site.gradient_rms, site.output_gradient_rms)
    act = function(site)
    predicted = math.nan if act is None else math.sqrt(slope_square(act, site.length))
    idle = float(np.mean(site.units.active_samples == 0)) if site.can_die else 0.0
    return Factor(
        "derivative", site.name, measured, predicted, (predicted, predicted), math.sqrt(1.0 - idle)
    )


def _between(view: View, site: Site, after: Site) -> Factor:
    measured = _ratio(site.output_gradient_rms * scale(site), after.gradient_rms * scale(after))
    layer = view.layer(after)
    if layer is None:
        return Factor("weights", after.name, measured, math.nan, (math.nan, math.nan))
    feeding = sum(any(x is after for x, _ in fed) for fed in view.fed.values())
    # Where results are added, more than one layer's weights count.
    predicted = math.sqrt(layer.weight_variance) if feeding == 1 else math.nan
    deviations = 0.5 * NORMAL_QUANTILE * math.sqrt(_log_variance(site))
    # If next to no pre-activation is where the function is not flat, it may be any.
    spread = math.exp(deviations) if deviations < UNTOLD else math.inf
    around = (predicted / spread, predicted * spread)
    return Factor("weights", layer.name, measured, predicted, around, normalized=after.normalized)


def _log_variance(site: Site) -> float:
    """Compute the relative variance of a squared factor, (3 E[phi'^4] / E[phi'^2]^2 - 1) / n."""
    act = function(site)
    square = math.nan if act is None else slope_square(act, site.length)
    if act is None or not square > 0.0:
        return 2.0 / site.units.count
    fourth = _slope_fourth(act, float(f"{site.length:.2g}"))
    return max(3.0 * fourth / square / square - 1.0, 0.0) / site.units.count


@lru_cache(maxsize=4096)
def _slope_fourth(act: Activation, length: float) -> float:
    return float(expectation(act, "slope_fourth", length))


def _ratio(numerator: float, denominator: float) -> float:
    if denominator > 0.0:
        return numerator / denominator
    return math.nan
