"""The document's claims, each measured on real networks and real data.

What was measured can be read without PyTorch; `run`, which measures, brings it in.
"""

from typing import TYPE_CHECKING, Any

from nonlin.study import claims
from nonlin.study.results import Number, Outcome, Results, load, save

if TYPE_CHECKING:
    from nonlin.study.runner import Progress, SettingsMismatchError, run

__all__ = [
    "Number",
    "Outcome",
    "Progress",
    "Results",
    "SettingsMismatchError",
    "claims",
    "load",
    "run",
    "save",
]


def __getattr__(name: str) -> Any:
    if name in ("Progress", "SettingsMismatchError", "run"):
        from nonlin.study import runner

        return getattr(runner, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
