"""The page with the keyboard alone."""

import re

from playwright.sync_api import expect

from nonlin.messages import text


def say(key, **fields):
    return text(f"explorer.{key}", "en", **fields)


FOCUSED = """() => {
  const each = document.activeElement;
  const style = getComputedStyle(each);
  const label = each.labels?.[0]?.textContent;
  return {
    name: each.getAttribute("aria-label") || label || each.textContent.trim(),
    inside: each.closest("header, main, footer")?.tagName ?? "",
    shown: each.getBoundingClientRect().width > 0,
    outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
  };
}"""


def walk(page, most=150):
    """Press Tab until the focus leaves the page, and give what had it."""
    found = []
    while len(found) < most:
        page.keyboard.press("Tab")
        found.append(page.evaluate(FOCUSED))
        if len(found) > 1 and not found[-1]["inside"]:
            return found[:-1]
    raise AssertionError(f"the focus does not leave the page in {most} steps")


def test_the_focus_goes_from_top_to_bottom_and_is_seen(tab, drawn):
    page = tab({"f": "elu"})
    drawn(page)
    expect(page.locator(".facts-table")).to_be_visible()
    found = walk(page)
    assert found[0]["name"] == say("app.skip")
    order = [each["inside"] for each in found[1:]]
    assert order == sorted(order, key=["HEADER", "MAIN", "FOOTER"].index)
    assert set(order) == {"HEADER", "MAIN", "FOOTER"}
    assert [each for each in found if not each["shown"] or not each["outlined"]] == []
    names = [each["name"] for each in found]
    wanted = ["α", say("picker.title"), say("functions.read"), say("chart.table")]
    places = [next(i for i, name in enumerate(names) if name.startswith(each)) for each in wanted]
    assert places == sorted(places)


def test_skipping_leads_past_the_header(tab, drawn):
    page = tab()
    drawn(page)
    heading = page.locator("h1").element_handle()
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#view$"))
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED)["inside"] == "MAIN"
    page.wait_for_timeout(500)
    assert heading.evaluate("each => each.isConnected"), "the view was built anew"
    assert page.evaluate(FOCUSED)["inside"] == "MAIN"


def test_the_focus_stays_with_the_link_that_was_followed(tab):
    page = tab()
    for name in ("depth", "race"):
        link = page.get_by_role("navigation").get_by_role("link", name=say(f"nav.{name}"))
        link.focus()
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_have_text(say(f"{name}.title"))
        expect(link).to_be_focused()
        expect(link).to_have_attribute("aria-current", "page")


def test_a_function_is_added_moved_and_read_without_a_pointer(tab, drawn):
    page = tab({"f": "relu"})
    drawn(page)
    page.get_by_role("searchbox").focus()
    page.keyboard.type("celu")
    page.keyboard.press("Enter")
    slider = page.get_by_role("slider", name="α")
    expect(slider).to_be_visible()
    before = float(slider.input_value())
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile(r"celu%28alpha%3D1\.05%29"))
    assert float(slider.input_value()) > before
    reading = page.get_by_role("slider", name=say("functions.read"))
    reading.focus()
    page.keyboard.press("Home")
    expect(page.locator(".readout output")).to_have_text("x = -5")


def test_the_menu_opens_closes_and_gives_the_focus_back(tab, violations):
    page = tab()
    summary = page.locator(".menu summary")
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".menu .items")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    assert violations(page) == {}
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.locator(".menu .items")).to_be_hidden()
