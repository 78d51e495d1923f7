"""Every dependency has a reason, and the page names each of them."""

import importlib.util
import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

from nonlin.installation import EXTRAS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "dependencies.md").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def tool():
    path = ROOT / "tools" / "dependencies.py"
    spec = importlib.util.spec_from_file_location("dependencies", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


dependencies = tool()
REQUIRED = [
    Requirement(line)
    for lines in (PROJECT["dependencies"], *PROJECT["optional-dependencies"].values())
    for line in lines
]


def test_every_requirement_has_a_reason_and_no_reason_is_left_over():
    named = {requirement.name for requirement in REQUIRED} - {"nonlin"}
    assert named == set(dependencies.REASONS)
    for reason in dependencies.REASONS.values():
        assert reason["why"]
        assert set(reason) <= {"why", "instead"}


def test_the_page_has_every_requirement_as_it_is():
    for requirement in REQUIRED:
        if requirement.name == "nonlin":
            continue
        reason = dependencies.REASONS[requirement.name]
        line = next(row for row in PAGE.splitlines() if row.startswith(f"| `{requirement}` |"))
        assert line.endswith(f"| {reason['why']} | {reason.get('instead', '–')} |")
    for extra in PROJECT["optional-dependencies"]:
        assert re.search(rf"^###? `{extra}`", PAGE, re.MULTILINE), extra


def test_an_extra_brings_what_its_parts_bring():
    assert list(dependencies.within("explore")) == ["explore", "cli", "plot", "symbolic"]
    brought = {extra: dependencies.brought(extra) for extra in EXTRAS}
    assert {"sympy", "mpmath"} == brought["symbolic"]
    assert brought["cli"] > brought["plot"] | brought["symbolic"]
    assert brought["study"] > brought["cli"] | brought["torch"]
    # Who explores is not made to install PyTorch.
    assert "torch" not in brought["explore"]
    assert all("numpy" not in names for names in brought.values())


def test_a_size_is_that_of_the_files_without_bytecode():
    found = dependencies.package("mpmath")
    home = Path(importlib.util.find_spec("mpmath").origin).parent
    files = [path for path in home.rglob("*") if path.is_file()]
    code = sum(path.stat().st_size for path in files if "__pycache__" not in path.parts)
    assert code <= found.size < 1.1 * code
    assert dependencies.package("no-such-package") is None
    assert (dependencies.mb(9_940_000), dependencies.mb(741_400_000)) == ("9.9", "741")
