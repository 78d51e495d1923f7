"""Take the pictures of the explorer that the guides show.

    python tools/explorer_pictures.py

Starts an explorer and Debian's Chromium, and writes docs/figures/explorer-*.png with few colours,
so that they stay small.
"""

import re
import shutil
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from nonlin.messages import languages, text

FIGURES = Path(__file__).parents[1] / "docs" / "figures"
COLOURS = 200
VIEWS: dict[str, dict[str, Any]] = {
    "depth": {"view": "depth", "f": "sigmoid", "init": "torch", "preset": "vanishing"},
    "race": {
        "view": "race",
        "f": ["sigmoid", "relu", "elu"],
        "layers": 10,
        "init": "he",
        "preset": "sigmoid",
    },
}


def prepare(page: Page, name: str, lang: str) -> None:
    """Do what the picture shows, and wait until it stands."""
    if name == "depth":
        page.get_by_role("button", name=text("explorer.depth.draw", lang), exact=True).click()
        page.wait_for_selector(".draw [role=status]:not(:empty)")
    if name == "race":
        page.get_by_role("button", name=text("explorer.race.play", lang), exact=True).click()
        step = text("explorer.race.at", lang, step=r"\d{3}")
        page.get_by_text(re.compile(f"^{step}$")).wait_for(timeout=120_000)
        page.get_by_role("button", name=text("explorer.race.pause", lang), exact=True).click()
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(3000)


def save(picture: bytes, path: Path) -> None:
    """Write a picture with few colours."""
    image = Image.open(BytesIO(picture)).convert("RGB")
    # The most frequent ones as they are: means of several would tint surfaces and thin lines.
    counted = sorted(image.getcolors(image.width * image.height), reverse=True)[:COLOURS]
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for _, colour in counted for part in colour])
    few = image.quantize(palette=palette, dither=Image.Dither.NONE)
    few.save(path, optimize=True)
    print(f"{path.name}: {path.stat().st_size // 1000} kB")


def main() -> None:
    """Take every view in both languages; the race in the dark."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    command = [sys.executable, "-m", "nonlin", "explore", "--no-browser", "--port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    found = re.search(r"http://\S+/", server.stdout.readline())
    assert found is not None, "nonlin explore prints its address first"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, state in VIEWS.items():
            for lang in languages():
                scheme = "dark" if name == "race" else "light"
                page = browser.new_page(
                    viewport={"width": 1280, "height": 1020}, color_scheme=scheme
                )
                page.goto(f"{found[0]}?{urlencode(state | {'lang': lang}, doseq=True)}")
                page.wait_for_selector("main[data-ready]")
                prepare(page, name, lang)
                save(page.screenshot(), FIGURES / f"explorer-{name}.{lang}.png")
                page.close()
        browser.close()
    server.terminate()


if __name__ == "__main__":
    main()
