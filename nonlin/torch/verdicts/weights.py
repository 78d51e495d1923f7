"""`bad_initialization`: weights too small or too large for the activation behind them."""

from __future__ import annotations

import math
from collections.abc import Iterator

from nonlin.torch.finding import Finding, Severity
from nonlin.torch.reading import Layer, Site
from nonlin.torch.verdicts import thresholds as limit
from nonlin.torch.verdicts.asked import asked
from nonlin.torch.verdicts.view import View

# Of float32, in the variance of weights that are all the same.
ROUNDING = 1e-6


def find(view: View) -> Iterator[Finding]:
    """Compare each layer's weight variance with what its activation asks for."""
    for layer in view.reading.layers:
        sites = [site for site, normalized in view.fed.get(layer.name, []) if not normalized]
        if sites and _is_made_up_for(view, layer, sites[0]):
            continue
        if sites and layer.kind in ("linear", "conv", "recurrent"):
            yield from _at(view, layer, sites[0])


def _is_made_up_for(view: View, layer: Layer, site: Site) -> bool:
    """Tell whether what a layer with small weights adds to is made by another one all the same.

    The other one must see the inputs without it: an adapter may begin at 0 beside its layer, and
    not what lets the inputs into a recurrence.
    """
    own = layer.weight_variance * layer.input_length
    others = (
        view.layers[name]
        for name, fed in view.fed.items()
        if name != layer.name and name in view.layers and any(x is site for x, _ in fed)
    )
    return any(
        other.weight_variance * other.input_length > own and view.sees(other.name, layer.name)
        for other in others
    )


def _at(view: View, layer: Layer, site: Site) -> Iterator[Finding]:
    wanted = asked(view, layer, site)
    if wanted is None or not math.isfinite(layer.weight_variance):
        return
    ratio = layer.weight_variance / wanted
    if limit.WEIGHTS_SMALL <= ratio <= limit.WEIGHTS_LARGE:
        return
    equal = layer.weight_variance < ROUNDING * layer.fan_in * layer.weight_rms**2
    evidence = {
        "weight_variance": layer.weight_variance,
        "asked": wanted,
        "ratio": ratio,
        "fan_in": layer.fan_in,
        "weight_rms": layer.weight_rms,
        "rms_asked": math.sqrt(wanted / layer.fan_in),
        "site": site.name,
        "activation": site.activation,
        "length": site.length,
    }
    grade: Severity = "error" if ratio == 0.0 else "warning"
    cause = "equal_weights" if equal or ratio == 0.0 else "small" if ratio < 1.0 else "large"
    yield Finding("bad_initialization", layer.name, grade, (), evidence, cause)
