"""What happens to the gradient from one site to the one before it: measured, and predicted."""

from __future__ import annotations

import math
from typing import NamedTuple

from nonlin.torch.findings.chain import Factor, chains
from nonlin.torch.findings.view import View
from nonlin.torch.reading import Reading


class Change(NamedTuple):
    """By what the gradient's length is multiplied between two sites.

    Attributes
    ----------
    measured : float
    predicted : float
        From the weights' variance and the pre-activation's length. NaN across a normalisation or
        an addition, where more than the weights counts.
    """

    measured: float
    predicted: float


def factors(reading: Reading) -> dict[str, Change]:
    """Tell, site by site, what the way back from behind the next site to before it does.

    Parameters
    ----------
    reading : Reading

    Returns
    -------
    dict of str to Change
        Sites on residual branches and at gates are left out: the main way goes past them.
    """
    added = _added(reading)
    found: dict[str, Change] = {}
    for way in chains(View(reading)):
        if way.branch:
            continue
        change = Change(1.0, 1.0)
        for factor in way.factors:
            change = Change(
                change.measured * factor.measured, change.predicted * _prediction(factor, added)
            )
            if factor.part == "derivative":
                found[factor.name] = change
                change = Change(1.0, 1.0)
    return found


def _prediction(factor: Factor, added: set[str]) -> float:
    return math.nan if factor.normalized or factor.name in added else factor.predicted


def _added(reading: Reading) -> set[str]:
    """Name the layers whose result is added to another before an activation comes."""
    found: set[str] = set()
    origins: list[set[str]] = []
    for step in reading.steps:
        layers = {name for source in step.sources for name in origins[source]}
        if step.kind == "addition":
            found |= layers
        own = {"layer": {step.name}, "activation": set[str]()}
        origins.append(own.get(step.kind, layers))
    return found
