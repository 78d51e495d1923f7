"""Examines healthy trainings and planted faults, and writes the page: python -m doctor."""

from __future__ import annotations

import argparse
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import torch
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from doctor import overhead, page, programs
from doctor.page import Found
from doctor.page_tables import failure_lists
from doctor.run import Run
from doctor.store import Store
from doctor.summary import Summary, summarise
from nonlin.study.cluster import add_executor
from nonlin.study.shards import argument as shard

ROOT = Path(__file__).resolve().parents[2]
RAW, DOCS = ROOT / "build" / "doctor", ROOT / "docs"
QUICK = 17  # every so manieth case of each list, for a check of the command


def main() -> int:
    """Measure what is not measured yet and write the page; 1 if a demand is missed."""
    given = _arguments()
    torch.set_num_threads(1)
    part, parts = given.shard
    own = f"records-{part}-of-{parts}" if parts > 1 else "records"
    if given.final and page.measured(DOCS / "doctor-final.md"):
        sys.exit(f"Population {page.FINAL} was measured, and is once: docs/doctor-final.md")
    wanted = [page.FINAL] if given.final else [given.only] if given.only else ["A", "B"]
    # Neither threads nor what torch holds go through a fork.
    pool = given.executor or ProcessPoolExecutor(given.workers, get_context("spawn"))
    with pool, Progress(
        TextColumn("{task.description:10}"), BarColumn(), MofNCompleteColumn(),
        TimeElapsedColumn(), console=Console(stderr=True),
    ) as progress:  # fmt: skip
        run = Run(Store(RAW, own), progress, pool, given.shard, QUICK if given.quick else 1)
        found = {name: summarise(*run.records(name)) for name in wanted}
    if parts == 1:
        _write(found, given)
    return int(bool(run.failed) or (parts == 1 and not all(x.holds for x in _pages(found))))


def _pages(found: dict[str, Summary]) -> list[Found]:
    return [Found(x) for x in found.values()]


def _write(found: dict[str, Summary], given: argparse.Namespace) -> None:
    """Write the page that belongs to a run, or print what a partial run found."""
    folder = RAW / "quick" if given.quick else DOCS
    if given.final:
        page.write(Found(found[page.FINAL]), folder / "doctor-final.md", given.quick)
    elif not given.only:
        RAW.mkdir(parents=True, exist_ok=True)
        costs = overhead.load(RAW, quick=given.quick)
        asked = [] if given.quick else list(map(programs.row, programs.outcomes()))
        page.write(Found(found["B"], found["A"], costs, asked), folder / "doctor.md", given.quick)
    for name, one in found.items():
        console = Console(width=200, soft_wrap=True, markup=False, highlight=False)
        console.print(f"Population {name}", page.demands(Found(one), "en"), sep="\n\n")
        if given.only:
            console.print(failure_lists(one, "en"))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench-doctor", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a check in a minute or two")
    parser.add_argument("--only", choices=("A", "B"), help="one population; no page is written")
    parser.add_argument("--final", action="store_true", help=f"population {page.FINAL}, once")
    parts = "measure part I of N; a run without it adds all up"
    parser.add_argument("--shard", type=shard, default=(1, 1), metavar="I/N", help=parts)
    parser.add_argument("--workers", type=int, default=min(os.cpu_count() or 1, 2))
    add_executor(parser)
    return parser.parse_args()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("Interrupted; the same command goes on from here.")
