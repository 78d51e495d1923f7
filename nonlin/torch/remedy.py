"""A change, and what it did to a copy of the model."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from torch import nn

from nonlin.messages import language, text
from nonlin.messages.encoding import fitting, spoken_by
from nonlin.torch import wording
from nonlin.torch.case import Case
from nonlin.torch.exam import Exam
from nonlin.torch.finding import Finding
from nonlin.torch.measuring.subject import unwrapped
from nonlin.torch.mending.change import Change

Outcome = Literal["cured", "better", "failed", "untried"]


@dataclass(frozen=True, repr=False)
class Remedy:
    """A change, and what it did to a copy of the model.

    Attributes
    ----------
    finding : Finding
        What it is for.
    key : str
        Of its sentence; `fields` are the names and numbers in it.
    code : str
        The lines that do it, which are the lines that `apply` executes: Python that takes and sets
        `model`, `inputs`, `targets`, `loss_fn` and `optimizer`, with `exam`, `torch` and `nn` at
        hand.
    before, after : tuple of Finding
        Of the model, and of the copy; `after` is empty too where it was not tried.
    outcome : str
        "cured": the finding is gone, no new error has come, and the loss of the copy is no worse
        than without. "better": the finding is weaker, or in fewer units, and the loss no worse; or
        it stays, and the loss is lower by more than chance. "failed". "untried": only the user's
        own code can do it, or the model has learnt and would lose that.
    losses : (float, float) or None
        The lowest that a copy without and one with it reached in `steps` steps, by the loss and the
        targets that are used with it, on samples that were held out of the training.
    why : str
        What the outcome rests on: "cured", "not_better" (cured, but it learns no better with it),
        "better", "learns" (better, though the finding stays); of those that failed "stays",
        "new_error", "worse", "raised"; of the untried "code", "learnt".
    where : tuple of str
        The lines of the user's code that are to change, as "net.py:12".
    error : str
        What was raised in the trial.
    gain : float or None
        What it saves: of the losses (without - with) / max(|without|, |with|). Where the loss or
        the targets are changed, of what is left of each when what the outputs tell of the targets
        is taken off, which has no scale.
    held_out : bool
        Whether the losses are those of samples that were not trained on; too few samples, or such
        as cannot be parted, are not held out.
    """

    finding: Finding
    key: str
    code: str
    before: tuple[Finding, ...]
    after: tuple[Finding, ...]
    outcome: Outcome
    losses: tuple[float, float] | None = None
    steps: int = 0
    fields: Mapping[str, Any] = field(default_factory=dict)
    why: str = ""
    where: tuple[str, ...] = ()
    error: str = ""
    gain: float | None = None
    held_out: bool = True
    _trained: float = field(default=0.0, repr=False, compare=False)
    _change: Change | None = field(default=None, repr=False, compare=False)
    _exam: Exam | None = field(default=None, repr=False, compare=False)

    @property
    def what(self) -> str:
        """What it does, in the locale's language."""
        return self.describe()

    def describe(self, lang: str | None = None) -> str:
        """Say what it does, in a language."""
        return wording.remedy(self.key, lang, **self.fields)

    def result(self, lang: str | None = None) -> str:
        """Say what came of it."""
        said = [wording.remedy(f"outcome.{self.why or self.outcome}", lang, error=self.error)]
        if self.where:
            said.append(wording.remedy("places", lang, places=", ".join(self.where)))
        if came := self._came(lang):
            said.append(wording.remedy("came", lang, kinds=came))
        if self.losses is not None and all(map(math.isfinite, self.losses)):
            before, after = self.losses
            key = "trained" if self.held_out else "trained_alike"
            fields = {"steps": self.steps, "before": before, "after": after}
            said.append(wording.remedy(key, lang, **fields))
        return " ".join(said)

    def _came(self, lang: str | None) -> str:
        """List the kinds of which there are more than before, and how many."""
        counts = [Counter(x.kind for x in found if x.severity != "note")
                  for found in (self.before, self.after)]  # fmt: skip
        shown = {x.kind: x for x in self.after}
        return ", ".join(
            f"{wording.title(shown[kind], lang)} ({count})"
            for kind, count in (counts[1] - counts[0]).items()
        )

    def __str__(self) -> str:
        """Write what it does, what came of it, and the code."""
        lang = spoken_by(language())
        lines = "\n".join(f"    {line}".rstrip() for line in self.code.splitlines())
        return fitting(f"{self.describe(lang)}\n  {self.result(lang)}\n{lines}")

    def __repr__(self) -> str:
        return str(self)

    def apply(self, model: nn.Module) -> nn.Module:
        """Do it in place: to a model, and to the optimizer that was examined with it.

        Copy the model before, if you need it as it was. What is changed in the targets or the loss
        is in what `apply_to` returns, and in `code`.

        Parameters
        ----------
        model : nn.Module

        Returns
        -------
        nn.Module
            The same model.

        Raises
        ------
        ValueError
            If only the user's own code can do it.
        """
        assert self._exam is not None
        assert self._exam.case is not None
        self.apply_to(replace(self._exam.case, model=model))
        return model

    def apply_to(self, case: Case) -> Case:
        """Do it to a case: the model and the optimizer in place, the targets or the loss anew.

        Parameters
        ----------
        case : Case

        Returns
        -------
        Case
            With the same model, and with other targets or another loss where these are changed.

        Raises
        ------
        ValueError
            If only the user's own code can do it.
        """
        change, exam = self._change, self._exam
        if change is None or exam is None or change.obstacle:
            raise ValueError(f"{self.key}: this is for you to change in your code; see .code")
        made = change.made(replace(case, model=unwrapped(case.model)[0]), exam)
        return replace(made, model=case.model)


class Remedies(tuple[Remedy, ...]):
    """Remedies in a row; at a prompt they show themselves, in the language of the locale.

    Attributes
    ----------
    left : int
        Changes that were not tried: the time was up, or an interruption came.
    """

    left: int = 0

    def __str__(self) -> str:
        lang = spoken_by(language())
        said = list(map(str, self)) or [text("doctor_command.no_remedy", lang)]
        said += [wording.remedy("left", lang, count=self.left)] if self.left else []
        return fitting("\n\n".join(said))

    def __repr__(self) -> str:
        return str(self)
