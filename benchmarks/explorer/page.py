"""How long a reader waits: for the first page, and from a slider's move to the redrawn curves.

    PYTHONPATH=benchmarks python -m explorer.page

Starts an explorer and Debian's Chromium. The first page is timed by the marks that it leaves, from
the moment a fresh browser begins to go there: no debugger is attached meanwhile. A
slider of the third function is moved; the time runs from the input's event through the request, the
kernels and the drawing to the frame after it.
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
from pathlib import Path
from tempfile import TemporaryDirectory
from time import sleep
from typing import Any
from urllib.parse import quote
from urllib.request import Request, urlopen

PROMISED = {"painted_seconds": 0.4, "first_page_seconds": 0.6, "slider_milliseconds": 40.0}
FUNCTIONS = "?lang=en&f=sigmoid&f=relu&f=elu"
DRAWN = ".chart[data-drawn]"
OPTIONS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
# Seconds: a browser does much right after its start, and so does a page that is opened.
SETTLING, VISIT = 2.0, 5.0
STAGES = ("first-contentful-paint", "chart drawn")
TIMES = """() => Object.fromEntries(
  ["paint", "mark"].flatMap((type) => performance.getEntriesByType(type))
    .reverse() // of several of a name the first counts
    .map((entry) => [entry.name, entry.startTime]),
)"""
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


@contextmanager
def fresh_browser(chromium: str) -> Iterator[str]:
    """Start a browser that nobody listens to, give the address of its debugger."""
    # Some of its processes outlive it for a moment, and write.
    with TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [chromium, *OPTIONS, "--remote-debugging-port=0", f"--user-data-dir={profile}"]
        process = subprocess.Popen([*command, "about:blank"], stderr=subprocess.DEVNULL)
        try:
            told = Path(profile, "DevToolsActivePort")
            while not told.exists() or not told.read_text():
                sleep(0.05)
            sleep(SETTLING)
            yield f"http://127.0.0.1:{told.read_text().split()[0]}"
        finally:
            process.terminate()
            process.wait()


def first_page(playwright: Any, chromium: str, address: str) -> dict[str, float]:
    """Seconds from the navigation until something is painted, and until the marks of the page."""
    with fresh_browser(chromium) as debugger:
        request = Request(f"{debugger}/json/new?{quote(address + FUNCTIONS)}", method="PUT")
        urlopen(request).close()
        sleep(VISIT)
        browser = playwright.chromium.connect_over_cdp(debugger)
        pages = [page for context in browser.contexts for page in context.pages]
        page = next(page for page in pages if page.url.startswith(address))
        page.wait_for_selector(DRAWN)
        times = page.evaluate(TIMES)
        browser.close()
    return {name: times[name] / 1000 for name in STAGES}


def measure(visits: int = 9, moves: int = 200) -> dict[str, Any]:
    """Visit and move.

    Parameters
    ----------
    visits : int
        Fresh browsers.
    moves : int
        Of the slider.

    Returns
    -------
    dict of str to object
        Medians, and for the slider the 95th percentile.
    """
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or "chromium"
    with serving() as address, sync_playwright() as playwright:
        first, *fresh = [first_page(playwright, chromium, address) for _ in range(visits + 1)]
        browser = playwright.chromium.launch(executable_path=chromium, args=OPTIONS)
        page = browser.new_page()
        page.goto(address + FUNCTIONS)
        page.wait_for_selector(DRAWN)
        page.wait_for_selector(".facts-table")
        times = sorted(page.evaluate(MOVES, moves))
        browser.close()
    median = {name: statistics.median(each[name] for each in fresh) for name in STAGES}
    return {
        "painted_seconds": median["first-contentful-paint"],
        "first_page_seconds": median["chart drawn"],
        "first_page_of_a_new_server_seconds": first["chart drawn"],
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
