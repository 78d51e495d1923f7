"""A run in parts measures every unit once, and the files of all parts make the page."""

import sys

import pytest
from theory import __main__ as program
from theory import networks, training
from theory.networks import Size

import nonlin

TINY = Size(width=30, depth=4, draws=2)
SHORT = training.Budget(depths=(2, 3), seeds=1, steps=2, rates=(0.1,))


@pytest.fixture
def measured(monkeypatch, tmp_path):
    """Run with these arguments; what was measured by it."""
    names = []

    def counted(act, *arguments):
        names.append(act.name)
        return networks.measure(act, *arguments)

    (tmp_path / "quick").mkdir()
    monkeypatch.setattr(program, "RAW", tmp_path)
    monkeypatch.setattr(program, "ROOT", tmp_path)
    monkeypatch.setattr(program, "SIZES", {True: TINY})
    monkeypatch.setattr(program, "BUDGETS", {True: SHORT})
    monkeypatch.setattr(program, "measure", counted)
    for drawn in (program.figures, program.maps):
        monkeypatch.setattr(drawn, "write", lambda *_: None)
    monkeypatch.setattr(nonlin, "names", lambda: training.FUNCTIONS)

    def run(*arguments):
        names.clear()
        monkeypatch.setattr(sys, "argv", ["theory", "--quick", *arguments])
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
    assert "--shard" in capsys.readouterr().err
