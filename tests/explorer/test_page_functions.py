"""The view of functions, driven as a reader drives it; the numbers are the kernels'."""

import csv
import io
import re

import numpy as np
import pytest
from playwright.sync_api import expect

import nonlin as nl
from nonlin.messages import languages, text


def say(key, **fields):
    return text(f"explorer.{key}", "en", **fields)


def readout(page):
    """The texts of the table of numbers at one x, row by row."""
    rows = page.locator(".readout tbody tr")
    return {
        row.locator("th").inner_text().strip(): row.locator("td").all_inner_texts()
        for row in rows.all()
    }


def search(page, **wanted):
    """Wait until the address holds these values."""
    for name, value in wanted.items():
        pattern = re.compile(rf"[?&]{name}={re.escape(value)}(&|$)")
        expect(page).to_have_url(pattern)


def test_a_slider_moves_the_curve_and_the_address(tab, drawn):
    page = tab({"f": "elu", "at": "-2"})
    drawn(page)
    slider = page.get_by_role("slider", name="α")
    slider.fill("0.5")
    expect(page.locator(".readout tbody td").first).to_have_text("-0.432332")
    x = np.float32(-2)
    assert readout(page)["ELU (α = 0.5)"] == [
        f"{nl.elu(x, alpha=0.5):.6g}",
        f"{nl.elu.derivative(x, alpha=0.5):.6g}",
    ]
    assert page.get_by_role("spinbutton", name="α").input_value() == "0.5"
    search(page, f="elu%28alpha%3D0.5%29")


def test_a_typed_number_is_the_slider_s(tab, drawn):
    page = tab({"f": "leaky_relu", "at": "-4"})
    drawn(page)
    page.get_by_role("spinbutton", name="negative_slope").fill("0.25")
    page.keyboard.press("Enter")
    expect(page.locator(".readout tbody td").first).to_have_text("-1")  # -4 * 0.25
    assert page.get_by_role("slider", name="negative_slope").input_value() == "0.25"


def test_a_threshold_is_infinite_until_it_is_moved(tab, drawn):
    page = tab({"f": "softplus", "at": "4"})
    drawn(page)
    typed = page.get_by_role("spinbutton", name="threshold")
    assert (typed.input_value(), typed.get_attribute("placeholder")) == ("", "∞")
    page.get_by_role("slider", name="threshold").fill("3")
    expect(page.locator(".readout tbody td").first).to_have_text("4")  # x itself, beyond it
    assert typed.input_value() == "3"


