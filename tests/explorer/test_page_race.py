"""The race: it starts, pauses, steps, starts over, ends with the page, and survives its server."""

import re

import pytest
from playwright.sync_api import expect

from nonlin.messages import text

pytest.importorskip("torch")

SMALL = {"view": "race", "f": ["relu", "tanh"], "layers": "2", "hidden": "4", "speed": "50"}


def say(key, **fields):
    return text(f"explorer.{key}", "en", **fields)


def step_of(page):
    return int(re.search(r"\d+", page.locator(".status").inner_text())[0])


def settled(page):
    """Wait for what was on its way when a button was pressed."""
    before, now = None, step_of(page)
    while now != before:
        page.wait_for_timeout(1000)
        before, now = now, step_of(page)
    return now


def press(page, name):
    # A function of the catalogue is called step, too.
    transport = page.locator(".transport")
    transport.get_by_role("button", name=say(f"race.{name}"), exact=True).click()


def test_a_race_starts_pauses_steps_and_starts_over(tab, drawn, screenshot):
    page = tab(SMALL)
    expect(page.locator(".status")).to_contain_text(say("race.ready"))
    press(page, "play")
    expect(page.locator(".boards .chart")).to_have_count(2)
    expect(page.locator(".status")).to_have_text(re.compile(r"^Step \d{2}"))
    press(page, "pause")
    expect(page.locator(".status")).to_contain_text("Paused")
    paused = settled(page)
    press(page, "step")
    expect(page.locator(".status")).to_contain_text(say("race.paused", step=paused + 1))
    drawn(page)
    screenshot(page, "race-paused")
    press(page, "reset")
    expect(page.locator(".status")).to_contain_text(say("race.ready"))
    expect(page.get_by_role("button", name=say("race.play"), exact=True)).to_be_visible()


def test_before_the_first_step_a_network_is_as_good_as_guessing(tab):
    page = tab(SMALL)
    expect(page.locator(".boards .chart")).to_have_count(2)
    first = page.locator(".boards .summary").first
    expect(first).to_contain_text("loss")
    loss = float(re.search(r"loss ([\d.]+)", first.inner_text())[1])
    assert 0.4 < loss < 1.1  # around ln 2
    press(page, "step")
    expect(page.locator(".status")).to_contain_text(say("race.paused", step=1))


def test_the_page_takes_its_races_with_it(tab, browser):
    """At most four go on at once: were they not ended, the fifth would be refused."""
    for _ in range(5):
        page = tab(SMALL)
        press(page, "play")
        expect(page.locator(".boards .chart")).to_have_count(2)
        page.close()


def test_the_page_says_that_its_server_is_gone(tab, serving, tmp_path):
    with serving(tmp_path) as (process, address):
        page = tab(SMALL, address=address)
        press(page, "play")
        expect(page.locator(".status")).to_have_text(re.compile(r"^Step \d"))
        process.kill()
        expect(page.get_by_role("alert")).to_have_text(say("app.unreachable"))
    assert any("ERR_" in each for each in page.complaints)  # the browser's own words for it
    page.complaints.clear()
    # What was drawn stays, and so does the rest of the page.
    assert page.locator(".boards .chart").count() == 2
    expect(page.get_by_role("button", name=say("race.again"))).to_be_enabled()
