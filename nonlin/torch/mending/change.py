"""One change of a model, its optimizer, its targets or its loss: the lines that do it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import torch

from nonlin.torch.case import Case

if TYPE_CHECKING:
    from nonlin.torch.exam import Exam

# Why lines are not executed: they are the user's to write; or they would undo a training.
Obstacle = Literal["", "code", "learnt"]

CHANGED = ("model", "inputs", "targets", "loss_fn", "optimizer")


@dataclass(frozen=True)
class Change:
    """What is done: the lines that are shown are the lines that are executed.

    Attributes
    ----------
    key : str
        Of its sentence.
    code : str
        Python that takes and sets `model`, `inputs`, `targets`, `loss_fn` and `optimizer`, and may
        use `activations`, `exam`, `torch` and `nn`.
    fields : mapping
        The names and numbers in its sentence.
    obstacle : str
        Why the code is not to be executed; "" where it is.
    where : tuple of str
        The lines of the user's code that are to change, "net.py:12".
    """

    key: str
    code: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    obstacle: Obstacle = ""
    where: tuple[str, ...] = ()

    @property
    def identity(self) -> tuple[object, ...]:
        """What it is without its numbers: what it does, and where."""
        places = (x for x in self.fields.items() if not isinstance(x[1], float | int))
        return (self.key, *places, *self.where)

    def of(self, case: Case) -> Case:
        """Execute code that names no exam."""
        return self.made(case, None)

    def made(self, case: Case, exam: Exam | None) -> Case:
        """Execute the code: the model and the optimizer are changed in place."""
        names = {name: getattr(case, name) for name in CHANGED}
        names |= {"activations": case.activations, "exam": exam, "torch": torch, "nn": torch.nn}
        exec(compile(self.code, f"<{self.key}>", "exec"), names)
        return replace(case, **{name: names[name] for name in CHANGED})
