"""What the processes of one run agree on: where results go, and what is measured."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import nonlin
from speed.cases import Case, grid
from speed.environment import environment, memory
from speed.race import Effort
from speed.results import Results

EFFORT = {False: Effort(0.5, 5, 200), True: Effort(0.1, 5, 50)}
# Rests take most of the time where there are several threads, and more rounds need more of it.
RESTING = {False: Effort(3.0, 9, 60, rests=True), True: Effort(1.0, 5, 20, rests=True)}
# Numbers that the accuracy of a contender is measured on.
SAMPLE = {False: 8_192, True: 1_024}
IMPORTS = {False: 40, True: 15}


@dataclass(frozen=True)
class Session:
    """A quick run checks the benchmark; only a full one is worth publishing."""

    folder: Path
    quick: bool

    def results(self, fresh: bool = False) -> Results:
        setting = {
            "quick": self.quick,
            "sample": SAMPLE[self.quick],
            "names": list(nonlin.names()),
            "environment": environment(),
        }
        return Results(self.file, setting, fresh)

    @property
    def file(self) -> Path:
        return self.folder / "performance" / "speed.json"

    def cases(self, threads: int) -> list[Case]:
        return grid(nonlin.names(), threads, self.quick, memory() // 2)

    def effort(self, threads: int) -> Effort:
        return (RESTING if threads > 1 else EFFORT)[self.quick]

    def page(self, lang: str) -> Path:
        return self.folder / ("performance.md" if lang == "en" else f"performance.{lang}.md")
