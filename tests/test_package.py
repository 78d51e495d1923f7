"""What `import nonlin` costs and needs, and that the wheel holds everything."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

import nonlin as nl

ROOT = Path(__file__).parents[1]


def run(program: str, *flags: str) -> str:
    command = [sys.executable, *flags, "-c", program]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_import_brings_numpy_alone():
    third_party = run(
        "import sys, numpy; before = set(sys.modules); import nonlin\n"
        "print({m.split('.')[0] for m in set(sys.modules) - before}"
        " & {'sympy', 'mpmath', 'matplotlib', 'torch', 'scipy', 'rich', 'sklearn', 'jinja2'})"
    )
    assert third_party.strip() == "set()"


def import_without_kernels(folder: Path, before: str = "") -> str:
    """The last line of an import of a copy of the sources in `folder`, which fails."""
    shutil.copytree(ROOT / "nonlin", folder / "nonlin", ignore=shutil.ignore_patterns("*.so"))
    places = [str(folder), str(Path(np.__file__).parents[1])]
    program = f"{before}import sys; sys.path[:0] = {places}; import nonlin"
    # Without site-packages' hooks, through which an editable installation is found first.
    command = [sys.executable, "-S", "-c", program]
    failed = subprocess.run(command, capture_output=True, text=True, check=False)
    return failed.stderr.splitlines()[-1]


def test_sources_without_kernels_say_what_they_are(tmp_path):
    """As where the package was installed, and the interpreter runs beside its sources."""
    last = import_without_kernels(tmp_path)
    assert last.startswith(
        f"ImportError: nonlin is imported from {tmp_path / 'nonlin'}, which holds"
    )


def test_a_free_threaded_python_gets_a_sentence(tmp_path):
    """Which has no kernels either, since it loads no module of the limited API."""
    free = "import sysconfig; sysconfig.get_config_vars()['Py_GIL_DISABLED'] = 1; "
    last = import_without_kernels(tmp_path, free)
    assert last.startswith("ImportError: nonlin needs the interpreter's lock")


SUBINTERPRETER = """
try:
    import _interpreters as interpreters
    run = interpreters.exec
except ImportError:
    import _xxsubinterpreters as interpreters
    run = interpreters.run_string
run(interpreters.create(), "try:\\n import nonlin\\nexcept ImportError as error: print(error)")
"""


def test_what_is_exported_is_there_and_listed():
    assert set(nl.__all__) <= set(dir(nl))
    for name in nl.__all__:
        assert getattr(nl, name) is not None


def test_rooms_that_need_an_extra_come_when_asked_for():
    assert nl.study.claims.ids()
    assert callable(nl.torch.initialize_)


def test_names_are_exported():
    for name in nl.names():
        assert getattr(nl, name) == nl.get(name)
        assert name in nl.__all__


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    directory = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation",
        "--wheel-dir", str(directory), str(ROOT),
    ]  # fmt: skip
    # meson and ninja lie beside the interpreter, whether or not its environment is activated.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    subprocess.run(command, check=True, capture_output=True, env=os.environ | {"PATH": path})
    return next(directory.glob("*.whl"))


# The sentence is ours, or of a Python that asks before it loads a module. One that the main
# interpreter has is not initialized again in every case.
@pytest.mark.parametrize("before", ["", "import nonlin"])
def test_a_subinterpreter_gets_a_sentence(before, wheel, tmp_path, monkeypatch):
    zipfile.ZipFile(wheel).extractall(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    # An editable installation looks whether to build anew, which such an interpreter may not.
    monkeypatch.setenv("MESONPY_EDITABLE_SKIP", str(ROOT / "build" / sys.implementation.cache_tag))
    assert run(before + SUBINTERPRETER).strip() in (
        "nonlin works in Python's main interpreter alone, as NumPy does",
        "module nonlin.ufuncs does not support loading in subinterpreters",
    )


def test_wheel_runs_by_itself_with_numpy(wheel, tmp_path):
    assert wheel.stat().st_size < 3_000_000
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
        names = archive.namelist()
    for needed in ("nonlin/messages/ko.json", "nonlin/py.typed", "nonlin/report/page.html"):
        assert needed in names
    assert not [name for name in names if "__pycache__" in name]
    lessons = sorted((ROOT / "nonlin" / "tutorial").glob("??/*.md"))
    assert {str(lesson.relative_to(ROOT)) for lesson in lessons} <= set(names)
    assert len(lessons) == 16
    numpy_home = str(Path(np.__file__).parents[1])
    out = run(
        f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {numpy_home!r}]\n"
        "import nonlin; print(nonlin.__file__, nonlin.elu(-1.0))",
        "-S",
    )
    assert str(tmp_path) in out
    assert "-0.632" in out
