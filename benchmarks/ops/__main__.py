"""Measures what is not measured yet and writes the pages: python -m ops --quick."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from rich.progress import track

from ops.cases import cases
from ops.clock import measure
from ops.figures import draw
from ops.page import page
from ops.store import Store, here
from ops.words import LANGUAGES

ROOT = Path(__file__).resolve().parents[2]
# Of one measurement: the figure and every time, beside the page.
FOLDER = "torch-performance"


def main() -> None:
    """Go on where the last run stopped; --fresh begins anew."""
    arguments = _arguments()
    build = ROOT / "build" / "bench"
    into = build if arguments.quick else ROOT / "docs"
    published = into / FOLDER / "times.json"
    if not arguments.page:
        name = "ops-quick.json" if arguments.quick else "ops.json"
        _measure(build / name, arguments.quick, arguments.fresh).save(published)
    _publish(Store.load_from(published), into)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench-ops", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a check in a minute")
    parser.add_argument("--fresh", action="store_true", help="forget what is measured already")
    parser.add_argument("--page", action="store_true", help="only write the page anew")
    return parser.parse_args()


def _measure(kept: Path, quick: bool, fresh: bool) -> Store:
    """Time every case that the file lacks; what was measured elsewhere is not mixed in."""
    store = Store.load_from(kept) if kept.exists() and not fresh else Store(here())
    if store.environment != here():
        store = Store(here())
    wanted = cases(here()["threads"], quick)
    missing = [case for case in wanted if case.key not in store.times]
    for case in track(missing, "measuring"):
        store.add(case, measure(case), os.getloadavg()[0])
        store.save(kept)
    return store


def _publish(store: Store, into: Path) -> None:
    for lang in LANGUAGES:
        own = "ratios" if lang == "en" else f"ratios.{lang}"
        figure = draw(store.results, into / FOLDER / own, lang)
        target = into / (f"{FOLDER}.md" if lang == "en" else f"{FOLDER}.{lang}.md")
        written = page(store, figure.relative_to(into).as_posix(), lang)
        target.write_text(written, encoding="utf-8")
        print(f"Written: {target.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
