"""Functions of the user's at the command line: formulas, and module:function."""

import json

import pytest

from nonlin.cli import main
from nonlin.formula import names


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.path", ["", *__import__("sys").path])
    return tmp_path


def error(capsys, *line):
    code = main([*line, "--lang", "en"])
    return code, capsys.readouterr().err


def test_a_formula_has_facts(capsys):
    assert main(["show", "--formula", "max(x, 0)", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)["facts"]
    assert facts["not_differentiable"]["value"] == [0.0]
    assert facts["gain"]["value"] == pytest.approx(2.0**0.5, rel=1e-10)
    assert facts["gain"]["evidence"] == "measured"


def test_a_function_of_a_module_has_facts(folder, capsys):
    (folder / "mine_a.py").write_text("def twice(x):\n    return 2 * x\n")
    assert main(["show", "mine_a:twice", "--json"]) == 0
    card = json.loads(capsys.readouterr().out)
    assert card["name"] == "twice"
    assert card["facts"]["lipschitz"]["value"] == pytest.approx(2.0, rel=1e-9)


@pytest.mark.parametrize(
    ("module", "line", "sentence"),
    [
        ("", "mine_b:twice", "the module 'mine_b' has no function 'twice'"),
        ("twice = 2", "mine_c:twice", "'mine_c:twice' is no function of an array"),
        ("1 / 0", "mine_d:twice", "cannot import 'mine_d': ZeroDivisionError: division by zero"),
    ],
)
def test_what_is_wrong_with_a_module_is_said(folder, capsys, module, line, sentence):
    (folder / f"{line.partition(':')[0]}.py").write_text(module)
    assert error(capsys, "show", line) == (1, f"nonlin: {sentence}\n")


def test_an_absent_module_is_said(folder, capsys):
    code, sentence = error(capsys, "show", "nowhere_to_be_found:f")
    assert code == 1
    assert sentence.startswith("nonlin: cannot import 'nowhere_to_be_found': ModuleNotFound")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (["show"], "name a function, such as `nonlin show relu`, or give --formula"),
        (["phase", "relu", "--formula", "x"], "give a name or --formula, not both"),
        (
            ["show", "--formula", "__import__('os')"],
            "cannot read the formula, at '__import__': there is no such name; the variable is x; "
            f"known are {', '.join(names())}",
        ),
        (["show", "--formula", ""], "cannot read the formula: it is empty"),
    ],
)
def test_what_is_wrong_with_the_line_is_said(capsys, line, sentence):
    assert error(capsys, *line) == (2, f"nonlin: {sentence}\n")


def test_a_function_without_values_is_refused(capsys):
    code, sentence = error(capsys, "show", "--formula", "log(x)")
    assert code == 1
    assert sentence.startswith("nonlin: log(x) has no finite value")
