"""What a study ran on, without anything that names the machine."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

import torch

from nonlin.activation import instruction_set

_PACKAGES = ("nonlin", "numpy", "scipy", "sympy", "scikit-learn", "torch")


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _processor() -> str | None:
    """The processor's model, as the system names it: what a time depends on."""
    if platform.system() == "Darwin":
        line = ["sysctl", "-n", "machdep.cpu.brand_string"]
        return subprocess.run(line, capture_output=True, text=True).stdout.strip() or None
    cpuinfo = Path("/proc/cpuinfo")
    if not cpuinfo.is_file():
        return platform.processor() or None
    found = re.search(r"^model name\s*:\s*(.+)$", cpuinfo.read_text("utf-8"), re.MULTILINE)
    return found[1].strip() if found else None


def cores() -> int:
    """How many logical processors this process may use."""
    usable = getattr(os, "sched_getaffinity", None)
    return len(usable(0)) if usable else os.cpu_count() or 1


def environment(threads: int) -> dict[str, Any]:
    """Versions, processor, cores, instruction set, dtype and threads: no host name, no path."""
    return {
        "python": platform.python_version(),
        "system": platform.system(),
        "machine": platform.machine(),
        "processor": _processor(),
        "cores": cores(),
        "versions": {package: _version(package) for package in _PACKAGES},
        "instruction_set": instruction_set(),
        "torch_instruction_set": torch.backends.cpu.get_cpu_capability(),
        "dtype": "float32",
        "threads": threads,
    }
