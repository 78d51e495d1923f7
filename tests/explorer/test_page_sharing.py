"""What leaves the page: links, Python, one HTML file; and what a teacher hides."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from nonlin.explorer.views import STATE
from nonlin.messages import text


def say(key, **fields):
    return text(f"explorer.{key}", "en", **fields)


def share(page, what):
    page.locator(".menu summary").click()
    page.get_by_role("button", name=say(f"share.{what}")).click()
    return page.get_by_role("dialog").get_by_role("textbox").input_value()


def test_a_link_reproduces_the_view(tab, drawn):
    page = tab({"f": ["tanh", "elu"]})
    drawn(page)
    page.get_by_role("slider", name="α").fill("2")
    page.get_by_role("slider", name=say("functions.read")).fill("100")  # of 0 ... 400
    page.get_by_role("button", name=say("app.dark")).click()
    link = share(page, "link")
    expected = page.locator(".readout tbody").inner_text()
    assert link == page.url
    other = tab()
    other.goto(link)
    drawn(other)
    expect(other.locator(".readout tbody")).to_have_text(re.compile("ELU"))
    assert other.locator(".readout tbody").inner_text() == expected
    assert other.locator("html").get_attribute("data-theme") == "dark"
    assert other.locator(".readout output").inner_text() == "x = -2.5"


@pytest.mark.parametrize(
    "query",
    [
        {"f": ["relu", "elu(alpha=0.5)"]},
        {"view": "depth", "f": "tanh", "init": "xavier", "depth": "12"},
        {"view": "gates", "gate": "geglu", "cut": "2"},
        {"view": "softmax", "n": "8", "temperature": "0.5"},
        {"view": "time", "f": "elu", "steps": "5"},
    ],
)
def test_the_lines_of_python_run(tab, query, tmp_path):
    page = tab(query)
    lines = share(page, "python")
    assert "import nonlin as nl" in lines
    file = tmp_path / "shown.py"
    file.write_text(lines, encoding="utf-8")
    subprocess.run([sys.executable, file], cwd=tmp_path, check=True, timeout=600)


def test_two_tabs_do_not_disturb_each_other(tab, drawn):
    first = tab({"f": "elu", "at": "-1"})
    second = tab({"f": "relu", "at": "-1"}, context=first.context)
    drawn(first)
    drawn(second)
    first.get_by_role("slider", name="α").fill("2")
    expect(first.locator(".readout tbody td").first).to_have_text("-1.26424")  # 2 (1/e - 1)
    assert second.locator(".readout tbody td").first.inner_text() == "0"
    assert second.url.endswith("?f=relu&at=-1")


def test_what_is_hidden_and_embedded(tab, drawn):
    page = tab({"embed": "1", "hide": "controls,facts,tools", "f": "relu"})
    drawn(page)
    for gone in ("#header", "#footer", ".controls", "#facts", ".tools", "h1"):
        expect(page.locator(gone).first).to_be_hidden()
    expect(page.locator(".plot").first).to_be_visible()
    expect(page.locator(".readout").first).to_be_visible()


def test_back_goes_to_the_view_before(tab, drawn):
    page = tab({"f": "gelu"})
    page.get_by_role("navigation").get_by_role("link", name=say("nav.depth")).click()
    expect(page.locator("h1")).to_have_text(say("depth.title"))
    expect(page.get_by_role("combobox", name=say("depth.function"))).to_have_value("gelu")
    page.go_back()
    expect(page.locator("h1")).to_have_text(say("functions.title"))


def test_the_file_that_is_saved_works_from_disk(tab, browser, screenshot, tmp_path):
    page = tab({"f": "elu"})
    page.locator(".menu summary").click()
    with page.expect_download() as saved:
        page.get_by_role("link", name=say("share.page")).click()
    file = tmp_path / "view.html"
    saved.value.save_as(file)
    asked, said = [], []
    offline = browser.new_context(offline=True)
    copy = offline.new_page()
    copy.on("request", lambda request: asked.append(request.url))
    copy.on("console", lambda message: said.append(message.text))
    copy.goto(file.as_uri())
    copy.wait_for_selector(".chart[data-drawn]")
    expect(copy.locator(".facts-table")).to_be_visible()
    reading = copy.get_by_role("slider", name=say("functions.read"))
    reading.focus()
    reading.press("Home")
    value = copy.locator(".readout tbody td").first
    assert float(value.inner_text()) == pytest.approx(np.expm1(-5.0), rel=1e-5)
    slider = copy.get_by_role("slider", name="α")
    slider.focus()
    slider.press("End")
    largest = float(copy.get_by_role("spinbutton", name="α").input_value())
    assert largest > 2
    expect(value).to_have_text(f"{largest * np.expm1(-5.0):.6g}")
    screenshot(copy, "exported")
    offline.close()
    assert {address for address in asked if not address.startswith(("data:", "blob:"))} == {
        file.as_uri()
    }
    assert said == []


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ({"view": "gates", "gate": "reglu"}, ".chart[data-drawn]"),
        ({"view": "softmax", "n": "8"}, ".chart[data-drawn]"),
        ({"view": "depth", "f": "tanh", "depth": "5"}, ".phase .chart[data-drawn]"),
        ({"view": "time", "steps": "5", "units": "16"}, ".chart[data-drawn]"),
        ({"view": "race", "f": "relu", "layers": "1", "hidden": "4"}, ".boards .chart[data-drawn]"),
        ({"view": "study"}, "article.claim"),
    ],
)
def test_every_view_is_saved(tab, browser, query, seen, tmp_path):
    page = tab(query)
    page.locator(".menu summary").click()
    with page.expect_download() as saved:
        page.get_by_role("link", name=say("share.page")).click()
    file = tmp_path / "view.html"
    saved.value.save_as(file)
    said = []
    offline = browser.new_context(offline=True)
    copy = offline.new_page()
    copy.on("console", lambda message: said.append(message.text))
    copy.on("pageerror", lambda error: said.append(str(error)))
    copy.goto(file.as_uri())
    expect(copy.locator(seen).first).to_be_visible()
    assert copy.get_by_role("alert").count() == 0
    offline.close()
    assert said == []


@pytest.mark.parametrize("page", ["explorer.md", "explorer.ko.md"])
def test_every_name_of_an_address_is_in_the_manual(page):
    manual = (Path(__file__).parents[2] / "docs" / page).read_text(encoding="utf-8")
    # `length` and `steps` are a link's to set, and no control of the page's.
    names = {each.name for known in STATE.values() for each in known} - {"length", "steps"}
    assert {name for name in names if not re.search(f"`{name}(=1)?`", manual)} == set()


@pytest.mark.parametrize("page", ["explorer.md", "explorer.ko.md"])
def test_every_part_that_can_be_hidden_is_named_in_the_manual(page):
    root = Path(__file__).parents[2]
    style = (root / "nonlin" / "explorer" / "page" / "style.css").read_text(encoding="utf-8")
    manual = (root / "docs" / page).read_text(encoding="utf-8")
    parts = set(re.findall(r'\[data-hide~="(\w+)"\]', style))
    named = re.search(r"\n\n((?:`\w+`,?\s)+)\n", manual)[1]
    assert set(re.findall(r"`(\w+)`", named)) == parts
