"""``nonlin compare``: facts side by side, of the catalogue's functions and the user's."""

import json

import pytest

from nonlin.cli import main


def shown(capsys, *line):
    assert main(["compare", *line, "--lang", "en"]) == 0
    return capsys.readouterr().out


@pytest.fixture(autouse=True)
def _wide(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")


def test_only_differences_are_shown(capsys):
    table = shown(capsys, "relu", "elu")
    assert "[0, ∞)" in table
    assert "(-1, ∞)" in table
    # Both are convex and have the Lipschitz constant 1.
    assert "convex" not in table
    assert "Lipschitz" not in table


def test_all_shows_what_they_share(capsys):
    table = shown(capsys, "relu", "elu", "--all")
    assert "convex" in table
    assert "Lipschitz" in table


def test_the_same_function_twice_agrees(capsys):
    assert shown(capsys, "relu", "relu") == "The functions agree in every fact.\n"


def test_a_formula_is_compared_and_json_is_plain(capsys):
    plain = json.loads(shown(capsys, "relu", "--formula", "x*sigmoid(x)", "--json"))
    facts = plain["nl.Activation.from_function(x*sigmoid(x))"]
    # SiLU's minimum, -W(1/e).
    assert facts["range"]["value"]["lower"] == pytest.approx(-0.2784645427610738, rel=1e-9)
    assert plain["nl.relu"]["cost"]["value"] > 0.0
    assert plain["nl.relu"]["cost"]["how"] == "clock"
    assert plain["nl.relu"]["lipschitz"] == {"value": 1.0, "evidence": "proved", "how": "rolle"}


def test_one_function_is_too_few(capsys):
    assert main(["compare", "relu", "--lang", "en"]) == 2
    sentence = "nonlin: name at least two functions, such as `nonlin compare relu elu`\n"
    assert capsys.readouterr().err == sentence
