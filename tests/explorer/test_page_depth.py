"""The view of depth: its three answers, a network drawn over the theory, the phase diagram."""

import re
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from playwright.sync_api import expect

import nonlin as nl
from nonlin.messages import languages, text


def say(key, **fields):
    return text(f"explorer.{key}", "en", **fields)


def table(page, chart):
    """Open a chart's table, and give it as columns of text by label."""
    figure = page.locator(".chart", has=page.get_by_role("heading", name=chart))
    figure.get_by_role("button", name=say("chart.table")).click()
    rows = figure.locator(".data tr").all()
    texts = [row.locator("th, td").all_inner_texts() for row in rows]
    return {column[0]: list(column[1:]) for column in zip(*texts, strict=True)}


@pytest.mark.parametrize("lang", languages())
def test_why_a_ten_layer_sigmoid_network_does_not_learn(tab, drawn, screenshot, lang):
    page = tab({"lang": lang}, lang=lang)
    page.get_by_role("link", name=text("explorer.questions.sigmoid", lang)).click()
    verdict = page.locator(".verdict p")
    expect(verdict.first).to_contain_text("10")
    # PyTorch's default: sw2 = 1/3, sb2 = 1/(3 fan_in); sizes are roots of mean squares.
    found = nl.propagate(
        nl.sigmoid, weight_variance=1 / 3, bias_variance=1 / 768, depth=10, width=256
    )
    mantissa = f"{np.sqrt(found.gradients[0]):.1e}".split("e")[0]  # 2.1e-08
    expect(verdict.first).to_contain_text(mantissa)
    drawn(page)
    screenshot(page, f"answer-sigmoid-{lang}")


@pytest.mark.parametrize("lang", languages())
def test_what_to_initialise_with(tab, lang):
    def init(name):
        return text(f"explorer.init.{name}", lang)

    page = tab({"lang": lang}, lang=lang)
    page.get_by_role("link", name=text("explorer.questions.initialise", lang)).click()
    rows = page.locator(".initialisations tbody tr")
    expect(rows).to_have_count(4)
    shown = {
        row.locator("th").inner_text(): row.locator("td").all_inner_texts() for row in rows.all()
    }
    assert shown[init("he")][2] == shown[init("critical")][2] == "2"  # ReLU's, exactly
    assert shown[init("critical")][0] == "100 %"
    page.get_by_role("link", name=init("xavier"), exact=True).click()
    expect(page).to_have_url(re.compile("init=xavier"))
    weight = text("explorer.depth.weight_variance", lang)
    expect(page.get_by_role("spinbutton", name=weight)).to_have_value("1")


def test_a_drawn_network_lies_over_the_theory(tab, drawn, violations):
    page = tab({"view": "depth", "f": "tanh", "init": "xavier", "depth": "20", "width": "128"})
    drawn(page)
    page.get_by_role("button", name=say("depth.draw"), exact=True).click()
    expect(page.locator(".draw [role=status]")).to_contain_text("Tanh")
    expect(page).to_have_url(re.compile("network=0"))
    columns = table(page, say("depth.length_title"))
    assert violations(page) == {}  # with a table in sight
    predicted = np.array(columns[say("depth.predicted")], dtype=float)
    measured = np.array(columns[say("depth.measured")], dtype=float)
    theory = nl.propagate(nl.tanh, weight_variance=1.0, depth=20).lengths
    assert predicted == pytest.approx(theory, rel=1e-5)
    # 128 units: the mean of their squares spreads by sqrt(2 / 128) = 12.5 % in the first layer.
    assert measured[0] == pytest.approx(predicted[0], rel=0.5)
    assert not np.array_equal(measured, predicted)
    page.get_by_role("button", name=say("depth.erase"), exact=True).click()
    expect(page.locator(".draw [role=status]")).to_have_text("")


def test_a_click_on_the_diagram_sets_the_variances(tab, drawn):
    page = tab({"view": "depth", "f": "tanh"})
    drawn(page)
    plot = page.locator(".phase .plot")
    plot.scroll_into_view_if_needed()
    plot.click()  # its middle
    expect(page).to_have_url(re.compile("init=custom"))
    expect(page.get_by_role("radio", name=say("init.custom"))).to_be_checked()
    chosen = parse_qs(urlsplit(page.url).query)["bias_variance"][0]
    # Of 400 pixels the axis takes 8 above to 44 below; it is stretched as the square root is.
    assert float(chosen) == pytest.approx(((400 - 44 - 200) / (400 - 44 - 8)) ** 2, abs=0.01)
    bias = page.get_by_role("spinbutton", name=say("depth.bias_variance"))
    expect(bias).to_have_value(chosen)


def test_a_slider_takes_the_variance_from_its_name(tab, drawn):
    page = tab({"view": "depth", "f": "relu", "init": "he", "depth": "30"})
    drawn(page)
    page.get_by_role("slider", name=say("depth.weight_variance")).fill("1")
    expect(page.get_by_role("radio", name=say("init.custom"))).to_be_checked()
    # Each layer halves ReLU's mean squared gradient at weight variance 1: 2^-14.5 after 29.
    expect(page.locator(".verdict p").first).to_contain_text("4.3")


def test_a_formula_goes_deep_too(tab, drawn):
    page = tab({"view": "depth", "f": "formula:x*sigmoid(x)", "init": "critical", "depth": "8"})
    drawn(page)
    own = table(page, say("depth.length_title"))[say("depth.predicted")]
    page = tab({"view": "depth", "f": "silu", "init": "critical", "depth": "8"})
    drawn(page)
    catalogue = table(page, say("depth.length_title"))[say("depth.predicted")]
    assert np.array(own, float) == pytest.approx(np.array(catalogue, float), rel=1e-4)
