"""What it costs to have the library: the time of its import, the size of its wheel."""

from __future__ import annotations

import compileall
import os
import subprocess
import sys
import zipfile
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from speed.summary import spread

ROOT = Path(__file__).resolve().parents[2]

# Site's own start is left out (-S): an editable installation would look for changed sources first.
PROGRAM = """
import sys, time
sys.path[:0] = sys.argv[1:]
import numpy
start = time.perf_counter()
import nonlin
print(time.perf_counter() - start)
"""


def start(repeats: int) -> dict[str, Any]:
    """Build a wheel, weigh it, and import it in fresh processes."""
    with TemporaryDirectory() as folder:
        wheel = _wheel(Path(folder))
        unpacked = Path(folder, "unpacked")
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(unpacked)
        compileall.compile_dir(unpacked, quiet=1)  # as an installation does
        imports = [_import_seconds(unpacked) for _ in range(repeats + 1)][1:]
        return {
            "wheel_mb": round(wheel.stat().st_size / 1e6, 3),
            "import_ms": asdict(spread([1e3 * seconds for seconds in imports])),
            "imports": repeats,
        }


def _wheel(folder: Path) -> Path:
    tools = {"PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder)]
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", *options]
    subprocess.run([*command, str(ROOT)], check=True, env=os.environ | tools)
    return next(folder.glob("*.whl"))


def _import_seconds(unpacked: Path) -> float:
    paths = [str(unpacked), str(Path(np.__file__).parents[1])]
    command = [sys.executable, "-S", "-c", PROGRAM, *paths]
    outside = unpacked.parent  # where no folder of the sources is in the way
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=outside)
    return float(done.stdout)
