"""`bad_initialization`: first weights that lose or blow up the signal of their activation.

What arrives counts, not what is stored: E[z^2] of the pre-activation over E[h^2] of what came into
the layer is the variance sw2 that its weights have in effect, however they are parametrised.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from nonlin.torch.finding import Finding, Severity
from nonlin.torch.findings import thresholds as limit
from nonlin.torch.findings.asked import asked
from nonlin.torch.findings.curves import edges, function
from nonlin.torch.findings.guessing import over_guessing
from nonlin.torch.findings.through_time import again
from nonlin.torch.findings.view import View
from nonlin.torch.parts import Layer, Site

# fan_in times the weights' variance, in effect, over what the activation asks for. One layer of
# MLPs and CNNs of 3 and 6 layers (ReLU, GELU, tanh; He's and PyTorch's weights; digits, 150 steps
# of Adam) was multiplied by a factor: 1.7e-3 and below cost 3 points of accuracy or more in two of
# three, 1e-2 and above in none. Before tanh 15 and 100 did, 9 did not. Before ReLU and GELU the
# loss at the start tells: from 2.7 times that of guessing on, with a ratio of 9, it costs 3 to 9
# points; below 1.2 times, nothing, up to a ratio of 170, at which the layer learns ten times as
# slowly as the others. PyTorch's own before a sigmoid: 0.098. What brings a state back to itself
# acts at every step: PyTorch's own cells have 0.3 and less, and a tanh cell at 9 learns a third of
# what it does at 0.3.
WEIGHTS_SMALL = 3e-3
WEIGHTS_LARGE = 12.0
WEIGHTS_LARGE_AT_OUTPUTS = 6.0
WEIGHTS_LARGE_ANYHOW = 100.0
WEIGHTS_LARGE_AGAIN = 4.0
BLOWN_LOSS = 2.5

# What a training in float32 makes of statistics of units that are the same.
ROUNDING = 1e-3

# Of a pre-activation's length: what rounding alone makes it vary by.
NOISE = 1e-12

# Of float32, in the variance of weights that are one number.
EQUAL = 1e-6

# Samples that differ by less tell little of what varies.
ALIKE = 0.99


def find(view: View) -> Iterator[Finding]:
    """Look for units that are all the same, and at first weights for lengths that are far off."""
    for layer in view.reading.layers:
        fed = view.fed.get(layer.name, [])
        if layer.kind not in ("linear", "conv", "recurrent") or not fed:
            continue
        site, normalized = fed[0]
        same = next((x for x, _ in fed if _are_alike(x)), site if _are_equal(layer, site) else None)
        if same is not None:
            yield _finding(layer, same, layer.weight_variance, math.nan, "error", "equal_weights")
        elif view.has_begun:
            continue
        elif layer.weight_rms == 0.0:
            yield from _at_zero(view, layer, site)
        elif not normalized:
            yield from _at(view, layer, site)


def _are_equal(layer: Layer, site: Site) -> bool:
    """Tell whether all weights are one number, so that all units see one sum of the inputs."""
    spread = EQUAL * layer.fan_in * layer.weight_rms**2
    return site.units.count > 1 and layer.weight_rms > 0.0 and layer.weight_variance < spread


def _at_zero(view: View, layer: Layer, site: Site) -> Iterator[Finding]:
    """Judge weights of 0, which no normalisation behind them makes good for."""
    if site.residual or view.is_output(site) or _is_made_up_for(view, layer, site):
        return
    wanted = asked(view, layer, site, 0.0)
    # Without a gradient, as behind a derivative of 0 or before other zeros, they stay 0.
    grade: Severity = "error" if layer.weight_gradient_rms == 0.0 else "warning"
    yield _finding(layer, site, 0.0, math.nan if wanted is None else wanted, grade, "zero")


def _are_alike(site: Site) -> bool:
    """Tell whether all units have one and the same pre-activation, and one and the same gradient.

    They stay the same whatever is learned: each gets the others' update.
    """
    units = site.units
    if units.count < 2 or not np.any(units.gradient_square * units.derivative_square > 0.0):
        return False
    rows = (units.mean, units.variance, units.largest, units.smallest, units.gradient_square)
    return all(bool(np.isfinite(x).all()) and np.ptp(x) <= ROUNDING * np.abs(x).max() for x in rows)


def _at(view: View, layer: Layer, site: Site) -> Iterator[Finding]:
    own = _in_effect(view, layer, site)
    wanted = asked(view, layer, site, own)
    if wanted is None or not math.isfinite(own) or _is_harmless(view, layer, site, own < wanted):
        return
    ratio = own / wanted
    if WEIGHTS_SMALL <= ratio <= _largest(view, layer, site):
        return
    yield _finding(layer, site, own, wanted, "warning", "small" if ratio < 1.0 else "large")


def _largest(view: View, layer: Layer, site: Site) -> float:
    """Give the ratio from which weights are too large.

    What brings a state back to itself acts at every step.

    A function that flattens on both sides is driven into its limits. Any other passes the length
    on to the outputs, where the loss shows it: if it does not, much more of it is borne.
    """
    act, target = function(site), view.reading.target
    if layer is again(view, site):
        return WEIGHTS_LARGE_AGAIN
    if act is None or edges(act, limit.SATURATED).two_sided:
        return WEIGHTS_LARGE
    blown = target is not None and not math.isfinite(target.value)
    blown = blown or over_guessing(target) > BLOWN_LOSS
    return WEIGHTS_LARGE_AT_OUTPUTS if blown else WEIGHTS_LARGE_ANYHOW


def _in_effect(view: View, layer: Layer, site: Site) -> float:
    """Give sw2 by what it does to the signal, where this layer alone makes the pre-activation.

    That is the variance of a unit over the samples, which no bias changes, over that of what came
    in, E[h^2] (1 - c); or E[z^2] / E[h^2] of weights whose own mean is most of them.
    """
    feeding = sum(any(x is site for x, _ in fed) for fed in view.fed.values())
    if feeding > 1 or not view.is_fed_directly(site) or layer.weight_rms == 0.0:
        return layer.weight_variance
    varying = layer.input_length * (1.0 - layer.input_correlation)
    measured = float(np.mean(site.units.variance)) / varying if varying > 0.0 else math.nan
    if layer.fan_in * layer.weight_rms**2 > 2.0 * layer.weight_variance:
        measured = site.length / layer.input_length if layer.input_length > 0.0 else math.nan
    told = layer.input_correlation < ALIKE and 0.0 < measured < math.inf
    told = told and float(np.mean(site.units.variance)) > NOISE * site.length
    return measured if told else layer.weight_variance


def _is_harmless(view: View, layer: Layer, site: Site, small: bool) -> bool:
    """Tell whether the length at this site has no part in what comes after it.

    A normalisation behind the site makes good for it; a gate between bounds has its own. What is
    small may lie beside a stream, be added to what another layer makes, or be an output.
    """
    after = view.meets(site.name, "layer", "normalization")
    if after == {"normalization"} or _ends_in_a_gate(view, site):
        return True
    return small and (site.residual or view.is_output(site) or _is_made_up_for(view, layer, site))


def _ends_in_a_gate(view: View, site: Site) -> bool:
    """Tell whether what a site makes comes to a product alone, as a factor between bounds."""
    if view.meets(site.name, "product", "loss") != {"product"}:
        return False
    behind = view.made_with(site.name)
    gates = [x for x in view.reading.sites if x.gate and x.name in behind]
    acts = [function(x) for x in gates]
    return bool(acts) and all(x and edges(x, limit.SATURATED).two_sided for x in acts)


def _is_made_up_for(view: View, layer: Layer, site: Site) -> bool:
    """Tell whether what a layer with small weights adds to has its length all the same.

    The rest of the sum must see the inputs without the layer: an adapter may begin at 0 beside its
    layer and a block beside its stream, and not what lets the inputs into a recurrence.
    """
    varying = layer.input_length * (1.0 - layer.input_correlation)
    wanted = asked(view, layer, site, 1.0) or 1.0
    whole = float(np.mean(site.units.variance)) > WEIGHTS_SMALL * wanted * varying
    return whole and view.sees(site.name, layer.name)


def _finding(
    layer: Layer, site: Site, own: float, wanted: float, grade: Severity, cause: str
) -> Finding:
    evidence = {
        "weight_variance": own,
        "asked": wanted,
        "ratio": own / wanted,
        "fan_in": layer.fan_in,
        "weight_rms": layer.weight_rms,
        "rms_asked": math.sqrt(wanted / layer.fan_in),
        "site": site.name,
        "activation": site.activation,
        "length": site.length,
        "units": site.units.count,
    }
    return Finding("bad_initialization", layer.name, grade, (), evidence, cause)
