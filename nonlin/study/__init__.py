"""The document's claims, each measured on real networks and real data."""

from nonlin.study import claims
from nonlin.study.results import Number, Outcome, Results, load, save
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
