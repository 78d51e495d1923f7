"""Records on disk, a JSON line each; what is there in the present state is not measured again."""

from __future__ import annotations

import ast
import hashlib
import inspect
import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import nonlin
from doctor.cases import Case, family_of, fault_of

DOCTOR = Path(nonlin.__file__).parent / "torch"
HERE = Path(__file__).parent
CORE = ("cases", "data", "places", "program", "record", "training", "families/pieces")

# What only shows or hands on what was found.
SHOWING = ("exam_tables", "exam_text", "huggingface", "lightning", "loggers", "wording")


class Store:
    """A folder of files of records; this run appends to one of them.

    Parameters
    ----------
    folder : Path
    own : str
        The name of the file that is appended to; each shard has its own.
    """

    def __init__(self, folder: Path, own: str = "records") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / f"{own}.jsonl"
        self._found = {(x["name"], x["state"]): x for path in sorted(folder.glob("*.jsonl"))
                       for x in _lines(path)}  # fmt: skip

    def get(self, case: Case) -> dict[str, Any] | None:
        """Give the record of a case, if it was measured in the present state of the code."""
        return self._found.get((case.name, state(case)))

    def add(self, case: Case, record: dict[str, Any]) -> None:
        """Append one record."""
        self._append(case.name, state(case), record)

    def fits(self, case: Case) -> list[str] | None:
        """Give the faults that a healthy case has a place for, if that is known."""
        found = self._found.get((f"{case.name}/places", _planting(case)))
        return None if found is None else list(found["faults"])

    def add_fits(self, case: Case, faults: list[str]) -> None:
        """Append what a healthy case has a place for."""
        self._append(f"{case.name}/places", _planting(case), {"faults": faults})

    def _append(self, name: str, of: str, record: dict[str, Any]) -> None:
        line = json.dumps(record | {"name": name, "state": of})
        with self.path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
        self._found[name, of] = json.loads(line)


def state(case: Case) -> str:
    """Name the state of the code that a case's record depends on."""
    files = [_file(family_of(case).make)]
    if case.fault:
        files += [_file(fault_of(case).plant), HERE / "faults" / "fault.py"]
    return _digest((_core(), *map(_tree, files)))


def _planting(case: Case) -> str:
    """Name the state of the code that the places of a case depend on."""
    planting = [*sorted((HERE / "faults").glob("*.py")), HERE / "places.py"]
    return _digest(tuple(map(_tree, [*planting, _file(family_of(case).make)])))


@cache
def _core() -> str:
    shown = [x for x in sorted(DOCTOR.rglob("*.py")) if x.stem not in SHOWING]
    return _digest(tuple(map(_tree, [*shown, *(HERE / f"{name}.py" for name in CORE)])))


@cache
def _tree(path: Path) -> str:
    """Digest a file as a tree: comments and layout change nothing."""
    return _digest((ast.dump(ast.parse(path.read_text(encoding="utf-8"))),))


@cache
def _file(of: Callable[..., Any]) -> Path:
    return Path(inspect.getfile(inspect.unwrap(of)))


def _digest(parts: tuple[str, ...]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            yield json.loads(line)
        except json.JSONDecodeError:
            continue  # the last line of a run that was stopped while it wrote
