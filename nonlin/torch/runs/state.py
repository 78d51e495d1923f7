"""What is kept of a reading once it is judged: a few numbers a site, its units in bits."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nonlin.torch.finding import Finding
from nonlin.torch.runs.packing import levels, pack_flags, unpack_flags

if TYPE_CHECKING:
    from nonlin.torch.parts import Layer, Site
    from nonlin.torch.reading import Reading

__all__ = ["LayerState", "SiteState", "Snapshot", "Structure", "snapshot", "structure"]


@dataclass(frozen=True, slots=True)
class Structure:
    """What does not change from reading to reading.

    Attributes
    ----------
    sites : tuple of dict
        name, activation, units, positions (observations a sample), can_die, layer, residual, gate.
    layers : tuple of dict
        name, kind, fan_in.
    steps : tuple of (kind, name, sources)
        The calls, as in `nonlin.torch.reading.Step`.
    """

    sites: tuple[dict[str, object], ...]
    layers: tuple[dict[str, object], ...]
    steps: tuple[tuple[str, str, tuple[int, ...]], ...]


@dataclass(frozen=True, slots=True)
class SiteState:
    """One site at one reading.

    Attributes
    ----------
    dead : int
        Dead units, by `nonlin.torch.findings`: what chance explains is not among them.
    silent : int
        Units whose derivative was 0 on every sample of the probe.
    saturated, zeros : float
        Shares of the observations: derivative below 1 % of its supremum; output exactly 0.
    length, gradient_rms, output_gradient_rms : float
        E[z^2], and RMS of dL/dz and dL/dphi.
    silent_units : str
        Which ones are silent: `nonlin.torch.runs.packing.pack_flags`.
    passing : array of uint8
        Sorted over the units: in how many of its observations a unit's derivative was at least 1 %
        of its supremum. See `nonlin.torch.runs.packing.levels`.
    """

    dead: int
    silent: int
    saturated: float
    zeros: float
    length: float
    gradient_rms: float
    output_gradient_rms: float
    silent_units: str
    passing: NDArray[np.uint8]

    def which(self, count: int) -> NDArray[np.bool_]:
        """Which of `count` units are silent."""
        return unpack_flags(self.silent_units, count)


@dataclass(frozen=True, slots=True)
class LayerState:
    """One layer at one reading; see `nonlin.torch.parts.Layer`."""

    weight_rms: float
    weight_gradient_rms: float
    output_gradient_rms: float
    update_ratio: float | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One reading of a run.

    Attributes
    ----------
    step : int
    loss : float
    sites : tuple of SiteState
    layers : tuple of LayerState
    findings : tuple of Finding
    rate : float or None
        The highest learning rate of the optimizers' groups; None where none is known.
    size : float
        Of all layers' weights together.
    part : float
        Of that size, which the next step moves; a layer that begins as nothing counts as little.
    """

    step: int
    loss: float
    sites: tuple[SiteState, ...]
    layers: tuple[LayerState, ...]
    findings: tuple[Finding, ...] = ()
    rate: float | None = None
    # Taken once: each later reading looks back at them.
    size: float = field(init=False, repr=False, compare=False)
    part: float = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        size = math.hypot(*(x.weight_rms for x in self.layers))
        known = (x for x in self.layers if x.update_ratio is not None)
        moved = math.hypot(*(float(x.update_ratio or 0.0) * x.weight_rms for x in known))
        sound = math.isfinite(moved) and 0.0 < size < math.inf
        object.__setattr__(self, "size", size)
        object.__setattr__(self, "part", moved / size if sound else 0.0)


def structure(reading: Reading) -> Structure:
    """Take what stays."""
    return Structure(
        sites=tuple(
            {
                "name": site.name,
                "activation": site.activation,
                "units": site.units.count,
                "positions": site.units.observations / max(site.units.samples, 1),
                "can_die": site.can_die,
                "layer": site.layer,
                "residual": site.residual,
                "gate": site.gate,
            }
            for site in reading.sites
        ),
        layers=tuple(
            {"name": each.name, "kind": each.kind, "fan_in": each.fan_in} for each in reading.layers
        ),
        steps=tuple((each.kind, each.name, tuple(each.sources)) for each in reading.steps),
    )


def snapshot(
    reading: Reading, step: int, findings: tuple[Finding, ...], rate: float | None = None
) -> Snapshot:
    """Take what changes.

    Parameters
    ----------
    reading : Reading
    step : int
        Of the training.
    findings : tuple of Finding
    rate : float, optional
        The highest learning rate.

    Returns
    -------
    Snapshot
    """
    dead = {each.site: len(each.units) for each in findings if each.kind == "dead_units"}
    return Snapshot(
        step=step,
        loss=float("nan") if reading.target is None else reading.target.value,
        sites=tuple(_site(each, dead.get(each.name, 0)) for each in reading.sites),
        layers=tuple(_layer(each) for each in reading.layers),
        findings=findings,
        rate=rate,
    )


def _site(site: Site, dead: int) -> SiteState:
    units = site.units
    silent = np.asarray(units.active_samples) == 0
    observed = max(units.observations, 1)
    total = max(units.count * observed, 1)
    return SiteState(
        dead=dead,
        silent=int(silent.sum()),
        saturated=float(units.saturated.sum() / total),
        zeros=float(units.zeros.sum() / total),
        length=site.length,
        gradient_rms=site.gradient_rms,
        output_gradient_rms=site.output_gradient_rms,
        silent_units=pack_flags(silent),
        passing=levels(1.0 - np.asarray(units.saturated, dtype=float) / observed),
    )


def _layer(layer: Layer) -> LayerState:
    return LayerState(
        layer.weight_rms,
        layer.weight_gradient_rms,
        layer.output_gradient_rms,
        layer.update_ratio,
    )
