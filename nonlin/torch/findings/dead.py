"""`dead_units`: zero derivative on every sample, and no accident."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from nonlin.torch.finding import Finding, Severity
from nonlin.torch.findings import thresholds as limit
from nonlin.torch.findings.curves import edges, function
from nonlin.torch.findings.last_step import wrong
from nonlin.torch.findings.silence import Silence, silence
from nonlin.torch.findings.view import View
from nonlin.torch.parts import Layer, Site

# `DEAD_WARNING` where one activation is called again and again in a pass, as in a recurrent cell,
# which loses as much at each call. Calibration: cells that train lose none, and 0.3 hurts.
DEAD_WARNING_REPEATED = 0.2


def find(view: View) -> Iterator[Finding]:
    """List the sites with dead units."""
    target = view.reading.target
    for site in view.reading.sites:
        if not np.isfinite(site.length) or flat_everywhere(site):
            continue
        found = silence(site, view.layer(site), begun=view.has_begun)
        if view.is_output(site):
            # Where no output moves nothing does, by accident or not.
            silent = (site.units.active_samples == 0).all()
            dead = range(site.units.count) if silent else found.dead
            # Of targets that are mostly near the limit none is far off in the mean.
            told = silent and target is not None and target.explained <= 0.0
            lost = dead if told else wrong(view, site, dead, math.inf)
            found = replace(found, dead=tuple(sorted(lost)))
        if found.dead:
            yield _finding(site, view.layer(site), found)


def flat_everywhere(site: Site) -> bool:
    """Tell whether units that do not move are rather saturated: the function flattens both ways."""
    act = function(site)
    return act is not None and not site.can_die and edges(act, limit.SATURATED).two_sided


def severity(share: float, warning: float, error: float) -> Severity:
    """Grade a layer by the share of its units that are lost."""
    return "error" if share >= error else "warning" if share >= warning else "note"


def _finding(site: Site, layer: Layer | None, found: Silence) -> Finding:
    units = site.units
    chosen = list(found.dead)
    evidence = {
        "dead": len(found.dead),
        "units": units.count,
        "share": len(found.dead) / units.count,
        "samples": found.samples,
        "bound": found.bound,
        "chance": found.chance,
        "expected": found.expected,
        "p_value": found.p_value,
        "undecided": len(found.undecided),
        "samples_needed": found.samples_needed,
        "largest": float(units.largest[chosen].max()),
        "mean": float(np.median(units.mean[chosen])),
        "deviation": float(np.median(np.sqrt(units.variance[chosen]))),
    }
    cause = _cause(site, layer)
    warning = limit.DEAD_WARNING if site.calls == 1 else DEAD_WARNING_REPEATED
    grade = severity(evidence["share"], warning, limit.DEAD_ERROR)
    return Finding("dead_units", site.name, grade, found.dead, evidence, cause)


def _cause(site: Site, layer: Layer | None) -> str:
    if layer is None:
        return "offset"
    if layer.update_ratio is not None and layer.update_ratio > limit.LARGE_UPDATE:
        return "learning_rate"
    if site.normalized:
        return "normalization_shift"
    length = layer.weight_variance * layer.input_length
    return "bias" if layer.bias_variance > length else "weights"
