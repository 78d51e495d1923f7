"""Measures the study in every setting and writes the page: python -m stability --quick.

It goes on where it stopped.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from nonlin.study import load
from nonlin.study.elsewhere import elsewhere
from nonlin.study.environment import cores
from stability.page import rows, write
from stability.settings import OTHER, SETTINGS, Setting

ROOT = Path(__file__).resolve().parents[2]
RAW = ROOT / "build" / "stability"
PUBLISHED = ROOT / "nonlin" / "study" / "reference_results.json"
ELSEWHERE = PUBLISHED.with_name("elsewhere.json")


def main(line: list[str] | None = None) -> int:
    """Measure what is not measured yet, and write; 1 if two verdicts contradict each other."""
    asked = _arguments(line)
    raw = RAW / "quick" if asked.quick else RAW
    for setting in SETTINGS:
        print(f"{setting.name}:", file=sys.stderr, flush=True)
        if _measured(setting, raw, asked):
            sys.exit("Stopped; the same command goes on from here.")
    measured = {each.name: load(raw / each.name / "results.json") for each in SETTINGS}
    # What is of reduced size, or of some claims, is no page of the repository.
    whole = not asked.quick and asked.only is None
    page = (ROOT / "docs" if whole else raw) / "study-stability.md"
    found = measured
    if whole:
        found = {"published": load(PUBLISHED), **measured}
        kept = [asdict(elsewhere(study)) for study in measured.values()]
        ELSEWHERE.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
        _keep(raw / OTHER / "results.json", page.with_suffix("") / f"{OTHER}.json")
    write(found, page)
    print(f"Written: {page}")
    decided = ({*row} - {"undecided"} for row in rows(found).values())
    return 1 if any(len(each) > 1 for each in decided) else 0


def _keep(results: Path, copy: Path) -> None:
    """Put a results file beside the page, in one line."""
    copy.parent.mkdir(exist_ok=True)
    data = json.loads(results.read_text(encoding="utf-8"))
    copy.write_text(json.dumps(data, ensure_ascii=False) + "\n", encoding="utf-8")


def _arguments(line: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make study-stability", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes; not into docs/")
    parser.add_argument("--only", nargs="+", metavar="ID", help="these claims; not into docs/")
    parser.add_argument("--workers", type=int, default=cores(), metavar="N", help="processes")
    return parser.parse_args(line)


def _measured(setting: Setting, raw: Path, asked: argparse.Namespace) -> int:
    """Measure one setting in a process of its own: its instruction sets are chosen at the start."""
    line = [sys.executable, "-m", "stability.measure", str(raw / setting.name)]
    line += ["--skip", str(setting.skip), "--workers", str(asked.workers)]
    line += ["--quick"] if asked.quick else []
    line += ["--only", *asked.only] if asked.only else []
    paths = os.pathsep.join([str(ROOT), str(ROOT / "benchmarks")])
    variables = {**os.environ, **setting.environment, "PYTHONPATH": paths}
    return subprocess.run(line, env=variables).returncode


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("Interrupted; the same command goes on from here.")
