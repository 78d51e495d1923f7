"""Drawings: their axes, lines and readings, what the pointer does to them."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

import nonlin as nl


def panels(page):
    """The paths of lines in each panel of the first chart, in the order of drawing."""
    svgs = page.locator(".chart").first.locator(".plot > svg > svg").all()
    paths = [svg.locator("path").all() for svg in svgs]
    return [[path.get_attribute("d") for path in each] for each in paths if each]


def points(path):
    return [tuple(map(float, pair.split())) for pair in re.findall(r"[ML]([-\d.]+ [-\d.]+)", path)]


def test_a_curve_is_the_kernel_s_numbers(tab, drawn):
    page = tab({"f": "tanh"})
    drawn(page)
    places = np.array(points(panels(page)[0][0]))
    assert len(places) == 401
    x = np.linspace(-5, 5, 401)
    # Pixels are rounded to tenths; up is less.
    left, right = places[0, 0], places[-1, 0]
    assert places[:, 0] == pytest.approx(left + (x + 5) / 10 * (right - left), abs=0.11)
    top, bottom = places[-1, 1], places[0, 1]
    share = (nl.tanh(x) - nl.tanh(-5.0)) / (nl.tanh(5.0) - nl.tanh(-5.0))
    assert places[:, 1] == pytest.approx(bottom + share * (top - bottom), abs=0.11)


@pytest.mark.parametrize(
    ("f", "value", "derivative"),
    [("relu", 1, 2), ("hard_shrink", 3, 3), ("sigmoid", 1, 1), ("hard_sigmoid", 1, 3)],
)
def test_a_line_ends_where_its_function_jumps(tab, drawn, f, value, derivative):
    page = tab({"f": f})
    drawn(page)
    (above,), (below,) = panels(page)
    assert (above.count("M"), below.count("M")) == (value, derivative)
    # Between its parts a line goes across, never up.
    for path in (above, below):
        ends = [points(part)[-1] for part in path.split("M")[1:-1] if points(f"M{part}")]
        starts = [points(f"M{part}")[0] for part in path.split("M")[2:]]
        assert [start[0] for start in starts] == [end[0] for end in ends] or not ends


def test_the_pointer_reads_every_function(tab, drawn):
    page = tab({"f": ["tanh", "relu"]})
    drawn(page)
    plot = page.locator(".plot").first
    box = plot.bounding_box()
    page.mouse.move(box["x"] + 0.75 * box["width"], box["y"] + 40)
    tip = plot.locator(".tip")
    expect(tip).to_be_visible()
    x = float(page.locator(".readout output").inner_text().removeprefix("x = "))
    assert tip.locator("p").inner_text() == f"x {x:.4g}"
    rows = {
        row.locator("th").inner_text().strip(): row.locator("td").all_inner_texts()
        for row in tip.locator("tr").all()
    }
    known = np.float32(x)
    assert float(rows["Tanh"][0]) == pytest.approx(nl.tanh(known), rel=1e-3)
    assert float(rows["Tanh"][1]) == pytest.approx(nl.tanh.derivative(known), rel=1e-3)
    assert float(rows["ReLU"][0]) == pytest.approx(x, rel=1e-3)
    page.mouse.move(5, 5)
    expect(tip).to_be_hidden()


def test_a_drag_zooms_and_two_clicks_zoom_out(tab, drawn):
    page = tab({"f": "elu"})
    drawn(page)
    box = page.locator(".plot").first.bounding_box()
    y = box["y"] + 100
    page.mouse.move(box["x"] + 0.4 * box["width"], y)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.6 * box["width"], y, steps=4)
    page.mouse.up()
    expect(page).to_have_url(re.compile("start=.*stop="))
    start, stop = (
        float(page.get_by_label(name, exact=True).input_value()) for name in ("from", "to")
    )
    assert -2 < start < 0 < stop < 2
    page.mouse.dblclick(box["x"] + 0.5 * box["width"], y)
    expect(page).not_to_have_url(re.compile("start="))


@pytest.mark.parametrize("dark", [False, True])
def test_lines_have_the_colours_and_dashes_of_their_legend(tab, drawn, dark):
    page = tab({"f": ["sigmoid", "tanh", "relu", "elu"]}, dark=dark)
    drawn(page)
    legend = page.locator(".chart .legend svg.swatch line").all()
    lines = page.locator(".chart .plot > svg > svg").first.locator("path").all()
    look = "each => [getComputedStyle(each).stroke, getComputedStyle(each).strokeDasharray]"
    seen = [line.evaluate(look) for line in lines]
    assert seen == [line.evaluate(look) for line in legend]
    assert len({tuple(each) for each in seen}) == 4


def test_a_logarithmic_axis_spans_two_decades(tab, drawn):
    """A gradient that keeps its size is a level line, and no fall over the whole height."""
    page = tab({"view": "depth", "f": "identity", "init": "critical", "depth": "6"})
    drawn(page)
    chart = page.locator(".chart").first
    (path,) = [
        each.get_attribute("d")
        for each in chart.locator(".plot > svg > svg path[stroke-width]").all()
    ]
    heights = [y for _, y in points(path)]
    assert max(heights) - min(heights) < 1
    labels = [each for each in chart.locator(".plot text").all_text_contents() if "." in each]
    assert {"0.1"} <= set(labels)
