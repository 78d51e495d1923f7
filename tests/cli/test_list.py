import json

import pytest

import nonlin
from nonlin.cli import main
from nonlin.cli.wording import width
from nonlin.messages import languages, text


def test_json_lists_names_parameters_and_papers(capsys):
    assert main(["list", "--json", "--lang", "ko"]) == 0
    listed = json.loads(capsys.readouterr().out)
    every = [*nonlin.names(), *nonlin.gates(), *nonlin.axis_functions()]
    assert [each["name"] for each in listed] == every
    assert listed[3]["parameters"] == {"negative_slope": 0.01}
    assert listed[3]["summary"] == text("document.leaky_relu.summary", "ko")
    assert listed[4]["url"] == "https://arxiv.org/abs/1511.07289"


@pytest.mark.parametrize("lang", languages())
def test_the_table_fits_80_columns_and_its_columns_align(lang, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["list", "--lang", lang]) == 0
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    lines = shown.splitlines()
    assert max(map(width, lines)) == 80
    head = lines[1]
    assert lines[0].strip() == text("document.groups.document", lang)
    start = width(head[: head.index(text("cli.list.parameters", lang))])
    row = next(line for line in lines if line.startswith("leaky_relu"))
    assert width(row[: row.index("negative_slope = 0.01")]) == start
