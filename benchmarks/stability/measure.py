"""Measure the study in one setting, in a process of its own: python -m stability.measure FOLDER.

Goes on with what the folder holds, if that was measured in the same environment.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from nonlin.cli.progress import progress_bar
from nonlin.study import load, run
from nonlin.study.blocks import THREADS
from nonlin.study.environment import environment
from nonlin.study.results import Results


def main(line: list[str] | None = None) -> int:
    """Measure; 1 if it was interrupted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--skip", type=int, default=0)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", nargs="+")
    asked = parser.parse_args(line)
    file = asked.folder / "results.json"
    with progress_bar("en") as progress:
        found = run(
            asked.only,
            quick=asked.quick,
            skip=asked.skip,
            workers=asked.workers,
            progress=progress,
            previous=_previous(file),
            path=file,
        )
    return 0 if found.complete else 1


def _previous(file: Path) -> Results | None:
    if not file.is_file():
        return None
    found = load(file)
    if found.environment == environment(THREADS):
        return found
    print(f"{file} was measured in another environment; measuring anew", file=sys.stderr)
    return None


if __name__ == "__main__":
    sys.exit(main())
