"""The curves that stand before Plotly has come are Plotly's own, and make room for them."""

import re

import pytest
from playwright.sync_api import expect

from nonlin.messages import text


@pytest.fixture
def late_plotly(tab):
    """A page whose Plotly waits until it is let in."""
    held = []

    def open_tab(query, width=1280, lang="en", dark=False):
        page = tab({"view": "study"}, width=width, lang=lang, dark=dark)
        page.route("**/plotly.min.js", lambda route: held.append(route))
        address = page.url.split("?")[0]
        page.goto(f"{address}?{query}", wait_until="commit")
        return page, lambda: [route.continue_() for route in held]

    return open_tab


def points(path):
    return [tuple(map(float, pair.split())) for pair in re.findall(r"[ML]([\d.]+ [\d.]+)", path)]


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_the_sketch_is_what_plotly_draws(late_plotly, drawn, screenshot, width, dark):
    page, let_in = late_plotly("f=sigmoid&f=relu&f=elu", width=width, dark=dark)
    sketch = page.locator(".chart svg.sketch")
    expect(sketch).to_be_visible()
    screenshot(page, f"functions-sketch-en-{width}")
    assert sketch.locator("path").count() == 6  # value and derivative of three functions
    colours = [path.get_attribute("stroke") for path in sketch.locator("path").all()]
    first = points(sketch.locator("path").first.get_attribute("d"))
    labels = sketch.locator("text").all_text_contents()
    box = sketch.bounding_box()
    let_in()
    drawn(page)
    expect(sketch).to_have_count(0)
    plot = page.locator(".js-plotly-plot").first
    assert plot.bounding_box()["height"] == pytest.approx(box["height"], abs=1)
    lines = plot.locator("path.js-line").all()
    strokes = [line.evaluate("line => getComputedStyle(line).stroke") for line in lines]
    as_rgb = "colour => { const s = document.createElement('i').style;" \
             " s.color = colour; document.body.style.outlineColor = colour;" \
             " return getComputedStyle(document.body).outlineColor; }"  # fmt: skip
    assert strokes == [page.evaluate(as_rgb, colour) for colour in colours]
    ticks = plot.locator(".xtick text, .ytick text, .y2tick text").all_text_contents()
    assert set(labels) <= set(ticks)
    # Sigmoid rises from its left end to its right one; in a picture upwards is down.
    assert first[0][1] > first[-1][1]
    assert len(first) == 401


def test_what_is_no_line_waits_for_plotly(late_plotly, drawn, screenshot):
    """A heat map and a logarithmic axis do; the lines of the correlation are sketched."""
    page, let_in = late_plotly("view=depth")
    for summary in page.locator(".pictures .chart .summary").all():
        expect(summary).not_to_be_empty()  # the chart has its data
    sketches = page.locator(".chart", has=page.locator("svg.sketch"))
    expect(sketches).to_have_count(1)
    expect(sketches.locator("h2")).to_have_text(text("explorer.depth.correlation_title", "en"))
    screenshot(page, "depth-sketch-en-1280")
    let_in()
    drawn(page)
    expect(page.locator("svg.sketch")).to_have_count(0)
