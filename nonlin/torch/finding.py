"""A trouble that was found, with its proof."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal[
    "dead_units",
    "dying_units",
    "saturated_units",
    "vanishing_gradients",
    "exploding_gradients",
    "bad_initialization",
    "stuck_layer",
    "unscaled_inputs",
    "linear_stack",
    "doubled_activation",
    "output_mismatch",
    "non_finite",
]
Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One trouble at one place.

    Attributes
    ----------
    kind : str
        What it is; see `nonlin.torch.verdicts`.
    site : str
        The site or layer where it is.
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
