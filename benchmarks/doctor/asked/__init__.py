"""Programs in the manner of those that people ask about, each with its faults and repaired.

Every module with `faulty` and `repaired` is one: both take a seed and return a `Program`. FAULTS
lists what is wrong, the worst first. The code is written for this benchmark, from the descriptions
of questions that its docstring names; the thresholds of the doctor were not set on it.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from types import ModuleType

from doctor.asked.program import Fault, Program

NO_PROGRAM = ("__main__", "outcomes", "program", "samples")

__all__ = ["Fault", "Program", "modules"]


def modules() -> dict[str, ModuleType]:
    """Find the programs in this folder, by name."""
    found = {
        name: import_module(f"{__name__}.{name}")
        for _, name, _ in pkgutil.iter_modules(__path__)
        if name not in NO_PROGRAM
    }
    return {name: x for name, x in sorted(found.items()) if hasattr(x, "faulty")}
