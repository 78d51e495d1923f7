"""What a reading says is wrong: statistics in, findings out.

Above each rule stand its thresholds, with the measurement that each comes from. "Calibration" are
networks as in population A of the benchmark (benchmarks/doctor): rows of layers, CNNs, ResNets,
transformers and cells that train, and faulty ones beside their healthy twins.
"""

from __future__ import annotations

from nonlin.torch.finding import Finding
from nonlin.torch.findings import (
    attention,
    dead,
    experts,
    finite,
    flat,
    gates,
    gradients,
    growth,
    inputs,
    mixing,
    outputs,
    rates,
    residuals,
    restraints,
    saturated,
    shares,
    structure,
    through_time,
    updates,
    weights,
)
from nonlin.torch.findings.causes import link
from nonlin.torch.findings.silence import Silence, silence
from nonlin.torch.findings.view import View
from nonlin.torch.reading import Reading

__all__ = ["Silence", "findings", "silence", "silent_units"]

CHECKS = (
    finite, flat, inputs, outputs, mixing, structure, shares, weights, dead, saturated, gates,
    attention, experts, residuals, growth, gradients, through_time, updates, rates, restraints,
)  # fmt: skip


def findings(reading: Reading) -> tuple[Finding, ...]:
    """Judge one reading.

    Parameters
    ----------
    reading : Reading

    Returns
    -------
    tuple of Finding
        Root causes first, the worst and the earliest on the signal's way before the others; then
        what follows from them.
    """
    view = View(reading)
    return link([x for check in CHECKS for x in check.find(view)], view)


def silent_units(reading: Reading) -> dict[str, Silence]:
    """Say, site by site, which units were idle on the whole sample and what is known of them.

    Unlike a finding it has those too that chance explains, with the samples that would settle it.

    Parameters
    ----------
    reading : Reading

    Returns
    -------
    dict of str to Silence
        Sites with no silent unit are left out.
    """
    view = View(reading)
    found = {x.name: silence(x, view.layer(x), begun=view.has_begun) for x in reading.sites}
    return {name: x for name, x in found.items() if x.dead or x.undecided}
