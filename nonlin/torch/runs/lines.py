"""The lines of a run's log: plain JSON values out of a run's records, and back."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nonlin.torch.finding import Finding
from nonlin.torch.runs.packing import pack_flags, pack_levels, unpack_flags, unpack_levels
from nonlin.torch.runs.state import LayerState, SiteState, Snapshot, Structure

__all__ = [
    "reading_line",
    "snapshot_of",
    "structure_line",
    "structure_of",
]

_SITE = ("dead", "silent", "saturated", "zeros", "length", "gradient_rms", "output_gradient_rms")
_LAYER = ("weight_rms", "weight_gradient_rms", "output_gradient_rms", "update_ratio")


def structure_line(structure: Structure) -> dict[str, Any]:
    """Write what does not change."""
    return {
        "sites": [dict(site) for site in structure.sites],
        "layers": [dict(layer) for layer in structure.layers],
        "steps": [[kind, name, list(sources)] for kind, name, sources in structure.steps],
    }


def structure_of(line: Mapping[str, Any]) -> Structure:
    """Read what `structure_line` wrote."""
    return Structure(
        sites=tuple(line["sites"]),
        layers=tuple(line["layers"]),
        steps=tuple((kind, name, tuple(sources)) for kind, name, sources in line["steps"]),
    )


def reading_line(snapshot: Snapshot) -> dict[str, Any]:
    """Write a reading.

    Numbers keep six digits, as text where JSON has no number for them: "nan", "inf", "-inf".
    """
    return {
        "step": snapshot.step,
        "loss": _short(snapshot.loss),
        "sites": [[_short(getattr(each, key)) for key in _SITE] for each in snapshot.sites],
        "silent": [each.silent_units for each in snapshot.sites],
        "passing": [pack_levels(each.passing) for each in snapshot.sites],
        "layers": [[_short(getattr(each, key)) for key in _LAYER] for each in snapshot.layers],
        "findings": [_finding(each) for each in snapshot.findings],
    }


def snapshot_of(line: Mapping[str, Any]) -> Snapshot:
    """Read what `reading_line` wrote."""
    return Snapshot(
        step=int(line["step"]),
        loss=float(line["loss"]),
        sites=tuple(_site(*each) for each in _rows(line, "sites", "silent", "passing")),
        layers=tuple(_layer(*row) for row in line["layers"]),
        findings=tuple(_found(each) for each in line["findings"]),
    )


def _rows(line: Mapping[str, Any], *keys: str) -> zip[tuple[Any, ...]]:
    return zip(*(line[key] for key in keys), strict=True)


def _site(numbers: Sequence[Any], silent: str, passing: str) -> SiteState:
    dead, idle, *rest = map(float, numbers)
    saturated, zeros, length, gradient, output_gradient = rest
    return SiteState(
        dead=int(dead),
        silent=int(idle),
        saturated=saturated,
        zeros=zeros,
        length=length,
        gradient_rms=gradient,
        output_gradient_rms=output_gradient,
        silent_units=silent,
        passing=unpack_levels(passing),
    )


def _layer(
    weights: float | str, gradient: float | str, output: float | str, update: float | str | None
) -> LayerState:
    ratio = None if update is None else float(update)
    return LayerState(float(weights), float(gradient), float(output), ratio)


def _finding(finding: Finding) -> dict[str, Any]:
    flags = np.zeros(max(finding.units, default=-1) + 1, dtype=bool)
    flags[list(finding.units)] = True
    return {
        "kind": finding.kind,
        "site": finding.site,
        "severity": finding.severity,
        "units": [len(flags), pack_flags(flags)],
        "evidence": {key: _plain(value) for key, value in finding.evidence.items()},
        "cause": finding.cause,
        "caused_by": finding.caused_by,
    }


def _found(line: Mapping[str, Any]) -> Finding:
    count, packed = line["units"]
    units = tuple(int(unit) for unit in np.flatnonzero(unpack_flags(packed, count)))
    evidence = {key: _readable(value) for key, value in line["evidence"].items()}
    return Finding(**{**line, "units": units, "evidence": evidence})


def _short(value: float | None) -> float | int | str | None:
    """Six digits: what six digits do not tell, no two runs share."""
    if value is None or isinstance(value, int):
        return value
    value = float(value)
    return float(f"{value:.6g}") if math.isfinite(value) else str(value)


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return _short(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [_plain(each) for each in value]
    return value


def _readable(value: Any) -> Any:
    """Take "nan" and "inf" for the numbers that they are."""
    if isinstance(value, list):
        return [_readable(each) for each in value]
    return float(value) if value in ("nan", "inf", "-inf") else value
