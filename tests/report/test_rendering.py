"""The page in a real browser, where there is one."""

import shutil
from itertools import pairwise

import pytest
from sample_study import study

from nonlin.report import study_html
from nonlin.study import claims

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SVG = '<svg viewBox="0 0 432 259"><rect width="432" height="259" fill="none"/></svg>'

# Letters that begin a line though no space is before them, each with the line before it.
BROKEN_WORDS = """() => {
  const broken = [];
  for (const paragraph of document.querySelectorAll("p, li, dd, h3, figcaption")) {
    const walker = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT);
    let before = null, said = "";
    while (walker.nextNode()) {
      const node = walker.currentNode;
      [...node.data].forEach((letter, i) => {
        const range = document.createRange();
        range.setStart(node, i);
        range.setEnd(node, i + 1);
        const box = range.getClientRects()[0];
        if (/\\s/.test(letter)) before = null;
        else if (box) {
          if (before && box.top > before.bottom - 2 && /[가-힣.,)]/.test(letter))
            broken.push(said.slice(-20) + "|" + letter);
          before = box;
        }
        said += letter;
      });
    }
  }
  return broken;
}"""

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")


@pytest.fixture(params=["en", "ko"])
def page(request, browser, tmp_path):
    file = tmp_path / "index.html"
    source = study_html(study(), dict.fromkeys(claims.PHENOMENA, SVG), request.param)
    file.write_text(source, encoding="utf-8")
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.requested = []
    page.said = []
    page.on("request", lambda request: page.requested.append(request.url))
    page.on("console", lambda message: page.said.append(message.text))
    page.goto(file.as_uri())
    yield page
    page.close()


def test_a_phone_scrolls_in_one_direction_only(page):
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.parametrize("width", [1280, 390])
def test_nobody_is_shut_out(page, violations, width):
    page.set_viewport_size({"width": width, "height": 844})
    assert violations(page) == {}


def test_no_line_begins_within_a_korean_word(browser, tmp_path):
    file = tmp_path / "index.html"
    file.write_text(study_html(study(), {}, "ko"), encoding="utf-8")
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(file.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert page.evaluate(BROKEN_WORDS) == []
    page.close()


def test_the_dark_dims_the_drawings(page):
    def light():
        return page.locator(".paper").first.evaluate("each => getComputedStyle(each).filter")

    assert light() == "none"
    page.emulate_media(color_scheme="dark")
    assert light() == "brightness(0.8)"


def test_no_hole_beside_a_high_figure(browser, tmp_path):
    heights = {"ranges": 200, "derivatives": 800, "cost": 500, "probability": 300}
    svg = '<svg viewBox="0 0 432 {0}"><rect width="432" height="{0}" fill="none"/></svg>'
    figures = {name: svg.format(height) for name, height in heights.items()}
    file = tmp_path / "index.html"
    file.write_text(study_html(study(), figures, "en"), encoding="utf-8")
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(file.as_uri())
    boxes = [page.locator(f"#figure-{name}").bounding_box() for name in heights]
    page.close()
    for left in sorted({round(box["x"]) for box in boxes}):
        column = sorted((b["y"], b["height"]) for b in boxes if round(b["x"]) == left)
        gaps = [below[0] - above[0] - above[1] for above, below in pairwise(column)]
        assert all(gap < 40 for gap in gaps), column


def test_the_page_asks_for_nothing_and_complains_of_nothing(page):
    assert page.requested == [page.url]
    assert page.said == []


def test_the_keyboard_reaches_and_opens_the_details(page):
    summary = page.locator("#S6 summary")
    summary.focus()
    assert summary.evaluate("each => each === document.activeElement")
    page.keyboard.press("Enter")
    assert page.locator("#S6 details").get_attribute("open") is not None


def test_print_shows_what_is_folded(page):
    rule = page.locator("#S6 details dl")
    assert not rule.evaluate("each => each.checkVisibility()")
    page.emulate_media(media="print")
    assert rule.evaluate("each => each.checkVisibility()")


def test_drawings_keep_white_paper_in_the_dark(page):
    page.emulate_media(color_scheme="dark")
    paper = page.locator(".paper").first
    assert paper.evaluate("each => getComputedStyle(each).backgroundColor") == "rgb(255, 255, 255)"
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(20, 23, 27)"  # --page of the dark scheme, #14171b
