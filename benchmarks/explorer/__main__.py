"""Times the explorer and writes docs/explorer-performance.md: python -m explorer"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from explorer import api, page

from nonlin.study.environment import environment

FILE = Path(__file__).resolve().parents[2] / "docs" / "explorer-performance.md"
TEMPLATE = Path(__file__).with_name("template.md")


def main() -> int:
    """Measure and write; 1 if a promise is broken."""
    answers, seen = api.measured(), page.measure()
    conditions = environment(threads=1)
    FILE.write_text(_page(answers, seen, conditions), encoding="utf-8")
    print(FILE.read_text(encoding="utf-8"))
    broken = [name for name, most in page.PROMISED.items() if seen[name] >= most]
    if answers["one"] < api.PROMISED:
        broken.append("requests")
    for name in broken:
        print(f"slower than promised: {name}", file=sys.stderr)
    return 1 if broken else 0


def _page(answers: dict[str, float], seen: dict[str, Any], conditions: dict[str, Any]) -> str:
    return TEMPLATE.read_text(encoding="utf-8").format(
        visits=seen["visits"],
        moves=seen["moves"],
        first=seen["first_page_seconds"],
        painted=seen["painted_seconds"],
        cold=seen["first_page_of_a_new_server_seconds"],
        slider=seen["slider_milliseconds"],
        slowest=seen["slider_milliseconds_95_percent"],
        processor=conditions["processor"],
        cores=conditions["cores"],
        system=conditions["system"],
        python=conditions["python"],
        load=_load(),
        **answers,
    )


def _load() -> str:
    """Say how busy the machine is with other things, where the system tells."""
    return f"{os.getloadavg()[1]:.1f}" if hasattr(os, "getloadavg") else "–"


if __name__ == "__main__":
    sys.exit(main())
