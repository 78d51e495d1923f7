"""What tests the published package: it sees no sources, and needs no extra."""

import ast
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RELEASE = ROOT / "tools" / "release"
NEEDED = {"numpy", "pytest", "hypothesis", "nonlin"}


def tool(name):
    spec = importlib.util.spec_from_file_location(name, RELEASE / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


installed = tool("installed")


def imported(path):
    """The packages that a test imports, and those that what lies beside it in tests/ does."""
    names = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module.partition(".")[0])
    beside = {name: ROOT / "tests" / f"{name}.py" for name in names}
    own = {name: file for name, file in beside.items() if file.exists()}
    return (names - own.keys()).union(*map(imported, own.values()))


@pytest.mark.parametrize("path", installed.TESTS)
def test_its_tests_import_what_is_there_with_numpy_alone(path):
    assert imported(ROOT / path) - set(sys.stdlib_module_names) <= NEEDED


def test_values_are_right_and_a_wrong_one_is_found(monkeypatch):
    installed.values()
    monkeypatch.setitem(installed.TEXTBOOK, "relu", lambda x: max(x, 1e-9))
    with pytest.raises(AssertionError, match="relu"):
        installed.values()


def test_the_sources_own_package_is_refused():
    done = subprocess.run(
        [sys.executable, RELEASE / "installed.py"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "is that of the sources" in done.stdout


def test_a_slow_import_is_refused(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(installed, "ROOT", tmp_path)
    monkeypatch.setattr(installed, "values", lambda: None)
    monkeypatch.setattr(installed, "seconds", lambda: 1.5)
    assert installed.main() == 1
    assert "longer than 1.0 s" in capsys.readouterr().out
