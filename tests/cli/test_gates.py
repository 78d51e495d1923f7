"""Gates on the command line: listed, shown, drawn, and refused in a sentence elsewhere."""

import json

import pytest

import nonlin as nl
from nonlin.cli.entry import main


def test_list_has_the_gates(capsys):
    assert main(["list", "--json"]) == 0
    listed = {each["name"]: each for each in json.loads(capsys.readouterr().out)}
    assert set(nl.gates()) <= set(listed)
    assert listed["swiglu"]["parameters"] == {"beta": 1.0}
    assert listed["swiglu"]["group"] == "gates"


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("name", nl.gates())
def test_show_tells_what_a_gate_is(name, lang, capsys):
    assert main(["show", name, "--lang", lang]) == 0
    shown = capsys.readouterr().out
    assert nl.get(name).record.url in shown
    assert main(["show", name, "--lang", lang, "--json"]) == 0
    plain = json.loads(capsys.readouterr().out)
    assert plain["name"] == name
    assert plain["facts"]["gain"]["value"] == pytest.approx(nl.gain(name))


def test_parameters_of_gates_are_options(capsys):
    assert main(["show", "clamped_swiglu", "--limit", "10", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["parameters"]["limit"] == 10.0


def test_plot_writes_a_file(tmp_path, capsys):
    file = tmp_path / "gate.png"
    assert main(["plot", "swiglu", "--out", str(file)]) == 0
    assert file.stat().st_size > 10_000


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["compare", "swiglu"], "swiglu is a gate, of two inputs"),
        (["phase", "geglu"], "geglu is a gate, of two inputs"),
        (["plot", "swiglu", "relu"], "Plot gates one at a time"),
        (["show", "swigul"], "did you mean 'swiglu'"),
    ],
)
def test_other_commands_say_what_they_take(arguments, sentence, capsys):
    assert main(arguments) != 0
    assert sentence in capsys.readouterr().err
