"""The lines of a run's log: plain JSON values out of a run's records, and back.

What is read may come from a stranger or a newer version: what would not be a run is refused with
ValueError, and a finding of a kind, a severity or with evidence that nobody here knows is one.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np

from nonlin.torch.finding import Finding, Kind, Severity
from nonlin.torch.runs.packing import pack_flags, pack_levels, unpack_flags, unpack_levels
from nonlin.torch.runs.state import LayerState, SiteState, Snapshot, Structure

__all__ = [
    "reading_line",
    "snapshot_of",
    "structure_line",
    "structure_of",
]

# More steps than any training has, which every reader of JSON holds exactly; more units than any
# layer has; deeper than any evidence is.
LARGEST = 2**53
MOST_UNITS = 10**8
DEEPEST = 4

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
    """Read what `structure_line` wrote.

    Raises
    ------
    ValueError
        If it is something else.
    """
    return Structure(
        sites=tuple(map(_described_site, line["sites"])),
        layers=tuple({**layer, "name": _text(layer["name"], "name")} for layer in line["layers"]),
        steps=tuple(
            (_text(kind, "kind"), _text(name, "name"), _sources(sources, place))
            for place, (kind, name, sources) in enumerate(line["steps"])
        ),
    )


def _described_site(site: Mapping[str, Any]) -> dict[str, object]:
    layer = site["layer"]
    return {
        **site,
        "name": _text(site["name"], "name"),
        "activation": _text(site["activation"], "activation"),
        "units": _whole(site["units"], "units", MOST_UNITS),
        "positions": _length(site["positions"], "positions"),
        "layer": None if layer is None else _text(layer, "layer"),
        "residual": bool(site["residual"]),
        "gate": bool(site["gate"]),
    }


def _sources(sources: Sequence[Any], place: int) -> tuple[int, ...]:
    """The steps before that made a step's arguments."""
    found = tuple(_whole(source, "a source") for source in sources)
    if any(source >= place for source in found):
        raise ValueError(f"expected sources before step {place}, got {list(found)}")
    return found


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
        "rate": _short(snapshot.rate),
    }


def snapshot_of(line: Mapping[str, Any]) -> Snapshot:
    """Read what `reading_line` wrote.

    Raises
    ------
    ValueError
        If it is something else.
    """
    return Snapshot(
        step=_whole(line["step"], "step"),
        loss=float(line["loss"]),
        sites=tuple(_site(*each) for each in _rows(line, "sites", "silent", "passing")),
        layers=tuple(_layer(*row) for row in line["layers"]),
        findings=tuple(_found(each) for each in line["findings"]),
        # Logs that were begun before rates were noted have none.
        rate=None if line.get("rate") is None else float(line["rate"]),
    )


def _rows(line: Mapping[str, Any], *keys: str) -> zip[tuple[Any, ...]]:
    return zip(*(line[key] for key in keys), strict=True)


def _site(numbers: Sequence[Any], silent: str, passing: str) -> SiteState:
    dead, idle, *rest = map(float, numbers)
    saturated, zeros, length, gradient, output_gradient = rest
    return SiteState(
        dead=_whole(int(dead), "dead"),
        silent=_whole(int(idle), "silent"),
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
    count = _whole(count, "units", MOST_UNITS)
    units = tuple(int(unit) for unit in np.flatnonzero(unpack_flags(packed, count)))
    caused_by = line["caused_by"]
    return Finding(
        kind=cast(Kind, _text(line["kind"], "kind")),
        site=_text(line["site"], "site"),
        severity=cast(Severity, _text(line["severity"], "severity")),
        units=units,
        evidence={key: _readable(value) for key, value in line["evidence"].items()},
        cause=_text(line["cause"], "cause"),
        caused_by=None if caused_by is None else _text(caused_by, "caused_by"),
    )


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{name}: expected text, got {_short_of(value)}")
    return value


def _length(value: Any, name: str) -> float:
    if not 0.0 <= float(value) < math.inf:
        raise ValueError(f"{name}: expected a number from 0 on, got {_short_of(value)}")
    return float(value)


def _whole(value: Any, name: str, most: int = LARGEST) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise ValueError(f"{name}: expected a whole number from 0 on, got {_short_of(value)}")
    return value


def _short_of(value: Any) -> str:
    written = json.dumps(value)
    return written if len(written) <= 40 else f"{written[:39]}…"


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


def _readable(value: Any, depth: int = 0) -> Any:
    """Take "nan" and "inf" for the numbers that they are."""
    if depth > DEEPEST:
        raise ValueError("evidence: nested too deeply")
    if isinstance(value, Mapping):
        return {key: _readable(each, depth + 1) for key, each in value.items()}
    if isinstance(value, list):
        return [_readable(each, depth + 1) for each in value]
    return float(value) if value in ("nan", "inf", "-inf") else value
