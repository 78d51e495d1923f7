"""Makes the ufuncs take bfloat16, a dtype that the package ml_dtypes adds to NumPy.

Whoever holds such an array has imported ml_dtypes, so the first array that comes tells NumPy's
class of the dtype, and `import nonlin` need not look for the package.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nonlin import ufuncs

# NumPy numbers the dtypes that other packages add from here on.
_FIRST_ADDED = 256


def is_bfloat16(dtype: np.dtype[Any]) -> bool:
    """Say whether `dtype` is the bfloat16 of ml_dtypes."""
    return dtype.num >= _FIRST_ADDED and dtype.name == "bfloat16"


def learn(x: Any) -> None:
    """Register bfloat16 with every ufunc, if that is what `x` is an array of."""
    dtype = getattr(x, "dtype", None)
    if isinstance(dtype, np.dtype) and is_bfloat16(dtype):
        ufuncs._register_bfloat16(dtype)
