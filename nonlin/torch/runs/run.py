"""A run: its readings, thinned as it grows, its troubles and where its numbers go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nonlin.torch.finding import Finding
from nonlin.torch.runs.state import Snapshot, Structure
from nonlin.torch.runs.troubles import Trouble, Troubles

__all__ = ["CAPACITY", "WINDOW", "History", "Run", "scalars"]

CAPACITY = 256


class History:
    """Keeps every reading at first, then every second, fourth, ...; always the last one.

    When `CAPACITY` readings are held, every other one goes and the stride doubles. So a run of any
    length is held in CAPACITY / 2 to CAPACITY readings, evenly spread.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self.capacity = capacity
        self.stride = 1
        self.count = 0
        self._kept: list[Snapshot] = []
        self._last: Snapshot | None = None

    def add(self, snapshot: Snapshot) -> None:
        """Take in the next reading."""
        if self.count % self.stride == 0:
            self._kept.append(snapshot)
        self._last = snapshot
        self.count += 1
        if len(self._kept) > self.capacity:
            self._kept = self._kept[::2]
            self.stride *= 2

    @property
    def last(self) -> Snapshot | None:
        """The newest reading."""
        return self._last

    @property
    def kept(self) -> list[Snapshot]:
        """What is held, from the oldest to the newest."""
        newest = [] if self._last is None or self._kept[-1] is self._last else [self._last]
        return self._kept + newest


# A trend looks back this many of the readings held: a fifth of a long run or more.
WINDOW = 48


class Run:
    """What a monitor knows, and what its log tells.

    Attributes
    ----------
    header : mapping
        Versions, settings and the model; see docs/run-log.md.
    structure : Structure or None
        None before the first reading.
    """

    def __init__(self, header: Mapping[str, Any]) -> None:
        self.header = dict(header)
        self.structure: Structure | None = None
        self._history = History()
        self._troubles = Troubles()

    def describe(self, structure: Structure) -> None:
        """Say what the next readings are of; readings of anything else are forgotten."""
        if self.structure is not None and structure != self.structure:
            self._history = History()
        self.structure = structure

    def add(self, snapshot: Snapshot) -> list[Finding]:
        """Take in a reading.

        Returns
        -------
        list of Finding
            What is new in it.
        """
        self._history.add(snapshot)
        return self._troubles.update(snapshot.step, snapshot.findings)

    @property
    def model(self) -> str:
        """The class of the model; "?" where a log does not say."""
        return str(self.header.get("model", {}).get("class", "?"))

    @property
    def snapshots(self) -> list[Snapshot]:
        """The readings that are held, from the first to the last, evenly spread."""
        return self._history.kept

    @property
    def last(self) -> Snapshot | None:
        """The newest reading."""
        return self._history.last

    @property
    def count(self) -> int:
        """How many readings there were."""
        return self._history.count

    @property
    def troubles(self) -> tuple[Trouble, ...]:
        """Every trouble that there was, in the order in which they began."""
        return tuple(self._troubles)

    def window(self) -> list[Snapshot]:
        """The readings that trends rest on."""
        return self.snapshots[-WINDOW:]


def scalars(run: Run) -> dict[str, float]:
    """Name the numbers of the last reading.

    Parameters
    ----------
    run : Run

    Returns
    -------
    dict of str to float
        "loss"; for each site "SITE/dead", "SITE/saturated", "SITE/zeros" (shares of 1) and
        "SITE/gradient_rms"; for each layer "LAYER/weight_gradient_rms" and, with an optimizer,
        "LAYER/update_ratio"; "findings/errors" and "findings/warnings".
    """
    last, structure = run.last, run.structure
    if last is None or structure is None:
        return {}
    named = {"loss": last.loss}
    for site, state in zip(structure.sites, last.sites, strict=True):
        name = site["name"]
        named[f"{name}/dead"] = state.dead / max(int(str(site["units"])), 1)
        named[f"{name}/saturated"] = state.saturated
        named[f"{name}/zeros"] = state.zeros
        named[f"{name}/gradient_rms"] = state.gradient_rms
    for layer, weights in zip(structure.layers, last.layers, strict=True):
        named[f"{layer['name']}/weight_gradient_rms"] = weights.weight_gradient_rms
        if weights.update_ratio is not None:
            named[f"{layer['name']}/update_ratio"] = weights.update_ratio
    for severity in ("error", "warning"):
        found = [each for each in last.findings if each.severity == severity]
        named[f"findings/{severity}s"] = float(len(found))
    return named
