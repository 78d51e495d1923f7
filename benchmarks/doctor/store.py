"""Records on disk, a JSON line each; what is there is not measured again."""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nonlin

ROOT = Path(nonlin.__file__).parent
PARTS = ("torch/verdicts", "torch/mending")

# What only reads records, or measures something else.
READERS = (
    "__main__",
    "judge",
    "overhead",
    "page",
    "page_tables",
    "shares",
    "store",
    "summary",
    "words",
)


class Store:
    """One file of records, for one state of the verdicts and of the cases.

    Parameters
    ----------
    path : Path
    state : str
        What the records depend on; a file of another state begins anew.
    """

    def __init__(self, path: Path, state: str) -> None:
        self.path = path
        self.records: dict[int, dict[str, Any]] = {}
        lines = list(_lines(path))
        if lines and lines[0].get("state") == state:
            self.records = {x["number"]: x for x in lines[1:]}
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps({"state": state}) + "\n", encoding="utf-8")

    def add(self, record: dict[str, Any]) -> None:
        """Append one record."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")
        self.records[record["number"]] = record


def state() -> str:
    """Name the state of the code that the records depend on."""
    digest = hashlib.sha256()
    for folder in [*(ROOT / part for part in PARTS), Path(__file__).parent]:
        for path in sorted(folder.glob("*.py")):
            if path.stem not in READERS:
                # As a tree: comments and layout change nothing.
                tree = ast.parse(path.read_text(encoding="utf-8"))
                digest.update(ast.dump(tree).encode())
    return digest.hexdigest()[:16]


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    if not path.exists():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            yield json.loads(line)
        except json.JSONDecodeError:
            return  # the last line of a run that was stopped while it wrote
