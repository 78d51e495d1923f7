"""Build the extension in a folder of its own and run Python with it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOADER = ROOT / "tools/portability/loader"
# What the editable installation builds.
INSTALLED = ROOT / "build" / str(sys.implementation.cache_tag)


def build(folder: Path, *options: str, compiler: str | None = None) -> None:
    """Configure `folder` with meson's `options`, unless that has been done, and build it."""
    programs = Path(sys.executable).parent
    environment = os.environ | {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    if compiler is not None:
        environment["CXX"] = compiler
    commands = [["ninja", "-C", str(folder)]]
    if not (folder / "build.ninja").exists():
        commands.insert(0, ["meson", "setup", str(folder), str(ROOT), *options])
    for command in commands:
        run = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
        if run.returncode:
            raise SystemExit(run.stdout + run.stderr)


def compiler_of(folder: Path) -> str:
    """The compiler's name and version, as meson found them."""
    found = json.loads((folder / "meson-info/intro-compilers.json").read_text(encoding="utf-8"))
    compiler = found["host"]["cpp"]
    names = {"gcc": "GCC", "clang": "Clang"}
    return f"{names.get(compiler['id'], compiler['id'])} {compiler['version']}"


def extension(folder: Path) -> Path:
    """The compiled module in a build's folder."""
    (found,) = (path for path in folder.glob("ufuncs.*") if path.is_file())
    return found


def python(
    folder: Path, arguments: Sequence[str], launcher: Sequence[str] = (), **variables: str
) -> None:
    """Run Python with the kernels of a build; leave with its status if it fails."""
    environment = os.environ | {"NONLIN_KERNELS": str(extension(folder)), **variables}
    environment["PYTHONPATH"] = os.pathsep.join(
        path for path in (str(LOADER), os.environ.get("PYTHONPATH")) if path
    )
    command = [*launcher, sys.executable, *arguments]
    run = subprocess.run(command, check=False, cwd=ROOT, env=environment)
    if run.returncode:
        raise SystemExit(run.returncode)
