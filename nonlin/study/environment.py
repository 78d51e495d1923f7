"""What a study ran on, without anything that names the machine."""

from __future__ import annotations

import platform
from typing import Any

import torch

from nonlin.activation import instruction_set
from nonlin.installation import cores, processor, version_of

_PACKAGES = ("nonlin", "numpy", "scipy", "sympy", "scikit-learn", "torch")


def environment(threads: int) -> dict[str, Any]:
    """Versions, processor, cores, instruction set, dtype and threads: no host name, no path."""
    return {
        "python": platform.python_version(),
        "system": platform.system(),
        "machine": platform.machine(),
        "processor": processor(),
        "cores": cores(),
        "versions": {package: version_of(package) for package in _PACKAGES},
        "instruction_set": instruction_set(),
        "torch_instruction_set": torch.backends.cpu.get_cpu_capability(),
        "dtype": "float32",
        "threads": threads,
    }
