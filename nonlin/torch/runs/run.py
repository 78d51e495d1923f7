"""A run: its readings so far, its troubles and where its numbers go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nonlin.torch.finding import Finding
from nonlin.torch.runs.history import History
from nonlin.torch.runs.state import Snapshot, Structure
from nonlin.torch.runs.troubles import Trouble, Troubles

__all__ = ["WINDOW", "Run"]

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
