"""What a study ran on, without anything that names the machine."""

from __future__ import annotations

import platform
from importlib import metadata
from typing import Any

import torch

from nonlin.activation import instruction_set

_PACKAGES = ("nonlin", "numpy", "scipy", "sympy", "scikit-learn", "torch")


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def environment(threads: int) -> dict[str, Any]:
    """Versions, processor family, instruction set, dtype and threads: no host name, no path."""
    return {
        "python": platform.python_version(),
        "system": platform.system(),
        "machine": platform.machine(),
        "versions": {package: _version(package) for package in _PACKAGES},
        "instruction_set": instruction_set(),
        "torch_instruction_set": torch.backends.cpu.get_cpu_capability(),
        "dtype": "float32",
        "threads": threads,
    }
