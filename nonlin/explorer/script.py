"""The drawing library, as the plotly package brings it."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from nonlin.extras import missing_package

__all__ = ["plotly_script"]


@cache
def plotly_script() -> Path:
    """Find plotly.min.js without importing the package, which takes a second.

    Raises
    ------
    ImportError
        If plotly is not installed.

    Examples
    --------
    >>> plotly_script().name
    'plotly.min.js'
    """
    found = find_spec("plotly")
    if found is None or found.origin is None:
        raise ModuleNotFoundError(missing_package("plotly"), name="plotly")
    return Path(found.origin).parent / "package_data" / "plotly.min.js"
