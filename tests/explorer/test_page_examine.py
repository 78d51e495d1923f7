"""The page on a log: names are words and no markup, and one fault is one paragraph."""

import json

import pytest
from sample_log import write_log

NAME = '<a href="https://example.org/">here</a>&amp;<b>3</b>'


@pytest.fixture
def marked(tmp_path):
    """A log whose second site has markup for a name."""
    file = tmp_path / "run.jsonl"
    write_log(file, deaths=(0, 2, 4))
    lines = [json.loads(line) for line in file.read_bytes().splitlines()]
    lines[1]["sites"][1]["name"] = NAME
    for line in lines[2:]:
        for finding in line["findings"]:
            finding["site"] = NAME
    file.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    return file


def test_markup_in_a_name_is_shown_as_it_is(tab, drawn, marked):
    page = tab({"view": "examine"})
    page.locator("input[type=file]").set_input_files(marked)
    drawn(page)
    labels = page.locator(".plot text").all_text_contents()
    assert any(NAME in label for label in labels)
    assert page.locator("main a[href*='example.org'], svg a").count() == 0
    assert NAME in page.locator(".findings").inner_text()
