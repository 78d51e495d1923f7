"""Under which settings the study is measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nonlin.study.runner import BLOCKS, LEAST_SEEDS

__all__ = ["OTHER", "SETTINGS", "Setting"]

# As many seeds as a claim can take: with these passed over, none is shared.
SEEDS = BLOCKS * LEAST_SEEDS


@dataclass(frozen=True)
class Setting:
    """One way to measure the study.

    Attributes
    ----------
    name : str
        Its folder, and the sentence ``setting.<name>``.
    environment : mapping
        Variables of its process.
    skip : int
        How many seeds are passed over.
    """

    name: str
    environment: Mapping[str, str] = field(default_factory=dict)
    skip: int = 0


# The setting whose results file lies in the repository, beside that of the published study.
OTHER = "narrow"
SETTINGS = (
    Setting("default"),
    # Another rounding everywhere, as on another machine: the narrowest instruction sets.
    Setting(OTHER, {"ATEN_CPU_CAPABILITY": "default", "NONLIN_INSTRUCTION_SET": "v2"}),
    Setting("second", skip=SEEDS),
    Setting("third", skip=2 * SEEDS),
)
