"""The report on a run in a real browser, where there is one."""

import shutil

import pytest
from sample_run import run

from nonlin.messages import text
from nonlin.report.examined import examination_html

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")


@pytest.fixture(scope="module")
def page(tmp_path_factory, browser):
    file = tmp_path_factory.mktemp("report") / "run.html"
    source = examination_html(None, "en", run=run([0, 3, 6, 8, 8]))
    file.write_text(source, encoding="utf-8")
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.requested, page.said = [], []
    page.on("request", lambda request: page.requested.append(request.url))
    page.on("console", lambda message: page.said.append(message.text))
    page.goto(file.as_uri())
    yield page
    page.close()


def heading(page):
    return page.locator("#findings").inner_text()


def test_one_language_is_seen_and_the_switch_brings_the_other(page):
    assert heading(page) == text("examination_report.findings", "en")
    page.locator("label[for=show-ko]").click()
    assert heading(page) == text("examination_report.findings", "ko")
    page.locator("#show-ko").focus()
    page.keyboard.press("ArrowLeft")
    assert heading(page) == text("examination_report.findings", "en")


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_a_phone_scrolls_in_one_direction_only(page, lang):
    page.locator(f"label[for=show-{lang}]").click()
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_the_page_asks_for_nothing_but_its_own_images_and_complains_of_nothing(page):
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    assert [url for url in page.requested if not url.startswith("data:image/png")] == [page.url]
    assert page.said == []


def test_the_heat_map_is_painted(page):
    # All 8 units of the second site are dead at the end: the last column of its band is red.
    colour = page.evaluate(
        """async () => {
          const image = new Image();
          image.src = document.querySelectorAll("#heat image")[1].getAttribute("href");
          await image.decode();
          const canvas = document.createElement("canvas");
          [canvas.width, canvas.height] = [image.width, image.height];
          const context = canvas.getContext("2d");
          context.drawImage(image, 0, 0);
          const last = context.getImageData(image.width - 1, 0, 1, image.height).data;
          return [...last];
        }"""
    )
    assert colour == [217, 72, 59, 255] * 8
