"""What is measured, on disk: a file a function, continued where its setting fits."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from theory.networks import Layers, Size
from theory.points import Point

SCHEMA = 1
DIGITS = 7  # float32 has no more


@dataclass(frozen=True)
class Measured:
    """One function's networks at one point: the arrays of `Layers`, (draws, ...)."""

    point: Point
    lengths: NDArray[np.float64]
    correlations: NDArray[np.float64]
    factors: NDArray[np.float64]


class Store:
    """The folder of the raw numbers."""

    def __init__(self, folder: Path, setting: dict[str, Any]) -> None:
        self.folder, self.setting = folder, {"schema": SCHEMA, **setting}

    def load(self, name: str, wanted: dict[str, Any] | None = None) -> Any:
        """Return what was kept under a name for this setting and what was wanted; else None."""
        path = self.folder / f"{name}.json"
        if not path.exists():
            return None
        found = json.loads(path.read_text(encoding="utf-8"))
        setting = json.loads(json.dumps({**self.setting, "wanted": wanted}))
        return found["data"] if found["setting"] == setting else None

    def save(self, name: str, data: Any, wanted: dict[str, Any] | None = None) -> None:
        """Keep data; the file is replaced as a whole."""
        self.folder.mkdir(parents=True, exist_ok=True)
        new = self.folder / f"{name}.new"
        kept = {"setting": {**self.setting, "wanted": wanted}, "data": data}
        new.write_text(json.dumps(kept, allow_nan=False) + "\n", encoding="utf-8")
        new.replace(self.folder / f"{name}.json")

    def seconds(self, prefix: str) -> float:
        """Add up how long the files with that prefix took."""
        files = self.folder.glob(f"{prefix}*.json")
        kept = (json.loads(path.read_text(encoding="utf-8")) for path in files)
        return sum(float(found["data"]["seconds"]) for found in kept)


def to_json(points: list[Point], draws: list[list[Layers]]) -> list[dict[str, Any]]:
    """Write measurements as plain data: arrays as lists, rounded; NaN as None."""
    return [
        {
            "point": asdict(point),
            "lengths": [_rounded(x.lengths) for x in found],
            "correlations": [_rounded(x.correlations) for x in found],
            "factors": [_rounded(x.factors) for x in found],
        }
        for point, found in zip(points, draws, strict=True)
    ]


def from_json(data: list[dict[str, Any]]) -> list[Measured]:
    """Read what `to_json` wrote."""
    return [
        Measured(
            Point(**entry["point"]),
            *(np.array(entry[k], dtype=float) for k in ("lengths", "correlations", "factors")),
        )
        for entry in data
    ]


def wanted(points: list[Point], size: Size) -> dict[str, Any]:
    """Describe a measurement, for `Store.load`."""
    return {"points": [asdict(point) for point in points], "size": asdict(size)}


def _rounded(values: NDArray[np.float64]) -> list[float | None]:
    return [float(f"{x:.{DIGITS}g}") if math.isfinite(x) else None for x in values.tolist()]
