"""The measured times on disk: whole cases, and what they depend on."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from speed.environment import code, threads

from nonlin.study.environment import environment
from nonlin.torch import functional, gate_ops, ops, registration
from ops.cases import Case
from ops.clock import Times


@cache
def here() -> dict[str, Any]:
    """Versions, processor and the bytes that compute: times of others are not mixed in."""
    return environment(threads()) | {"code": code(functional, gate_ops, ops, registration)}


@dataclass
class Store:
    """Times of one machine with one set of versions, and how busy it was at most."""

    environment: dict[str, Any]
    load: float | None = None
    times: dict[str, Times] = field(default_factory=dict)

    def add(self, case: Case, times: Times, load: float) -> None:
        """Take a case in, and the load average while it was measured."""
        self.times[case.key] = times
        self.load = max(self.load or 0.0, round(load, 2))

    @property
    def results(self) -> dict[Case, Times]:
        """The times by case."""
        return {Case.of(key): times for key, times in self.times.items()}

    def save(self, file: Path) -> None:
        """Replace the file as a whole, so that an interruption leaves the one before."""
        file.parent.mkdir(parents=True, exist_ok=True)
        new = file.with_suffix(".new")
        new.write_text(json.dumps(asdict(self), indent=0) + "\n", encoding="utf-8")
        new.replace(file)

    @classmethod
    def load_from(cls, file: Path) -> Store:
        """Read what `save` wrote."""
        return cls(**json.loads(file.read_text("utf-8")))
