"""The programs of `doctor.asked`, if that folder is there: one row each for the page."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from typing import Any


def rows() -> list[list[str]]:
    """Ask the folder for its outcomes; its head and a row a program, or nothing."""
    if importlib.util.find_spec("doctor.asked") is None:
        return []
    outcomes = [_plain(x) for x in importlib.import_module("doctor.asked").outcomes()]
    if not outcomes:
        return []
    return [list(outcomes[0]), *([_cell(x) for x in row.values()] for row in outcomes)]


def _plain(outcome: Any) -> Mapping[str, Any]:
    if is_dataclass(outcome) and not isinstance(outcome, type):
        return asdict(outcome)
    return dict(outcome)


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.3g}"
    if isinstance(value, list | tuple):
        return ", ".join(map(_cell, value))
    return str(value).replace("|", "\\|")
