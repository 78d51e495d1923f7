"""Faults that are planted: each is a function that changes a healthy program.

It gives what should be found, or None where the architecture has no place for it.
"""

import importlib
import pkgutil

from doctor.faults.fault import FAULTS, Fault, Truth

for _found in pkgutil.iter_modules(__path__, f"{__name__}."):
    importlib.import_module(_found.name)

__all__ = ["FAULTS", "Fault", "Truth"]
