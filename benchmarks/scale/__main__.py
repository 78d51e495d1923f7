"""Measures what every unit of work costs and writes the page: python -m scale --quick.

It goes on where it stopped.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from nonlin.study import claims
from nonlin.study.blocks import THREADS
from nonlin.study.environment import environment
from nonlin.study.results import write
from nonlin.study.runner import BLOCKS, LEAST_SEEDS
from nonlin.study.shards import Unit, ids_of
from scale.plan import Plan, plan

ROOT = Path(__file__).resolve().parents[2]
RAW = ROOT / "build" / "scale"
# Seeds of a block whose cost is compared: how it grows with them.
GROWTH = (LEAST_SEEDS, 2 * LEAST_SEEDS, 4 * LEAST_SEEDS)
CORES = (1, 2, 4, 8, 16, 32, 1000)
# A study as it is, and what a thousand cores could do in the time of a few blocks.
MANY = 100


def main() -> int:
    """Measure what is not measured yet, and write."""
    parser = argparse.ArgumentParser(prog="make bench-scale", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes; the page stays as it is")
    quick = parser.parse_args().quick
    file = RAW / ("quick.json" if quick else "full.json")
    found = _kept(file)
    for key in wanted(quick):
        if key not in found["units"]:
            print(key, file=sys.stderr, flush=True)
            found["units"][key] = _measured(key)
            found["load"] = max(found["load"], os.getloadavg()[1])
            write(found, file)
    page = ROOT / "docs" / "scale.md" if not quick else RAW / "scale.md"
    page.write_text(text(found, quick), encoding="utf-8")
    print(f"Written: {page.relative_to(ROOT)}")
    return 0


def units() -> list[Unit]:
    """Each phenomenon's first block, and its second where it has one."""
    names = claims.PHENOMENA
    return [(n, b) for n in names for b in (0, 1) if ids_of(claims.ids(), n, b)]


def alike(name: str) -> bool:
    """Whether a later block answers the same claims as the first, and so costs the same."""
    return ids_of(claims.ids(), name, 0) == ids_of(claims.ids(), name, 1)


def wanted(quick: bool) -> list[str]:
    """What is measured: each unit at a study's own size, its growth with seeds at small sizes."""
    own = [_own(unit, quick) for unit in units()]
    growth = [_key(name, 1, seeds, True) for name, block in units() if block for seeds in GROWTH]
    return list(dict.fromkeys([*own, *growth]))


def _key(name: str, block: int, seeds: int, quick: bool) -> str:
    return f"{name} {block} {seeds}" + " --quick" * quick


def _own(unit: Unit, quick: bool) -> str:
    name, block = unit
    return _key(name, 0 if alike(name) else block, LEAST_SEEDS, quick)


def _measured(key: str) -> dict[str, float]:
    line = [sys.executable, "-m", "scale.unit", *key.split()]
    paths = {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "benchmarks")])}
    done = subprocess.run(line, env={**os.environ, **paths}, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    return dict(json.loads(done.stdout))


def _kept(file: Path) -> dict[str, Any]:
    """What was measured before, if it was on this machine with these versions."""
    here = environment(THREADS)
    if file.is_file():
        found = json.loads(file.read_text("utf-8"))
        if found["environment"] == here:
            return dict(found)
    return {"environment": here, "load": 0.0, "units": {}}


def text(found: Mapping[str, Any], quick: bool) -> str:
    """The page: the template beside this file, with every number from what was measured."""
    taken: Mapping[str, Mapping[str, float]] = found["units"]
    seconds = {unit: taken[_own(unit, quick)]["block"] for unit in units()}
    memory = max(taken[_own(unit, quick)]["memory"] for unit in units())
    starts = sorted(each["start"] for each in taken.values())
    start = starts[len(starts) // 2]
    plans = {n: [plan(seconds, start, n, cores) for cores in CORES] for n in (BLOCKS, MANY)}
    slowest = max(seconds, key=lambda unit: seconds[unit])
    wide = plans[BLOCKS][-1]
    template = (Path(__file__).parent / "template.md").read_text(encoding="utf-8")
    versions = found["environment"]["versions"]
    return template.format(
        costs=_costs(seconds),
        growth=_growth(taken),
        plans=_plans(plans[BLOCKS]),
        many_plans=_plans(plans[MANY]),
        start=start,
        memory=memory / 2**30,
        phenomena=len(claims.PHENOMENA),
        default_seeds=BLOCKS * LEAST_SEEDS,
        units=wide.units,
        total=plans[BLOCKS][0].total - start,
        first=sum(each for (_, block), each in seconds.items() if not block),
        cores=found["environment"]["cores"],
        load=found["load"],
        floor=wide.longest,
        slowest=slowest[0],
        slowest_seconds=seconds[slowest],
        blocks=BLOCKS,
        many=MANY,
        many_units=plans[MANY][0].units,
        many_seeds=MANY * LEAST_SEEDS,
        many_hours=plans[MANY][0].total / 3600,
        many_time=_time(plans[MANY][-1].longest),
        many_busy=plans[MANY][-1].busy,
        busy=wide.busy,
        seeds=LEAST_SEEDS,
        processor=found["environment"]["processor"] or found["environment"]["machine"],
        instruction_set=found["environment"]["instruction_set"],
        torch_set=found["environment"]["torch_instruction_set"],
        torch=versions["torch"],
        python=found["environment"]["python"],
    )


def _costs(seconds: Mapping[Unit, float]) -> str:
    """One row a phenomenon: its claims and what a block of it costs."""
    rows = []
    for name in claims.PHENOMENA:
        ids = [claim.id for claim in claims.CLAIMS if claim.phenomenon == name]
        later = f"{seconds[name, 1]:.1f} s" if (name, 1) in seconds else "–"
        rows.append([name, " ".join(ids), f"{seconds[name, 0]:.1f} s", later])
    rows.append(["all", "", f"{sum(seconds[u] for u in seconds if not u[1]):.1f} s"])
    rows[-1].append(f"{sum(seconds[u] for u in seconds if u[1]):.1f} s")
    return table(["phenomenon", "claims", "first block", "each later block"], rows)


def _growth(taken: Mapping[str, Mapping[str, float]]) -> str:
    """One row a phenomenon: what more seeds in a block cost, beside the fewest."""
    rows = []
    for name, block in units():
        if block:
            each = [taken[_key(name, 1, seeds, True)]["block"] for seeds in GROWTH]
            rows.append([name, f"{each[0]:.2f} s", *(f"{one / each[0]:.2f}" for one in each[1:])])
    heads = [f"{GROWTH[0]} seeds", *(f"{seeds} seeds, times as long" for seeds in GROWTH[1:])]
    return table(["phenomenon, small size", *heads], rows)


def _plans(plans: Iterable[Plan]) -> str:
    rows = [
        [f"{each.cores:,}", _time(each.longest), f"{each.total / 60:.1f} min", f"{each.busy:.0%}"]
        for each in plans
    ]
    return table(["cores", "done after", "processor time", "of the cores' time at work"], rows)


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.1f} min"


def table(heads: list[str], rows: Iterable[list[str]]) -> str:
    """A table of Markdown: the first column as text, the others to the right."""
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("Interrupted; the same command goes on from here.")
