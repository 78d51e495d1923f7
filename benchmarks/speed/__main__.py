"""Measures what is not measured yet and writes the pages: python -m speed --quick."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from itertools import groupby
from multiprocessing import get_context
from pathlib import Path

import pytest
from rich.console import Console
from rich.progress import track
from rich.table import Table

import nonlin
from speed import accuracy
from speed.environment import threads
from speed.results import Results
from speed.scales import scales
from speed.session import IMPORTS, SAMPLE, Session
from speed.start import ROOT, start
from speed.words import LANGUAGES, say

# Misses of a demand that the terminal shows; the page has them all.
SHOWN = 5
BENCHMARKS = Path(__file__).resolve().parents[1]


def main() -> int:
    """Run a process of benchmarks for one thread, another for all, and write the page."""
    arguments = _arguments()
    session = Session(arguments.into or _folder(arguments.quick), arguments.quick)
    failed = 0 if arguments.page else _measure(session, arguments.fresh)
    _page(session)
    return failed


def _measure(session: Session, fresh: bool) -> int:
    results = session.results(fresh)
    results.save()
    failed = 0
    for count in sorted({1, threads()}):
        if results.missing(session.cases(count)):
            failed |= _benchmarks(session, count)
    _scales(session)
    _accuracy(session)
    _start(session)
    return failed


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a check in two minutes")
    parser.add_argument("--fresh", action="store_true", help="forget what is measured already")
    parser.add_argument("--into", type=Path, help="folder of the page; docs, if not quick")
    parser.add_argument("--page", action="store_true", help="only write the page anew")
    return parser.parse_args()


def _folder(quick: bool) -> Path:
    return ROOT / "build" / "bench" if quick else ROOT / "docs"


def _benchmarks(session: Session, count: int) -> int:
    """JAX reads NPROC when it starts and has no other limit, hence a process of its own."""
    environment = os.environ | {"NPROC": str(count)}
    options = [f"--threads={count}", f"--into={session.folder}"] + ["--quick"] * session.quick
    configuration = str(BENCHMARKS / "pytest.ini")
    command = [sys.executable, "-m", "pytest", "-c", configuration, *options, str(BENCHMARKS)]
    code = subprocess.run(command, env=environment).returncode
    if code == pytest.ExitCode.INTERRUPTED:
        raise KeyboardInterrupt
    return code


def _accuracy(session: Session) -> None:
    """Measure on all cores; the kinds of one function and dtype share their exact results."""
    results = session.results()
    cases = accuracy.subjects(nonlin.names(), SAMPLE[session.quick])
    missing = [case for case in cases if accuracy.key(case) not in results.data["accuracy"]]
    together = [list(kinds) for _, kinds in groupby(missing, lambda c: (c.function, c.dtype))]
    # JAX has threads, which a fork would lose.
    with ProcessPoolExecutor(threads(), get_context("spawn")) as pool:
        found = [pool.submit(accuracy.of_each, cases) for cases in together]
        console = Console(stderr=True)
        for done in track(as_completed(found), "Accuracy", len(found), console=console):
            results.data["accuracy"] |= done.result()
            results.save()


def _scales(session: Session) -> None:
    results = session.results()
    if not results.data["scales"]:
        results.data["scales"] = scales(session.effort(1))
        results.save()


def _start(session: Session) -> None:
    results = session.results()
    if not results.data["start"]:
        Console(stderr=True).print("Building a wheel, and importing it")
        try:
            results.data["start"] = start(IMPORTS[session.quick])
        except subprocess.CalledProcessError:
            Console(stderr=True).print("There is no wheel: the page says that it is not measured")
        results.save()


def _page(session: Session) -> None:
    from speed.figures import draw
    from speed.page import write

    # Of another machine too: what it measured is not lost by writing its page.
    results = Results.read(session.file)
    for lang in LANGUAGES:
        draw(results, session.file.parent, lang)
    judged = {lang: write(results, session.page(lang), lang) for lang in LANGUAGES}
    shown = Table("Demand", "Verdict", "Measured", "Misses")
    for bar in judged["en"]:
        more = [f"and {len(bar.misses) - SHOWN} more"] if len(bar.misses) > SHOWN else []
        misses = "\n".join([*bar.misses[:SHOWN], *more])
        shown.add_row(bar.demand, say(f"verdict.{bar.verdict}", "en"), bar.figure, misses)
    console = Console()
    console.print(shown)
    for lang in LANGUAGES:
        console.print(f"Written: {os.path.relpath(session.page(lang))}")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("Interrupted; the same command goes on from here.")
