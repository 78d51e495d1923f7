"""Measures what is not measured yet and writes the page: python -m theory --quick.

--shard I/N measures the I-th of N parts and writes no page: with the files of all parts in
build/theory a run without it finds everything measured, and writes it.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Sequence
from concurrent.futures import Executor
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.progress import BarColumn as Bar
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

import nonlin
from nonlin.propagation import expectation
from nonlin.study.cluster import add_executor
from nonlin.study.scheduling import processes
from nonlin.study.shards import argument as shard
from theory import figures, maps, training, work
from theory.networks import Size
from theory.page import Found, write
from theory.page_tables import demand_table
from theory.store import Measured, Store, from_json
from theory.summary import Summary, summarise
from theory.work import BEYOND, SOFTPLUS, Networks, Unit

ROOT = Path(__file__).resolve().parents[2]
RAW = ROOT / "build" / "theory"

SIZES = {False: Size(width=1000, depth=50, draws=80), True: Size(width=300, depth=20, draws=5)}
BUDGETS = {False: training.FULL, True: training.QUICK}


def main() -> int:
    """Measure networks, train on the digits, draw and write; 1 if a demand is missed."""
    arguments = _arguments()
    quick = arguments.quick
    folder = RAW / "quick" if quick else ROOT / "docs"
    store = Store(RAW / "raw-quick" if quick else RAW, {"torch": torch.__version__})
    console = Console(stderr=True)
    number, of = arguments.shard
    units = work.units(SIZES[quick], BUDGETS[quick])
    own = units[number - 1 :: of]
    with _pool(arguments) as pool:
        _measure(own, store, arguments.only or (), pool, console)
    if of > 1:
        console.print(f"The files of all shards together make the page: {store.folder}")
        return 0
    found = _found(store, units, quick)
    _write(found, folder)
    summaries = [x for row in found.summaries.values() for x in row]
    Console().print(demand_table(summaries, "en"), f"Written: {folder.relative_to(ROOT)}/theory.md")
    return 0 if all(x.meets for x in summaries) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make theory", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a check in a minute")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these functions, measured anew")
    part = "measure part I of N, and write no page"
    parser.add_argument("--shard", type=shard, default=(1, 1), metavar="I/N", help=part)
    workers, cores = "how many processes measure at once (default: one a core)", os.cpu_count() or 1
    parser.add_argument("--workers", type=int, default=cores, metavar="N", help=workers)
    add_executor(parser)
    return parser.parse_args()


def _pool(arguments: argparse.Namespace) -> AbstractContextManager[Executor | None]:
    if arguments.executor is not None:
        given: Executor = arguments.executor
        return given
    return nullcontext() if arguments.workers == 1 else processes(arguments.workers)


def _measure(
    units: list[Unit], store: Store, anew: Sequence[str], pool: Executor | None, console: Console
) -> None:
    """Measure what is not kept, or what is asked for anew."""
    todo = [u for u in units if u.name in anew or store.load(u.file, u.wanted) is None]
    with Progress(
        TextColumn("{task.description:32}"), Bar(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=console,
    ) as progress:  # fmt: skip
        task = progress.add_task("", total=len(units), completed=len(units) - len(todo))

        def finished(unit: Unit) -> None:
            progress.update(task, advance=1, description=unit.title)

        work.measure(todo, store, finished, pool)


def _found(store: Store, units: list[Unit], quick: bool) -> Found:
    measured: dict[str, list[Measured]] = {}
    trained: dict[str, dict[int, list[list[float]]]] = {name: {} for name in training.FUNCTIONS}
    for unit in units:
        kept = store.load(unit.file, unit.wanted)
        if isinstance(unit, Networks):
            measured[unit.name] = from_json(kept["points"])
        else:
            trained[unit.name][unit.depth] = kept["accuracies"]
    beyond = summarise(SOFTPLUS, measured.pop("beyond")[0])
    q, weight = beyond.theory.q_star, BEYOND.weight_variance
    slope = beyond.theory.chi1 + weight * float(expectation(SOFTPLUS, "curvature", q))
    summaries: dict[str, list[Summary]] = {
        name: [summarise(nonlin.get(name), x) for x in row] for name, row in measured.items()
    }
    titles = {name: _title(name) for name in measured}
    return Found(titles, summaries, beyond, slope, trained, _setting(store, quick))


def _title(name: str) -> str:
    record = nonlin.get(name).record
    return name if record is None else record.title


def _setting(store: Store, quick: bool) -> dict[str, Any]:
    size, budget = SIZES[quick], BUDGETS[quick]
    return {
        "width": size.width,
        "depth": size.depth,
        "draws": size.draws,
        "steps": budget.steps,
        "seeds": budget.seeds,
        "rates": ", ".join(f"{rate:g}" for rate in budget.rates),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "torch": torch.__version__,
        "minutes": store.seconds("networks-") / 60.0,
        "training": store.seconds("training-") / 60.0,
        "quick": quick,
    }


def _write(found: Found, folder: Path) -> None:
    pictures = folder / "theory"
    for name, row in found.summaries.items():
        figures.write(found.titles[name], row, pictures, name)
    for name, accuracies in found.accuracies.items():
        maps.write(name, found.titles[name], accuracies, pictures)
    write(found, folder / "theory.md", "theory")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("Interrupted; the same command goes on from here.")
