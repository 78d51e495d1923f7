"""`silent_gate`: a product of two pre-activations that is 0 on every sample."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nonlin.torch.finding import Finding
from nonlin.torch.findings import thresholds as limit
from nonlin.torch.findings.chance import at_least
from nonlin.torch.findings.dead import severity
from nonlin.torch.findings.view import View
from nonlin.torch.parts import Gate


def find(view: View) -> Iterator[Finding]:
    """List the gates with units that let nothing through, beyond what chance explains."""
    for gate in view.reading.gates:
        silent = gate.active_samples == 0
        if gate.samples and silent.any() and not _is_chance(gate, silent):
            yield _finding(view, gate, silent)


def _is_chance(gate: Gate, silent: np.ndarray) -> bool:
    """Whether units that are 0 as often as the others would be silent in such numbers."""
    others = gate.zeros[~silent] / max(gate.observations, 1)
    often = float(np.median(others)) if len(others) else 0.0
    chance = often**gate.samples
    return at_least(int(silent.sum()), len(silent), chance) >= limit.ACCIDENT


def _finding(view: View, gate: Gate, silent: np.ndarray) -> Finding:
    share = float(silent.mean())
    evidence = {
        "silent": int(silent.sum()),
        "units": len(silent),
        "share": share,
        "samples": gate.samples,
        "first": gate.factors[0],
        "second": gate.factors[1],
    }
    grade = severity(share, limit.DEAD_WARNING, limit.DEAD_ERROR)
    cause = "closed" if _is_closed(view, gate, silent) else "nothing_comes"
    units = tuple(int(x) for x in np.flatnonzero(silent))
    return Finding("silent_gate", gate.name, grade, units, evidence, cause)


def _is_closed(view: View, gate: Gate, silent: np.ndarray) -> bool:
    """Whether those units' activation is 0 itself, and not what it is multiplied with."""
    sites = (site.units for site in view.reading.sites if site.name in gate.factors)
    return any(
        len(units.zeros) == len(silent) and bool((units.zeros[silent] == units.observations).all())
        for units in sites
    )
