"""Measures what every unit of work costs and writes the pages: python -m scale --quick.

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

from bilingual import LANGUAGES, sentences

from nonlin.messages import text as message
from nonlin.study import claims
from nonlin.study.blocks import THREADS
from nonlin.study.environment import environment
from nonlin.study.results import write
from nonlin.study.runner import BLOCKS, LEAST_SEEDS
from nonlin.study.shards import Unit, ids_of
from scale.plan import Plan, plan

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = ROOT / "build" / "scale"
# Seeds of a block whose cost is compared: how it grows with them.
GROWTH = (LEAST_SEEDS, 2 * LEAST_SEEDS, 4 * LEAST_SEEDS)
CORES = (1, 2, 4, 8, 16, 32, 1000)
# A study as it is, and what a thousand cores could do in the time of a few blocks.
MANY = 100
say = sentences(HERE)


def main() -> int:
    """Measure what is not measured yet, and write."""
    arguments = _arguments()
    into = BUILD if arguments.quick else ROOT / "docs"
    published = into / "scale" / "units.json"
    if not arguments.page:
        write(_measure(arguments.quick), published)
    found = json.loads(published.read_text("utf-8"))
    for lang in LANGUAGES:
        page = into / ("scale.md" if lang == "en" else f"scale.{lang}.md")
        page.write_text(text(found, arguments.quick, lang), encoding="utf-8")
        print(f"Written: {page.relative_to(ROOT)}")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench-scale", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes; the pages stay as is")
    parser.add_argument("--page", action="store_true", help="only write the pages anew")
    return parser.parse_args()


def _measure(quick: bool) -> dict[str, Any]:
    """Measure each unit that is not kept, and how busy the machine was at its end."""
    file = BUILD / ("quick.json" if quick else "full.json")
    found = _kept(file)
    for key in wanted(quick):
        if "load" not in found["units"].get(key, {}):
            print(key, file=sys.stderr, flush=True)
            found["units"][key] = {**_measured(key), "load": round(os.getloadavg()[0], 2)}
            write(found, file)
    return found


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
    return {"environment": here, "units": {}}


def text(found: Mapping[str, Any], quick: bool, lang: str) -> str:
    """The page: the template beside this file, with every number from what was measured."""
    taken: Mapping[str, Mapping[str, float]] = found["units"]
    seconds = {unit: taken[_own(unit, quick)]["block"] for unit in units()}
    memory = max(taken[_own(unit, quick)]["memory"] for unit in units())
    starts = sorted(each["start"] for each in taken.values())
    start = starts[len(starts) // 2]
    plans = {n: [plan(seconds, start, n, cores) for cores in CORES] for n in (BLOCKS, MANY)}
    slowest = max(seconds, key=lambda unit: seconds[unit])
    wide = plans[BLOCKS][-1]
    template = (HERE / f"{lang}.md").read_text(encoding="utf-8")
    versions = found["environment"]["versions"]
    return template.format(
        costs=_costs(seconds, lang),
        growth=_growth(taken, lang),
        plans=_plans(plans[BLOCKS], lang),
        many_plans=_plans(plans[MANY], lang),
        start=start,
        memory=memory / 2**30,
        phenomena=len(claims.PHENOMENA),
        default_seeds=BLOCKS * LEAST_SEEDS,
        units=wide.units,
        total=plans[BLOCKS][0].total - start,
        first=sum(each for (_, block), each in seconds.items() if not block),
        cores=found["environment"]["cores"],
        load=max(each["load"] for each in taken.values()),
        floor=wide.longest,
        slowest=_title(slowest[0], lang),
        slowest_seconds=seconds[slowest],
        blocks=BLOCKS,
        many=MANY,
        many_units=plans[MANY][0].units,
        many_seeds=MANY * LEAST_SEEDS,
        many_hours=plans[MANY][0].total / 3600,
        many_time=_time(plans[MANY][-1].longest, lang),
        many_busy=plans[MANY][-1].busy,
        busy=wide.busy,
        seeds=LEAST_SEEDS,
        processor=found["environment"]["processor"] or found["environment"]["machine"],
        instruction_set=found["environment"]["instruction_set"],
        torch_set=found["environment"]["torch_instruction_set"],
        torch=versions["torch"],
        python=found["environment"]["python"],
    )


def _costs(seconds: Mapping[Unit, float], lang: str) -> str:
    """One row a phenomenon: its claims and what a block of it costs."""
    rows = []
    for name in claims.PHENOMENA:
        ids = [claim.id for claim in claims.CLAIMS if claim.phenomenon == name]
        later = _seconds(seconds[name, 1], lang) if (name, 1) in seconds else "–"
        rows.append([_title(name, lang), " ".join(ids), _seconds(seconds[name, 0], lang), later])
    both = [sum(seconds[u] for u in seconds if bool(u[1]) == later) for later in (False, True)]
    rows.append([say("all", lang), "", *(_seconds(each, lang) for each in both)])
    return table(say("costs", lang).split("|"), rows, texts=2)


def _growth(taken: Mapping[str, Mapping[str, float]], lang: str) -> str:
    """One row a phenomenon: what more seeds in a block cost, beside the fewest."""
    rows = []
    for name, block in units():
        if block:
            each = [taken[_key(name, 1, seeds, True)]["block"] for seeds in GROWTH]
            more = [f"{one / each[0]:.2f}" for one in each[1:]]
            rows.append([_title(name, lang), _seconds(each[0], lang, 2), *more])
    few, some, most = GROWTH
    return table(say("growth", lang, few=few, more=some, most=most).split("|"), rows)


def _plans(plans: Iterable[Plan], lang: str) -> str:
    rows = [
        [
            f"{each.cores:,}",
            _time(each.longest, lang),
            say("minutes", lang, value=f"{each.total / 60:.1f}"),
            f"{each.busy:.0%}",
        ]
        for each in plans
    ]
    return table(say("plans", lang).split("|"), rows)


def _title(name: str, lang: str) -> str:
    return message(f"report.phenomena.{name}.title", lang)


def _seconds(value: float, lang: str, digits: int = 1) -> str:
    return say("seconds", lang, value=f"{value:.{digits}f}")


def _time(seconds: float, lang: str) -> str:
    if seconds < 120:
        return _seconds(seconds, lang, 0)
    return say("minutes", lang, value=f"{seconds / 60:.1f}")


def table(heads: list[str], rows: Iterable[list[str]], texts: int = 1) -> str:
    """A table of Markdown: the first columns as text, the others to the right."""
    lines = [heads, ["---"] * texts + ["---:"] * (len(heads) - texts), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("Interrupted; the same command goes on from here.")
