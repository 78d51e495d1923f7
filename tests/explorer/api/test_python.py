"""The lines that a view gives do what it shows."""

import numpy as np
import pytest
from sample_log import write_log

import nonlin as nl


def run(lines, folder, monkeypatch):
    monkeypatch.chdir(folder)
    made = {}
    exec(compile(lines, "copied", "exec"), made)
    return made


def test_functions(ask, tmp_path, monkeypatch, capsys):
    lines = ask(
        "python",
        view="functions",
        f=["elu(alpha=0.3)", "formula:x*tanh(x)"],
        start=-3,
        at="1",
        hidden="8",
    )["python"]
    made = run(lines, tmp_path, monkeypatch)
    assert made["functions"][0] == nl.elu.bind(alpha=0.3)
    assert made["functions"][1](2.0) == pytest.approx(2 * np.tanh(2))
    assert (made["x"][0], made["x"][-1], made["x"].dtype) == (-3, 5, np.float32)
    assert [file.name for file in tmp_path.iterdir()] == ["functions.svg"]


def test_depth(ask, tmp_path, monkeypatch, capsys):
    query = {"f": "tanh", "init": "xavier", "depth": 6, "width": 32}
    made = run(ask("python", view="depth", **query)["python"], tmp_path, monkeypatch)
    shown = ask("propagation", **query)["layers"]["gradient"]
    assert np.sqrt(made["found"].gradients).tolist() == shown


def test_race(ask, tmp_path, monkeypatch, capsys):
    query = {"f": ["relu", "tanh"], "steps": 20, "hidden": 4, "layers": 1, "dataset": "xor"}
    made = run(ask("python", view="race", **query)["python"], tmp_path, monkeypatch)
    assert made["race"].over
    assert [run["spec"] for run in made["frame"]["runs"]] == ["relu", "tanh"]


def test_examine(ask, tmp_path, monkeypatch, capsys):
    write_log(tmp_path / "run.jsonl", deaths=(0, 4))
    made = run(ask("python", view="examine")["python"], tmp_path, monkeypatch)
    assert [reading.step for reading in made["run"].snapshots] == [0, 100]
    assert "error 3 " in capsys.readouterr().out


def test_lines_that_take_long_are_python(ask):
    compile(ask("python", view="study")["python"], "copied", "exec")


def test_the_view_of_a_page_without_state_is_its_usual_one(ask):
    assert "[nl.sigmoid, nl.relu, nl.elu]" in ask("python")["python"]
    assert "phi = nl.sigmoid" in ask("python", view="depth", f="")["python"]
