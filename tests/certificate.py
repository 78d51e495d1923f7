"""The certificate's measure (tools/certify) for tests: 2^22 inputs of a function in a moment."""

import platform
import shutil
import sys
from pathlib import Path

import pytest

if platform.machine() != "x86_64" or not shutil.which("g++"):
    pytest.skip("the references need g++ and x86-64's long double", allow_module_level=True)

sys.path.append(str(Path(__file__).parents[1] / "tools"))

from certify.chunk import add
from certify.functions import Certified, certified
from certify.inputs import sample
from certify.library import Tally

__all__ = ["Certified", "certified", "tally"]


def tally(function: Certified, kind: str, dtype: str = "float32", x=None) -> Tally:
    """Measure the value or derivative of one of `certified()`.

    Without x, every 1024th float32 number (or 125,000 samples of float64). Of the result,
    `largest` is the largest error in ULP, `where` its input, `wrong_specials` the number of results
    that are infinite or NaN where they should not be, or should be and are not.
    """
    found = Tally()
    x = sample(dtype) if x is None else x
    add(found, function, kind, x, function.call(kind)(x))
    return found