def test_functions_are_found_added_and_removed(tab, drawn):
    page = tab({"f": "relu"})
    drawn(page)
    box = page.get_by_role("searchbox")
    box.fill("hard s")
    shown = page.locator(".picker .chip:visible").all_inner_texts()
    assert shown == ["Hard Swish", "Hard Sigmoid", "Hard Shrink"]
    box.fill("gelu")
    box.press("Enter")
    expect(page.locator(".chosen .title")).to_have_text(["ReLU", "GELU"])
    expect(page.get_by_role("button", name="GELU", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    page.get_by_role("button", name=say("chosen.remove", name="ReLU")).click()
    expect(page.locator(".chosen .title")).to_have_text(["GELU"])
    box.fill("no such")
    expect(page.locator(".picker [role=status]")).to_have_text(say("picker.none"))


def test_a_formula_is_checked_while_it_is_typed(tab, drawn):
    page = tab({"f": "silu", "at": "1.5"})
    drawn(page)
    box = page.get_by_label(say("formula.title"))
    page.complaints.clear()
    box.fill("x * sigmoid(x")
    expect(box).to_have_attribute("aria-invalid", "true")
    assert page.locator(".state.wrong").inner_text()
    box.fill("x * sigmoid(x)")
    expect(page.locator(".state")).to_have_text(say("formula.good"))
    # The browser itself reports the refusals that were asked for.
    page.complaints[:] = [each for each in page.complaints if "status of 4" not in each]
    box.press("Enter")
    expect(page.locator(".chosen .title")).to_have_text(["SiLU", "x * sigmoid(x)"])
    expect(page.locator(".readout tbody tr")).to_have_count(2)
    numbers = readout(page)
    assert numbers["x * sigmoid(x)"][0] == numbers["SiLU"][0]


def test_the_textbook_line_loses_its_digits(tab, drawn):
    page = tab({"f": "elu", "start": "-1e-6", "stop": "1e-6", "at": "-1e-7"})
    drawn(page)
    page.get_by_label(say("functions.naive"), exact=True).check()
    expect(page.locator(".readout thead th")).to_have_count(4)
    x = np.float32(-1e-7)
    shown = readout(page)["ELU"]
    assert shown[0] == "-1 × 10⁻⁷"
    # exp(x) rounds to a multiple of 2^-24 below 1, and so does the difference.
    assert np.exp(x) - np.float32(1) == -(2.0**-24)
    assert shown[2] == "-5.96046 × 10⁻⁸"
    search(page, naive="1")


def test_the_table_and_the_csv_file_hold_the_kernel_s_numbers(tab, drawn):
    page = tab({"f": "tanh", "dtype": "float64"})
    drawn(page)
    page.get_by_role("button", name=say("chart.table")).first.click()
    rows = page.locator(".data tbody tr")
    first = [rows.first.locator("th").inner_text(), *rows.first.locator("td").all_inner_texts()]
    assert first[:2] == ["-5", f"{nl.tanh(-5.0):.6g}"]
    with page.expect_download() as saved:
        page.get_by_role("button", name=re.compile("CSV")).first.click()
    written = saved.value.path().read_text(encoding="utf-8-sig")
    table = list(csv.reader(io.StringIO(written)))
    assert table[0] == ["x", "Tanh φ(x)", "Tanh φ′(x)"]
    numbers = np.array(table[1:], dtype=np.float64)
    x = np.linspace(-5, 5, 401)
    assert np.array_equal(numbers, np.stack([x, nl.tanh(x), nl.tanh.derivative(x)], axis=1))


@pytest.mark.parametrize(("kind", "start"), [("PNG", b"\x89PNG"), ("SVG", b"<svg")])
def test_pictures_are_saved(tab, drawn, kind, start):
    page = tab({"f": ["relu", "elu"]})
    drawn(page)
    with page.expect_download() as saved:
        page.get_by_role("button", name=re.compile(f"{kind}:")).first.click()
    content = saved.value.path().read_bytes()
    assert content.startswith(start)
    assert len(content) > 5000
    if kind == "SVG":
        assert ">ELU<" in content.decode()  # its legend: the page's own stands outside the picture


def test_facts_say_how_they_are_known(tab):
    page = tab({"f": ["sigmoid", "elu"]})
    table = page.locator(".facts-table")
    row = table.get_by_role("row").filter(has_text=text("properties.label.lipschitz", "en"))
    cells = row.get_by_role("cell")
    expect(cells.first.locator(".value")).to_have_text("0.25")  # sup s(1 - s), at 0
    # Both are known in one way: it is said of the row.
    badge = row.get_by_role("rowheader").locator(".badge")
    expect(badge).to_have_text(text("properties.evidence.proved", "en"))
    expect(cells.first.locator(".how")).to_be_hidden()
    page.get_by_label(say("facts.how")).check()
    expect(cells.first.locator(".how")).to_be_visible()
    # What tells the two apart comes first; both rise everywhere.
    label = re.compile(f"^{text('properties.label.monotone', 'en')}")
    shared = table.get_by_role("rowheader", name=label)
    expect(shared).to_have_count(0)
    before = table.get_by_role("row").count()
    page.get_by_label(re.compile(r"All facts")).check()
    expect(shared).to_have_count(1)
    assert table.get_by_role("row").count() > before
    last = text("properties.label.cost", "en")
    assert table.get_by_role("row").last.get_by_role("rowheader").inner_text().startswith(last)


@pytest.mark.parametrize("lang", languages())
def test_what_elu_costs_is_said_in_a_sentence(tab, lang):
    page = tab({"lang": lang}, lang=lang)
    page.get_by_role("link", name=text("explorer.questions.cost", lang)).click()
    verdict = page.locator("#facts .verdict p").first
    expect(verdict).to_contain_text("ELU")
    expect(verdict).to_contain_text("ReLU")
    assert float(re.search(r"\d+\.\d+", verdict.inner_text())[0]) > 0
