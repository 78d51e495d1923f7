"""Measures what is not measured yet and writes the page: python -m ops --quick."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

import torch
from rich.progress import track

from ops.cases import cases
from ops.clock import measure
from ops.page import page

ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    """Go on where the last run stopped; --fresh begins anew."""
    parser = argparse.ArgumentParser(prog="make bench-ops", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a check in a minute")
    parser.add_argument("--fresh", action="store_true", help="forget what is measured already")
    arguments = parser.parse_args()
    folder = ROOT / "build" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / f"ops{'-quick' if arguments.quick else ''}-{torch.__version__}.json"
    known = json.loads(kept.read_text()) if kept.exists() and not arguments.fresh else {}
    threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    wanted = list(cases(threads or 1, arguments.quick))
    missing = [case for case in wanted if case.key not in known]
    for case in track(missing, "measuring"):
        known[case.key] = measure(case)
        kept.write_text(json.dumps(known))
    target = (folder if arguments.quick else ROOT / "docs") / "torch-performance.md"
    results = {case: known[case.key] for case in wanted}
    target.write_text(page(results, threads or 1), encoding="utf-8")
    print(f"written: {target.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
