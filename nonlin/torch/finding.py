"""A trouble that was found, with its proof."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from nonlin.above import ask

Kind = Literal[
    "dead_units",
    "dying_units",
    "saturated_units",
    "vanishing_gradients",
    "exploding_gradients",
    "exploding_signal",
    "bad_initialization",
    "stuck_layer",
    "learning_rate",
    "weight_decay",
    "dropout",
    "unscaled_inputs",
    "linear_stack",
    "doubled_activation",
    "hidden_softmax",
    "output_mismatch",
    "mixed_samples",
    "flat_loss",
    "non_finite",
    "silent_gate",
    "collapsed_attention",
    "idle_experts",
    "outlying_channels",
]
Severity = Literal["error", "warning", "note"]

RANK: Mapping[str, int] = {"note": 0, "warning": 1, "error": 2}


@dataclass(frozen=True, slots=True, repr=False)
class Finding:
    """One trouble at one place; `str` says it in a sentence, in the language of the locale.

    Attributes
    ----------
    kind : str
        What it is; see `nonlin.torch.findings`.
    site : str
        The site or layer where it is, or "optimizer".
    severity : str
        "error": training is hurt. "warning": it will be, or a part of it is. "note": worth knowing.
    units : tuple of int
        Which units, where it is about units.
    evidence : mapping of str to float or str
        The numbers it rests on, by name; its sentence is made of them.
    cause : str
        A key of the sentences that say why: "learning_rate", "bias", "weight_variance", ...
    caused_by : str or None
        The site of the trouble that this one follows from; None for a root.
    """

    kind: Kind
    site: str
    severity: Severity
    units: tuple[int, ...] = ()
    evidence: Mapping[str, Any] = field(default_factory=dict)
    cause: str = ""
    caused_by: str | None = None

    @property
    def is_root(self) -> bool:
        """Whether no other finding explains it."""
        return self.caused_by is None

    def __str__(self) -> str:
        written: str = ask("text", self)
        return written

    def __repr__(self) -> str:
        return f"<Finding: {self}>"


def rank(severity: str) -> int:
    """Order severities; one that this version does not know comes before the notes."""
    return RANK.get(severity, -1)


def worst(findings: Sequence[Finding]) -> Finding:
    """Give the most severe one, the first of those that are equally severe."""
    return max(findings, key=lambda each: rank(each.severity))
