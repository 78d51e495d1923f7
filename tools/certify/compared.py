"""Which processors were found to give the same bits, for the page. It needs no package."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOUND = Path(__file__).parents[2] / "docs" / "processors.json"

# Among the inputs: as many numbers of each dtype.
ALL = "all"


def kept() -> dict[str, dict[str, Any]]:
    """The comparisons by the name of the instruction set."""
    found: dict[str, dict[str, Any]] = json.loads(FOUND.read_text()) if FOUND.exists() else {}
    return found


def keep(name: str, other: str, different: list[str], results: int, inputs: dict[str, int]) -> None:
    """Remember that so many results were compared with another set's, on so many inputs a dtype."""
    known = kept()
    known[name] = {"as": other, "results": results, "different": different, "inputs": inputs}
    FOUND.write_text(json.dumps(dict(sorted(known.items())), indent=1) + "\n")
