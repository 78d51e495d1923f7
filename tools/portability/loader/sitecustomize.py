"""On PYTHONPATH this makes Python load the kernels in the file that NONLIN_KERNELS names.

So every test runs on another build than the installed one, its subprocesses too.
"""

import os
import sys
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location


class Kernels:
    """Finds nonlin.ufuncs, sooner than whoever finds the rest of the package."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """The module's specification, if it is the one."""
        if name != "nonlin.ufuncs":
            return None
        return spec_from_file_location(name, os.environ["NONLIN_KERNELS"])


if "NONLIN_KERNELS" in os.environ:
    sys.meta_path.insert(0, Kernels)
