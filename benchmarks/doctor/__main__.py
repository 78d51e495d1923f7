"""Examines models with planted faults and healthy ones, and writes the page: python -m doctor."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.progress import BarColumn as Bar
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from doctor import overhead, page
from doctor.cases import cases
from doctor.controls import controls
from doctor.over_time import watch, watched
from doctor.record import control, faulty
from doctor.setup import Case
from doctor.store import Store, state
from doctor.summary import Summary, summarise

ROOT = Path(__file__).resolve().parents[2]
RAW = ROOT / "build" / "doctor"
QUICK = 13  # every so manieth model, of both halves, for a check of the command


def main() -> int:
    """Measure what is not measured yet and write the page; 1 if a demand is missed."""
    arguments = _arguments()
    torch.set_num_threads(1)
    step = QUICK if arguments.quick else 1
    raw = RAW / "quick" if arguments.quick else RAW
    with Progress(
        TextColumn("{task.description:10}"), Bar(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=Console(stderr=True),
    ) as progress:  # fmt: skip
        planted = _records("faulty", cases()[::step], faulty, raw, progress)
        healthy = _records("healthy", controls()[::step], control, raw, progress)
        watches = _records("watched", watched()[::step], watch, raw, progress)
    costs = overhead.load(raw, quick=arguments.quick)
    found = summarise(planted, healthy, watches, costs)
    folder = raw if arguments.quick else ROOT / "docs"
    page.write(found, folder / "doctor.md", quick=arguments.quick)
    _print(found)
    return 0 if found.holds else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench-doctor", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a check in a minute")
    return parser.parse_args()


def _records(
    name: str,
    models: list[Case],
    record: Callable[[Case], dict[str, Any]],
    raw: Path,
    progress: Progress,
) -> list[dict[str, Any]]:
    store = Store(raw / f"{name}.jsonl", state())
    task = progress.add_task(name, total=len(models))
    for case in models:
        if case.number not in store.records:
            store.add(record(case))
        progress.advance(task)
    return [store.records[case.number] for case in models]


def _print(found: Summary) -> None:
    Console().print(page.demands(found, "en"), soft_wrap=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("Interrupted; the same command goes on from here.")
