"""The readings of a run, thinned as it grows."""

from __future__ import annotations

from nonlin.torch.runs.state import Snapshot

__all__ = ["CAPACITY", "History"]

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
