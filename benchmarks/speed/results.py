"""The measured numbers on disk: saved after every case, and continued where they fit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from speed.cases import Case
from speed.contender import NEW
from speed.summary import Spread

SCHEMA = 2


class Results:
    """Cases, accuracy and start-up of one machine with one set of versions."""

    def __init__(self, path: Path, setting: dict[str, Any], fresh: bool = False) -> None:
        """Continue the file at `path` if it was measured in the same setting, else start over."""
        self.path = path
        self.data: dict[str, Any] = {"schema": SCHEMA, "setting": setting}
        self.data |= {"cases": {}, "accuracy": {}, "scales": {}, "start": {}}
        if path.exists() and not fresh:
            found = json.loads(path.read_text())
            if (found["schema"], found["setting"]) == (SCHEMA, setting):
                self.data = found

    @classmethod
    def read(cls, path: Path) -> Results:
        """Give what the file has, wherever it was measured."""
        return cls(path, json.loads(path.read_text())["setting"])

    def save(self) -> None:
        """Replace the file as a whole, so that an interruption leaves the one before."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        new = self.path.with_suffix(".new")
        new.write_text(json.dumps(self.data, indent=0, sort_keys=True) + "\n")
        new.replace(self.path)

    def add(self, case: Case, outcome: dict[str, Any]) -> None:
        self.data["cases"][case.key] = outcome
        self.save()

    def missing(self, cases: list[Case]) -> list[Case]:
        return [case for case in cases if case.key not in self.data["cases"]]

    def cases(self) -> Iterator[Case]:
        """List what is measured."""
        for key in self.data["cases"]:
            function, kind, dtype, size, threads = key.split()
            yield Case(function, kind, dtype, int(size), int(threads))

    def contenders(self, case: Case) -> dict[str, Any]:
        """By label: statement, nanoseconds, ratio. Empty if the case is not measured."""
        outcome = self.data["cases"].get(case.key, {})
        found: dict[str, Any] = outcome.get("contenders", {})
        return found

    def nanoseconds(self, case: Case, label: str) -> Spread | None:
        return self._spread(case, label, "nanoseconds")

    def ratio(self, case: Case, label: str) -> Spread | None:
        """The contender's time as a multiple of ours."""
        return self._spread(case, label, "ratio")

    def _spread(self, case: Case, label: str, quantity: str) -> Spread | None:
        found = self.contenders(case).get(label)
        return Spread(**found[quantity]) if found else None

    def best(self, case: Case, name: str) -> str | None:
        """The label under which a contender does best: into an array if it can, else a new one."""
        return next((label for label in (name, name + NEW) if label in self.contenders(case)), None)

    def error(self, case: Case, name: str) -> float | None:
        """A contender's largest error in ULP; it depends neither on size nor on threads."""
        found = self.data["accuracy"].get(f"{case.function} {case.kind} {case.dtype}", {})
        value = found.get(name)
        return None if value is None else float(value)
