"""The programs of `doctor.asked`, if that folder is there: one row each for the page."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Sequence
from typing import Any

from doctor.shares import Share, share

FOLDER = "doctor.asked"
Row = tuple[str, list[bool | None], str]


def outcomes() -> list[Any]:
    """Ask the folder what came of its programs; nothing where there is no such folder."""
    if importlib.util.find_spec(FOLDER) is None:
        return []
    return list(importlib.import_module(f"{FOLDER}.outcomes").outcomes())


def row(outcome: Any) -> Row:
    """Give a program's name, what went well of it, and its first remedy.

    Whether the first finding names a fault, all faults are named, nothing else is said to be a
    root, the repaired program is not alarmed, and the first remedy reaches it: None if untried.
    """
    tried = "remedy" in outcome.scores
    well = [outcome.first, not outcome.missed, not outcome.extra, not outcome.alarms]
    return outcome.name, [*well, outcome.reached if tried else None], outcome.remedy


def shares(rows: Sequence[Row]) -> list[Share]:
    """Count what went well, column by column; what was not tried did not."""
    return [share(bool(x) for x in column) for column in zip(*(x[1] for x in rows), strict=True)]
