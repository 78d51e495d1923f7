"""What a page on a model says, before any HTML: from an examination or from a run's log."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from nonlin.torch.exam import Exam
    from nonlin.torch.finding import Finding
    from nonlin.torch.reading import Reading
    from nonlin.torch.runs import Run
    from nonlin.torch.runs.state import SiteState, Snapshot, Structure

__all__ = ["HEALTHY", "RANK", "SiteView", "health", "look", "read", "site_views"]

RANK = {"error": 2, "warning": 1, "note": 0}
HEALTHY = "healthy"


@dataclass(frozen=True)
class SiteView:
    """A row of the table of sites.

    Attributes
    ----------
    name, activation : str
    layer : str or None
    units, dead : int
    saturated, zeros, length, gradient : float
        As in `nonlin.torch.runs.state.SiteState`.
    factor, predicted : float or None
        What the site and the layer before the next one multiply the gradient's length by. There is
        no prediction across a normalisation or an addition, where more than the weights counts.
    gradient_length, output_gradient_length : float
        Of one sample's gradient before and behind the site, up to a constant of the model.
    aside : bool
        Whether it lies on a residual branch or at a gate.
    health : str
        "healthy" or the worst severity of what was found there or at its layer.
    passing : array of uint8
    """

    name: str
    activation: str
    layer: str | None
    units: int
    dead: int
    saturated: float
    zeros: float
    length: float
    gradient: float
    gradient_length: float
    output_gradient_length: float
    aside: bool
    health: str
    passing: NDArray[np.uint8]
    factor: float | None = None
    predicted: float | None = None


def read(exam: "Exam | None", run: "Run | None") -> "tuple[Structure, Snapshot]":
    """What a page is of: the run's last reading if there is a run, else the examination's.

    Raises
    ------
    ValueError
        If there is neither.
    """
    if run is not None and run.last is not None and run.structure is not None:
        return run.structure, run.last
    if exam is None:
        raise ValueError("expected an examination or a run with a reading, got neither")
    from nonlin.torch.runs.state import snapshot, structure

    return structure(exam.reading), snapshot(exam.reading, exam.reading.step or 0, exam.findings)


def site_views(
    structure: "Structure",
    snapshot: "Snapshot",
    reading: "Reading | None" = None,
) -> list[SiteView]:
    """Arrange the sites in the order of the forward pass.

    Parameters
    ----------
    structure : Structure
    snapshot : Snapshot
    reading : Reading, optional
        Brings the factors of the gradient.

    Returns
    -------
    list of SiteView
    """
    states = health(snapshot.findings)
    changes = _changes(reading)
    spelled = _spelled(reading)
    return [
        _site(site, state, states, changes, spelled.get(str(site["name"])))
        for site, state in zip(structure.sites, snapshot.sites, strict=True)
    ]


def health(findings: Sequence["Finding"]) -> dict[str, str]:
    """The worst severity by site or layer."""
    worst: dict[str, str] = {}
    for finding in findings:
        known = worst.get(finding.site)
        if known is None or RANK[look(finding.severity)] > RANK[known]:
            worst[finding.site] = look(finding.severity)
    return worst


def _worst(severities: Sequence[str]) -> str:
    return max(severities, key=lambda each: RANK[each], default=HEALTHY)


def look(severity: str) -> str:
    """What a severity looks like on the page; one that this version does not know, like a note."""
    return severity if severity in RANK else "note"


def _site(
    site: Mapping[str, Any],
    state: "SiteState",
    states: Mapping[str, str],
    changes: Mapping[str, tuple[float, float]],
    spelled: str | None,
) -> SiteView:
    factor, predicted = changes.get(site["name"], (None, None))
    scale = math.sqrt(site["units"] * site["positions"])
    return SiteView(
        name=site["name"],
        activation=spelled or site["activation"].removeprefix("nl."),
        layer=site["layer"],
        units=site["units"],
        dead=state.dead,
        saturated=state.saturated,
        zeros=state.zeros,
        length=state.length,
        gradient=state.gradient_rms,
        gradient_length=state.gradient_rms * scale,
        output_gradient_length=state.output_gradient_rms * scale,
        aside=bool(site["residual"] or site["gate"]),
        health=_worst([states[key] for key in (site["name"], site["layer"]) if key in states]),
        passing=state.passing,
        factor=factor,
        predicted=predicted,
    )


def _spelled(reading: "Reading | None") -> Mapping[str, str]:
    from nonlin.torch.findings.curves import spelled

    return {} if reading is None else {site.name: spelled(site) for site in reading.sites}


def _changes(reading: "Reading | None") -> Mapping[str, tuple[float, float]]:
    from nonlin.torch.factors import factors

    return {} if reading is None else factors(reading)
