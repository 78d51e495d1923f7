"""A run in parts measures every unit once, and the files of all parts make the page."""

import sys

import pytest
from theory import __main__ as program
from theory import networks, training, work
from theory.networks import Size
from theory.store import Store

import nonlin
from nonlin.study.scheduling import processes

TINY = Size(width=30, depth=4, draws=2)
SHORT = training.Budget(depths=(2, 3), seeds=1, steps=2, rates=(0.1,))


@pytest.fixture
def measured(monkeypatch, tmp_path):
    """Run with these arguments; what was measured by it."""
    names = []

    def counted(act, *arguments):
        names.append(act.name)
        return measure(act, *arguments)

    measure = networks.measure
    monkeypatch.setattr(networks, "measure", counted)
    (tmp_path / "quick").mkdir()
    monkeypatch.setattr(program, "RAW", tmp_path)
    monkeypatch.setattr(program, "ROOT", tmp_path)
    monkeypatch.setattr(program, "SIZES", {True: TINY})
    monkeypatch.setattr(program, "BUDGETS", {True: SHORT})
    for drawn in (program.figures, program.maps):
        monkeypatch.setattr(drawn, "write", lambda *_: None)
    monkeypatch.setattr(nonlin, "names", lambda: training.FUNCTIONS)

    def run(*arguments):
        names.clear()
        monkeypatch.setattr(sys, "argv", ["theory", "--quick", "--workers", "1", *arguments])
        program.main()
        return list(names)

    return run


def test_the_parts_are_the_whole(measured, tmp_path):
    parts = [measured("--shard", f"{number}/3") for number in (1, 2, 3)]
    assert sorted(name for part in parts for name in part) == sorted(
        [*training.FUNCTIONS, "softplus"]
    )
    assert not list(tmp_path.glob("**/theory.md"))
    assert measured() == []
    assert list(tmp_path.glob("**/theory.md"))


@pytest.mark.parametrize("wrong", ["0/3", "4/3", "1", "a/b"])
def test_a_wrong_part_is_refused(measured, wrong, capsys):
    with pytest.raises(SystemExit):
        measured("--shard", wrong)
    assert f"expected I/N with I from 1 to N, got '{wrong}'" in capsys.readouterr().err


def test_an_executor_measures_the_same_numbers(tmp_path):
    todo = [work.Networks("relu", TINY), work.Trainings("tanh", 2, SHORT)]
    stores = [Store(tmp_path / name, {}) for name in ("here", "there")]
    finished = []
    work.measure(todo, stores[0], finished.append, None)
    with processes(2) as pool:
        work.measure(todo, stores[1], finished.append, pool)
    assert finished[:2] == todo
    assert set(finished[2:]) == set(todo)
    for unit in todo:
        here, there = (store.load(unit.file, unit.wanted) for store in stores)
        assert here | {"seconds": 0} == there | {"seconds": 0}
