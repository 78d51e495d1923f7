"""Every dependency has a reason in both languages, and the pages name each of them."""

import importlib.util
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from sentences import glued, placeholders

from nonlin.installation import EXTRAS
from nonlin.messages import languages

ROOT = Path(__file__).parents[2]
PAGES = {"en": "dependencies.md", "ko": "dependencies.ko.md"}
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
        assert {"why"} <= set(reason) <= {"why", "instead"}


@pytest.mark.parametrize("name", dependencies.REASONS)
def test_a_reason_is_there_in_both_languages(name):
    reason = dependencies.REASONS[name]
    for sentence in reason.values():
        assert set(sentence) == set(languages())
        assert all(sentence.values())
    assert re.search("[가-힣]", reason["why"]["ko"])


def test_what_else_the_pages_say_is_there_in_both_languages():
    ours = [sentence for each in dependencies.SAID["ours"] for sentence in each.values()]
    words = dependencies.SAID["words"].values()
    for sentence in (*ours, *words):
        assert set(sentence) == set(languages())
        assert all(sentence.values())
    for sentence in words:
        assert placeholders(sentence["ko"]) == placeholders(sentence["en"])
        assert not glued(sentence["ko"])


@pytest.mark.parametrize("lang", languages())
def test_the_page_has_every_requirement_as_it_is(lang):
    page = (ROOT / "docs" / PAGES[lang]).read_text("utf-8")
    for requirement in REQUIRED:
        if requirement.name == "nonlin":
            continue
        reason = dependencies.REASONS[requirement.name]
        line = next(row for row in page.splitlines() if row.startswith(f"| `{requirement}` |"))
        instead = reason["instead"][lang] if "instead" in reason else "–"
        assert line.endswith(f"| {reason['why'][lang]} | {instead} |")
    for extra in PROJECT["optional-dependencies"]:
        assert re.search(rf"^###? `{extra}`", page, re.MULTILINE), extra


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


# What versions.md says that an extra is for, as somebody would use it.
USES = {
    "": """
import nonlin as nl
nl.elu(-1.0), nl.swiglu(1.0, 2.0), nl.softmax([1.0, 2.0]), nl.properties(nl.elu)
nl.gain(nl.gelu), nl.first_weights(nl.gelu, depth=3)
nl.propagate(nl.tanh, weight_variance=1.3, bias_variance=0.05, depth=3)
""",
    "symbolic": """
import nonlin as nl
from nonlin import symbolic
from nonlin.formula import from_formula
symbolic.latex(nl.elu), symbolic.derivative(nl.elu)
print(nl.properties(from_formula("x*sigmoid(x)")))
""",
    "plot": "import nonlin as nl\nnl.plot(nl.elu, derivative=True)",
    "cli": """
from nonlin.cli import main
for line in ("list", "show elu", "compare relu elu", "propagate tanh --depth 3", "phase tanh"):
    assert main(line.split()) == 0, line
""",
    "torch": """
import torch
from nonlin.torch import examine, initialize_
model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 1))
inputs, targets = torch.randn(16, 4), torch.randn(16, 1)
print(initialize_(model, inputs))
print(examine(model, inputs, targets, torch.nn.MSELoss()))
""",
    "study": "import nonlin.report.page\nfrom nonlin.study import runner",
    "explore": """
from nonlin.explorer import create_app
from nonlin.explorer.api.catalogue import catalogue
create_app(), catalogue("en")
""",
}


# What the interpreter has loaded at its start stays. A None in sys.modules would hide a module as
# well, but SciPy takes what has a name there for loaded.
HIDDEN = """
import sys

ABSENT = {{*{absent!r}}} - {{*sys.modules}}

class Blind:
    def __init__(self, finder):
        self.finder = finder

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ABSENT:
            return None
        return self.finder.find_spec(name, path, target)

    def __getattr__(self, name):
        return getattr(self.finder, name)

sys.meta_path[:] = [Blind(finder) for finder in sys.meta_path]
"""


@pytest.mark.parametrize("extra", USES)
def test_an_extra_is_enough_for_what_it_says(extra, tmp_path):
    """Whatever else is installed here cannot be imported."""
    # PyTorch reads pip's records, and not an import's failure, for whether optree is there.
    there = dependencies.needs("numpy") | {"nonlin", "optree"}
    there |= dependencies.brought(extra) if extra else set()
    absent = [
        module
        for module, brought_by in packages_distributions().items()
        if not there & set(map(dependencies.canonical, brought_by))
    ]
    assert "pytest" in absent
    command = [sys.executable, "-c", HIDDEN.format(absent=absent) + USES[extra]]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
