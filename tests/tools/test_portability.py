"""The tools that compile for other systems read from meson.build what there is to compile."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def tools(monkeypatch):
    """The folder of the tools, which are scripts and no part of the package."""
    monkeypatch.syspath_prepend(str(ROOT / "tools/portability"))
    yield
    for name in ("bits", "builds", "cross"):
        sys.modules.pop(name, None)


def test_no_family_is_left_out(tools):
    from cross import written

    families = sorted(path.stem for path in (ROOT / "kernels/loops/families").glob("*.cpp"))
    assert sorted(written("families")) == families
    gates = sorted(path.stem for path in (ROOT / "kernels/loops/gate_families").glob("*.cpp"))
    assert sorted(written("gate_families")) == gates
    assert "-ffp-contract=off" in written("kernel_arguments")


def test_each_system_has_its_own_sets(tools):
    from cross import ARM64, System, instruction_sets

    here = System("here", ("c++",), "x86-64")
    zig = System("there", ("python", "-m", "ziglang", "c++"), "x86-64")
    assert instruction_sets(here)["v3"] == ["-march=x86-64-v3"]
    assert instruction_sets(zig)["v3"] == ["-march=x86_64_v3"]
    assert instruction_sets(ARM64) == {"baseline": []}


def test_other_bits_are_named_and_missing_ones_are_no_agreement(tools, capsys):
    from bits import Results

    one = Results("A", "v3", {"relu value": "00", "tanh value": "01"})
    other = Results("B", "v3", {"relu value": "00", "tanh value": "02"})
    assert one.differing(other) == ["tanh value"]
    said = capsys.readouterr().out
    assert "tanh value: A and B have other bits" in said
    assert "1 of 2 results" in said
    with pytest.raises(SystemExit, match="A and B have other functions"):
        one.differing(Results("B", "v3", {"relu value": "00"}))
    with pytest.raises(SystemExit, match="other functions"):
        Results("A", "v3", {}).differing(Results("B", "v3", {}))
