"""What GitHub runs: correct, with no more rights than it needs, naming what there is."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from nonlin.cli.entry import build

ROOT = Path(__file__).parents[2]
GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
FORMS = sorted((GITHUB / "ISSUE_TEMPLATE").glob("*_*.yml"))
# The linters are programs of PyPI, beside this interpreter.
PATH = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])


def checked(*command: str) -> str:
    """Run a linter on the repository and give what it complains about."""
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"PATH": PATH}, capture_output=True, text=True
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_workflows_are_correct_and_so_are_the_scripts_in_them():
    # It has actionlint's checks; PyPI's package of that name fetches a program as it is built.
    assert checked("jactionlint", *map(str, WORKFLOWS)) == ""


def test_workflows_let_no_stranger_in():
    assert checked("zizmor", "--offline", "--persona=pedantic", "--quiet", ".github") == ""


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_actions_are_pinned_to_a_commit_whose_version_is_said(path):
    used = re.findall(r"uses: (.+)", path.read_text("utf-8"))
    assert used
    for action in used:
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action), action


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_rights_are_given_job_by_job(path):
    workflow = yaml.safe_load(path.read_text("utf-8"))
    assert workflow["permissions"] == {}
    writing = {
        name: {right for right, how in job["permissions"].items() if how == "write"}
        for name, job in workflow["jobs"].items()
    }
    expected = {"publish": {"id-token"}, "deploy": {"id-token", "pages"}}
    assert writing == {name: expected.get(name, set()) for name in writing}


def test_targets_and_files_that_workflows_name_are_there():
    made = (ROOT / "Makefile").read_text("utf-8")
    for path in WORKFLOWS:
        said = path.read_text("utf-8")
        for line in re.findall(
            r"^ +(?:- run: )?make ([\w./ -]+?)(?: CERTIFY=.*)?$", said, re.MULTILINE
        ):
            for target in line.split():
                assert re.search(rf"^[\w./ -]*{re.escape(target)}\b[\w./ -]*:", made, re.M), target
        for name in re.findall(r"\btools/[\w/]+\.py\b", said):
            assert (ROOT / name).is_file(), name


def test_every_python_that_is_supported_is_tested():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert project["project"]["requires-python"] == ">=3.11"
    wheels = project["tool"]["cibuildwheel"]["build"].split()
    assert wheels == [f"cp3{minor}-*" for minor in range(11, 15)]
    workflow = yaml.safe_load((GITHUB / "workflows" / "tests.yml").read_text("utf-8"))
    matrix = workflow["jobs"]["installed"]["strategy"]["matrix"]
    tested = {*matrix["python"], *(each["python"] for each in matrix["include"])}
    assert tested == {f"3.{minor}" for minor in range(11, 15)}


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_a_form_about_a_fault_asks_for_the_environment(path):
    form = yaml.safe_load(path.read_text("utf-8"))
    asked = {field["id"]: field for field in form["body"]}
    assert all(field["type"] == "textarea" for field in form["body"])
    commands = set(re.findall(r"`nonlin ([\w-]+)", path.read_text("utf-8")))
    if path.stem != "proposal":
        assert asked["environment"]["validations"]["required"]
        assert "report-environment" in commands
    known = build("en")._subparsers._group_actions[0].choices
    assert commands <= set(known)
