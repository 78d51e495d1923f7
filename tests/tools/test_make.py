"""What `make test` runs, without running it."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_the_kernels_are_tested_with_every_instruction_set():
    command = ["make", "--dry-run", "--always-make", "test"]
    lines = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    loop = lines[lines.index("for set in v2 v3") : lines.index("done;")]
    assert "NONLIN_INSTRUCTION_SET=$set" in loop
    for tests in ("tests/kernels", "tests/test_threads.py"):
        assert tests in loop
    assert lines.index("done;") < lines.rindex("pytest -n 2")
