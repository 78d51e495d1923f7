"""Measures what is not measured yet and writes the page: python -m theory --quick.

--shard I/N measures the I-th of N parts and writes no page: with the files of all parts in
build/theory a run without it finds everything measured, and writes it.
"""

from __future__ import annotations

import argparse
import platform
import sys
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import torch
from rich.console import Console
from rich.progress import BarColumn as Bar
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

import nonlin
from nonlin import Activation
from nonlin.propagation import expectation
from nonlin.study.shards import numbered
from theory import figures, maps, training
from theory.networks import Size, measure
from theory.page import Found, write
from theory.page_tables import demand_table
from theory.points import Point, points
from theory.store import Measured, Store, from_json, to_json, wanted
from theory.summary import Summary, summarise

ROOT = Path(__file__).resolve().parents[2]
RAW = ROOT / "build" / "theory"

SIZES = {False: Size(width=1000, depth=50, draws=80), True: Size(width=300, depth=20, draws=5)}
BUDGETS = {False: training.FULL, True: training.QUICK}

# Where the gradient along the length outlives the others: the length map's slope is near 1.
SOFTPLUS = Activation.from_function(lambda x: np.logaddexp(x, 0.0), nonlin.sigmoid, "softplus")
BEYOND = Point("ordered", 1.9, 0.05, 5.0)


def main() -> int:
    """Measure networks, train on the digits, draw and write; 1 if a demand is missed."""
    arguments = _arguments()
    quick = arguments.quick
    folder = RAW / "quick" if quick else ROOT / "docs"
    store = Store(RAW / "raw-quick" if quick else RAW, {"torch": torch.__version__})
    console = Console(stderr=True)
    with Progress(
        TextColumn("{task.description:24}"), Bar(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=console,
    ) as progress:  # fmt: skip
        shard = _Shard(*arguments.shard)
        measured = _networks(store, SIZES[quick], progress, arguments.only, shard)
        trained = _trainings(store, BUDGETS[quick], progress, shard)
    if shard.of > 1:
        console.print(f"The files of all shards together make the page: {store.folder}")
        return 0
    found = _found(store, measured, trained, quick)
    _write(found, folder)
    summaries = [x for row in found.summaries.values() for x in row]
    Console().print(demand_table(summaries, "en"), f"Written: {folder.relative_to(ROOT)}/theory.md")
    return 0 if all(x.meets for x in summaries) else 1


class _Shard:
    """Which part of how many a run measures; the units come in one order everywhere."""

    def __init__(self, number: int, of: int) -> None:
        self.number, self.of, self._counted = number, of, 0

    def takes(self) -> bool:
        """Whether the next unit is this part's."""
        self._counted += 1
        return (self._counted - self.number) % self.of == 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make theory", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a check in a minute")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these functions, measured anew")
    part = "measure part I of N, and write no page"
    parser.add_argument("--shard", type=numbered, default=(1, 1), metavar="I/N", help=part)
    return parser.parse_args()


def _networks(
    store: Store, size: Size, progress: Progress, only: list[str] | None, shard: _Shard
) -> dict[str, list[Measured]]:
    acts = {name: nonlin.get(name) for name in nonlin.names()}
    task = progress.add_task("Networks", total=(len(acts) + 1) * size.draws)
    found: dict[str, list[Measured]] = {}
    for name, act in {**acts, "beyond": SOFTPLUS}.items():
        if not shard.takes():
            progress.advance(task, size.draws)
            continue
        progress.update(task, description=f"Networks: {name}")
        chosen = [BEYOND] if act is SOFTPLUS else points(act)
        key = wanted(chosen, size)
        kept = None if only and name in only else store.load(f"networks-{name}", key)
        if kept is None:
            start = perf_counter()
            drawn = measure(act, chosen, size, partial(progress.advance, task))
            seconds = perf_counter() - start
            kept = {"points": to_json(chosen, drawn), "seconds": seconds}
            store.save(f"networks-{name}", kept, key)
        else:
            progress.advance(task, size.draws)
        found[name] = from_json(kept["points"])
    return found


def _trainings(
    store: Store, budget: training.Budget, progress: Progress, shard: _Shard
) -> dict[str, dict[int, list[list[float]]]]:
    task = progress.add_task("Training", total=len(training.FUNCTIONS) * sum(budget.depths))
    found: dict[str, dict[int, list[list[float]]]] = {}
    for name in training.FUNCTIONS:
        progress.update(task, description=f"Training: {name}")
        found[name] = {}
        for depth in budget.depths:
            if not shard.takes():
                progress.advance(task, depth)
                continue
            key = {"steps": budget.steps, "seeds": budget.seeds, "rates": budget.rates}
            kept = store.load(f"training-{name}-{depth}", key)
            if kept is None:
                start = perf_counter()
                with training.small_networks():
                    table = training.accuracies(name, depth, budget)
                kept = {"accuracies": table, "seconds": perf_counter() - start}
                store.save(f"training-{name}-{depth}", kept, key)
            found[name][depth] = kept["accuracies"]
            progress.advance(task, depth)
    return found


def _found(
    store: Store, measured: dict[str, list[Measured]], trained: dict[str, Any], quick: bool
) -> Found:
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
        "threads": torch.get_num_threads(),
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
