"""Times the explorer and writes docs/explorer-performance.md in both languages: python -m explorer

With --page the pages are written anew from the numbers beside them.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from bilingual import LANGUAGES
from explorer import api, page

from nonlin.study.environment import environment

DOCS = Path(__file__).resolve().parents[2] / "docs"
NAME = "explorer-performance"
# Of one measurement: every number of the pages.
NUMBERS = f"{NAME}/measured.json"


def main() -> int:
    """Measure and write; 1 if a promise is broken."""
    parser = argparse.ArgumentParser(prog="make bench-explorer", description=__doc__)
    parser.add_argument("--page", action="store_true", help="only write the pages anew")
    if not parser.parse_args().page:
        save(DOCS)
    print(publish(DOCS))
    broken = missed(DOCS)
    for name in broken:
        print(f"slower than promised: {name}", file=sys.stderr)
    return 1 if broken else 0


def save(folder: Path) -> None:
    """Measure, and keep the numbers."""
    answers, seen = api.measured(), page.measure()
    about = environment(threads=1)
    conditions = {name: about[name] for name in ("processor", "cores", "system", "python")}
    found = {"answers": answers, "seen": seen, "conditions": conditions, "load": _load()}
    (folder / NUMBERS).parent.mkdir(exist_ok=True)
    (folder / NUMBERS).write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def publish(folder: Path) -> str:
    """Write the pages from the numbers, and give the English one."""
    pages = {lang: _page(_numbers(folder), lang) for lang in LANGUAGES}
    for lang, written in pages.items():
        name = f"{NAME}.md" if lang == "en" else f"{NAME}.{lang}.md"
        (folder / name).write_text(written, encoding="utf-8")
    return pages["en"]


def missed(folder: Path) -> list[str]:
    """Name the broken promises."""
    found = _numbers(folder)
    broken = [name for name, most in page.PROMISED.items() if found["seen"][name] >= most]
    return broken + ["requests"] * (found["answers"]["one"] < api.PROMISED)


def _numbers(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / NUMBERS).read_text(encoding="utf-8"))
    return found


def _page(found: dict[str, Any], lang: str) -> str:
    seen, load = found["seen"], found["load"]
    return (
        Path(__file__)
        .with_name(f"{lang}.md")
        .read_text(encoding="utf-8")
        .format(
            visits=seen["visits"],
            moves=seen["moves"],
            first=seen["first_page_seconds"],
            painted=seen["painted_seconds"],
            cold=seen["first_page_of_a_new_server_seconds"],
            slider=seen["slider_milliseconds"],
            slowest=seen["slider_milliseconds_95_percent"],
            load="–" if load is None else f"{load:.1f}",
            **found["conditions"],
            **found["answers"],
        )
    )


def _load() -> float | None:
    """Say how busy the machine is with other things, where the system tells."""
    return os.getloadavg()[1] if hasattr(os, "getloadavg") else None


if __name__ == "__main__":
    sys.exit(main())
