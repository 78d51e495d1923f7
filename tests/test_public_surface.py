"""The public surface is what docs/versions.md lists: a change of the one is one of the other."""

import re
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

import nonlin as nl
from nonlin import startup
from nonlin.cli import entry
from nonlin.installation import EXTRAS
from nonlin.study import results, shards
from nonlin.torch import plain
from nonlin.torch.runs import log

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "versions.md").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def chapter(heading: str) -> str:
    """What stands below a heading of the page."""
    found = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found is not None, f"docs/versions.md has no chapter {heading!r}"
    return found[1]


def table(heading: str) -> list[list[str]]:
    """The rows of the table below a heading, its head left out."""
    rows = [line for line in chapter(heading).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


def listed(heading: str, column: int = 0) -> list[str]:
    """What a column names, without the signs of code."""
    return [row[column].strip("`") for row in table(heading)]


MODULES = {row[0].strip("`"): set(re.findall(r"`(\w+)`", row[1])) for row in table("Python names")}


@pytest.mark.parametrize("module", MODULES)
def test_python_names_are_those_that_are_listed(module):
    public = import_module(module).__all__
    assert len(set(public)) == len(public)
    assert set(public) == MODULES[module]


def test_every_module_of_the_reference_is_listed(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    assert set(import_module("pages.reference").MODULES) <= set(MODULES)


def test_extras_are_those_that_are_listed():
    public = listed("Extras")
    for_work = re.search(r"\n((?:`\w+`(?:, | and ))+`\w+`) are for work on nonlin", PAGE)
    assert for_work is not None
    assert list(EXTRAS) == public
    private = re.findall(r"`(\w+)`", for_work[1])
    assert sorted(public + private) == sorted(PROJECT["optional-dependencies"])


def test_entry_points_are_those_that_are_listed():
    points = {("console_scripts", name) for name in PROJECT["scripts"]}
    points |= {(group, name) for group, of in PROJECT["entry-points"].items() for name in of}
    rows = table("Entry points")
    assert {(group.strip("`"), name.strip("`")) for group, name, _ in rows} == points


def test_commands_are_those_that_are_listed():
    assert [f"nonlin {name}" for name in entry._COMMANDS] == listed("Commands")


def test_environment_variables_are_those_that_are_listed():
    assert sorted(startup._SENTENCES) == listed("Environment variables")


def test_formats_have_the_numbers_that_are_listed():
    numbers = listed("Formats", 1)
    assert numbers[:4] == [
        f'"schema": {results.SCHEMA}',
        f'"schema": {shards.SCHEMA}',
        f'"format": {log.FORMAT}',
        f'"format": "{plain.FORMAT}"',
    ]


def test_the_version_is_the_same_everywhere():
    written = {
        "meson.build": r"version: '([\d.]+)',\n    meson_version",
        "CITATION.cff": r"^version: (\S+)$",
        "CHANGELOG.md": r"^## \[(\d\S*)\]",
        "recipe/recipe.yaml": r"^  version: (\S+)$",
        "docs/run-log.md": r'"nonlin":"([\d.]+)"',
    }
    for name, pattern in written.items():
        found = re.search(pattern, (ROOT / name).read_text("utf-8"), re.MULTILINE)
        assert found is not None, name
        assert found[1] == PROJECT["version"], name
    assert nl.__version__ == PROJECT["version"]
