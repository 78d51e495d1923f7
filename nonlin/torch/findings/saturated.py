"""`saturated_units`: a derivative below 1 % of its supremum on almost every observation."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from nonlin.propagation.choice import LENGTHS
from nonlin.torch.finding import Finding
from nonlin.torch.findings import thresholds as limit
from nonlin.torch.findings.asked import chosen
from nonlin.torch.findings.chance import at_least, saturated_chance
from nonlin.torch.findings.curves import Edges, edges, function
from nonlin.torch.findings.dead import flat_everywhere, severity
from nonlin.torch.findings.guessing import beats_guessing
from nonlin.torch.findings.last_step import wrong
from nonlin.torch.findings.silence import judge, silence
from nonlin.torch.findings.view import View
from nonlin.torch.parts import Layer, Reals, Site

# A unit is saturated if so large a share of its observations is. Calibration: no unit of a network
# that trains is.
SATURATED_UNIT = 0.95

# Share of a layer's units that are saturated. Calibration: training is hurt from 0.3.
SATURATED_WARNING = 0.2
SATURATED_ERROR = 0.5

# Where every function that has a limit is close to it.
FAR = 1e4


def find(view: View) -> Iterator[Finding]:
    """List the sites with saturated units."""
    for site in view.reading.sites:
        act = function(site)
        ends = Edges(-np.inf, np.inf) if act is None else edges(act, limit.SATURATED)
        if np.isfinite(site.length) and site.units.observations:
            yield from _at(view, site, view.layer(site), ends)


def _at(view: View, site: Site, layer: Layer | None, ends: Edges) -> Iterator[Finding]:
    shares = _shares(site)
    if ends.two_sided or not site.can_die:
        lost = _lost(site, layer, shares, ends)
        if not flat_everywhere(site):
            lost -= set(silence(site, layer).dead)
        if site.gate:
            lost &= _closed(site, ends) | _kept(view, site, ends)
        elif lost and view.is_output(site):
            lost = wrong(view, site, lost, _span(site))
        if lost and not _expected(view, site, layer, ends, len(lost)):
            yield _finding(view, site, layer, tuple(sorted(lost)), shares)


def _shares(site: Site) -> Reals:
    """Give each unit's share of observations that are saturated.

    A function that is 0 on a side is off there, as ReLU is, which is sparsity: that does not count.
    """
    off = site.units.zeros if site.can_die else 0
    share: Reals = np.maximum(site.units.saturated - off, 0) / site.units.observations
    return share


def _closed(site: Site, ends: Edges) -> set[int]:
    """List the units of a gate that let nothing through; one that is open passes everything on.

    A function without an upper end is a factor of any size, as a step length is.
    """
    if not ends.two_sided:
        return set()
    return {int(i) for i in np.flatnonzero(site.units.largest <= ends.lower)}


def _kept(view: View, site: Site, ends: Edges) -> set[int]:
    """List the units of a gate that keep what was there, where nothing arrives before it for that.

    A gate between two ways, as a GRU's update or a highway's, shuts one of them where it is open.
    """
    feeding = [name for name, fed in view.fed.items() if any(x is site for x, _ in fed)]
    silent = all(view.layers[x].weight_gradient_rms == 0.0 for x in feeding)
    if not (ends.two_sided and feeding and silent):
        return set()
    return {int(i) for i in np.flatnonzero(site.units.smallest >= ends.upper)}


def _span(site: Site) -> float:
    """Give the distance between the lowest and the highest value of a site's function."""
    act = function(site)
    if act is None:
        return math.inf
    low, high = (float(act(x)) for x in (-FAR, FAR))
    return abs(high - low)


def _expected(view: View, site: Site, layer: Layer | None, ends: Edges, lost: int) -> bool:
    """Whether first weights as the function asks for them saturate that many units.

    Sigmoid is critical at weights that take one unit in three beyond its edges on all inputs. Only
    lengths up to twice the one that is asked for count, beyond which the weights are to blame, and
    biases up to twice what is asked for or what PyTorch draws, 1 / (3 fan_in).
    """
    wanted = chosen(view, site) if ends.two_sided else None
    if wanted is None or layer is None or site.normalized or math.isnan(wanted.length):
        return False
    made = layer.weight_variance * layer.input_length
    most = LENGTHS * max(wanted.bias_variance, 1.0 / (3.0 * layer.fan_in))
    bias = min(layer.bias_variance, most)
    length = min(made + bias, LENGTHS * wanted.length)
    if not (length > 0.0 and math.isfinite(layer.input_correlation)):
        return False
    same = (made * layer.input_correlation + bias) / (made + bias)
    # The share that a sample shows strays from the true one.
    share = SATURATED_UNIT
    share -= 2.0 * math.sqrt(share * (1.0 - share) / max(site.units.samples, 1))
    chance = saturated_chance(ends, length, same, share)
    return at_least(lost, site.units.count, chance) >= limit.ACCIDENT


def _lost(site: Site, layer: Layer | None, shares: object, ends: Edges) -> set[int]:
    share = np.asarray(shares)
    if ends.two_sided:
        return {int(i) for i in np.flatnonzero(share >= SATURATED_UNIT)}
    # Flat on one side alone: a unit is lost if it never leaves that side, as a dead one.
    idle = share >= 1.0
    return set(judge(site, layer, idle, ends).dead)


def _finding(
    view: View, site: Site, layer: Layer | None, lost: tuple[int, ...], shares: object
) -> Finding:
    units, share = site.units, np.asarray(shares)
    chosen = list(lost)
    evidence = {
        "saturated": len(lost),
        "units": units.count,
        "share": len(lost) / units.count,
        "observations": float(share[chosen].mean()),
        "site_observations": float(share.mean()),
        "samples": units.samples,
        "length": site.length,
        "mean": float(np.median(np.abs(units.mean[chosen]))),
        "deviation": float(np.median(np.sqrt(units.variance[chosen]))),
        "slope": float(np.sqrt(units.derivative_square.mean())),
        "supremum": site.supremum,
    }
    grade = severity(evidence["share"], SATURATED_WARNING, SATURATED_ERROR)
    if site.gate and beats_guessing(view.reading.target):
        # Gates that have learnt to stay shut, or open.
        grade = "note"
    return Finding("saturated_units", site.name, grade, lost, evidence, _cause(site, layer))


def _cause(site: Site, layer: Layer | None) -> str:
    if layer is None or site.normalized:
        return "offset"
    length = layer.weight_variance * layer.input_length
    if layer.bias_variance > length:
        return "bias"
    return "input_length" if layer.input_length > layer.weight_variance else "weight_variance"
