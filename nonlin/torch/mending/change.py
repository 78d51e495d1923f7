"""One change of a model, its optimizer, its inputs or its loss."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from nonlin.torch.exam import Case


@dataclass(frozen=True)
class Change:
    """What is done, and how.

    Attributes
    ----------
    key : str
        Of its sentence.
    code : str
        The lines that do it.
    act : callable or None
        Takes a case, changes its model or optimizer in place, and returns the case, with another
        model, inputs, targets or loss where it must be; None where only the user's code can do it.
    fields : mapping
        The names and numbers in its sentence.
    """

    key: str
    code: str
    act: Callable[[Case], Case] | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
