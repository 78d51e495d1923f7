"""How long a reader waits: for the first page, and from a slider's move to the redrawn curves.

    PYTHONPATH=benchmarks python -m explorer.page

Starts an explorer and Debian's Chromium. The page is timed from the request until its curves stand,
in a fresh browser and again. A slider of the third function is moved; the time runs from the
input's event through the request, the kernels and the drawing to the frame after it.
"""

from __future__ import annotations

import json
import re
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

PROMISED = {"first_page_seconds": 1.0, "slider_milliseconds": 60.0}
FUNCTIONS = "?lang=en&f=sigmoid&f=relu&f=elu"
DRAWN = ".chart[data-drawn]"
MOVES = """async (count) => {
  const slider = [...document.querySelectorAll(".chosen input[type=range]")].at(-1);
  const chart = document.querySelector(".chart");
  const frame = () => new Promise(requestAnimationFrame);
  const times = [];
  for (let i = 0; i < count; i++) {
    const before = chart.dataset.drawn;
    await new Promise((resolve) => setTimeout(resolve, 60));
    const start = performance.now();
    slider.value = 0.3 + 0.05 * (i % 40); // its step is 0.05: each move is one
    slider.dispatchEvent(new Event("input"));
    while (chart.dataset.drawn === before) await frame();
    times.push(performance.now() - start);
  }
  return times;
}"""


@contextmanager
def serving() -> Iterator[str]:
    """Start an explorer on a free port, give its address."""
    command = [sys.executable, "-m", "nonlin", "explore", "--no-browser", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:\d+/", process.stdout.readline())
        assert found is not None, "nonlin explore prints its address first"
        yield found[0]
    finally:
        process.terminate()
        process.wait()


def seconds_until_drawn(page: Any, address: str) -> float:
    """Time a visit until the curves stand."""
    start = perf_counter()
    page.goto(address + FUNCTIONS)
    page.wait_for_selector(DRAWN)
    return perf_counter() - start


def measure(visits: int = 7, moves: int = 200) -> dict[str, Any]:
    """Visit and move.

    Parameters
    ----------
    visits : int
        Fresh browser contexts.
    moves : int
        Of the slider.

    Returns
    -------
    dict of str to object
        Medians, and for the slider the 95th percentile.
    """
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with serving() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        first = seconds_until_drawn(browser.new_page(), address)
        fresh = [seconds_until_drawn(browser.new_page(), address) for _ in range(visits)]
        page = browser.new_page()
        seconds_until_drawn(page, address)
        page.wait_for_selector(".facts-table")
        times = sorted(page.evaluate(MOVES, moves))
        browser.close()
    return {
        "first_page_of_a_new_server_seconds": first,
        "first_page_seconds": statistics.median(fresh),
        "slider_milliseconds": statistics.median(times),
        "slider_milliseconds_95_percent": times[int(0.95 * len(times))],
        "moves": moves,
        "visits": visits,
    }


def main() -> None:
    """Print the times, and fail if a promise is broken."""
    found = measure()
    print(json.dumps(found, indent=1))
    broken = [name for name, most in PROMISED.items() if found[name] >= most]
    if broken:
        sys.exit(f"slower than promised: {', '.join(broken)}")


if __name__ == "__main__":
    main()
