"""What mends a model, tried before it is told."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from torch import nn

from nonlin.messages import language
from nonlin.messages.encoding import fitting, spoken_by
from nonlin.torch import wording
from nonlin.torch.exam import Case, Exam
from nonlin.torch.finding import Finding
from nonlin.torch.mending.change import Change
from nonlin.torch.mending.plan import changes
from nonlin.torch.mending.trial import copied, examined, trained

STEPS = 30

Outcome = Literal["cured", "better", "failed", "untried"]
GOOD: dict[Outcome, int] = {"cured": 0, "better": 1, "untried": 2, "failed": 3}


@dataclass(frozen=True)
class Remedy:
    """A change, and what it did to a copy of the model.

    Attributes
    ----------
    finding : Finding
        What it is for.
    key : str
        Of its sentence; `fields` are the names and numbers in it.
    code : str
        The lines that do it.
    before, after : tuple of Finding
        Of the model, and of the copy; `after` is empty too where it was not tried.
    outcome : str
        "cured": the finding and what followed from it are gone. "better": weaker, or fewer units.
        "failed". "untried": only the user's own code can do it.
    losses : (float, float) or None
        Of a copy without and with it after `steps` steps on the batch.
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
    _act: Callable[[Case], Case] | None = field(default=None, repr=False, compare=False)
    _case: Case | None = field(default=None, repr=False, compare=False)

    @property
    def what(self) -> str:
        """What it does, in the locale's language."""
        return self.describe()

    def describe(self, lang: str | None = None) -> str:
        """Say what it does, in a language."""
        return wording.remedy(self.key, lang, **self.fields)

    def result(self, lang: str | None = None) -> str:
        """Say what came of it."""
        said = wording.remedy(f"outcome.{self.outcome}", lang)
        if self.losses is None or not all(map(math.isfinite, self.losses)):
            return said
        before, after = self.losses
        more = wording.remedy("trained", lang, steps=self.steps, before=before, after=after)
        return f"{said} {more}"

    def __str__(self) -> str:
        """Write what it does, what came of it, and the code."""
        lang = spoken_by(language())
        lines = "\n".join(f"    {line}" for line in self.code.splitlines())
        return fitting(f"{self.describe(lang)}\n  {self.result(lang)}\n{lines}")

    def apply(self, model: nn.Module) -> nn.Module:
        """Do it to a model: in place, and to the optimizer that was examined with it.

        Parameters
        ----------
        model : nn.Module

        Returns
        -------
        nn.Module
            The model; a new one around it where the change goes before it.

        Raises
        ------
        ValueError
            If only the user's own code can do it.
        """
        return self.apply_to(self._given(model)).model

    def apply_to(self, case: Case) -> Case:
        """Do it to a case: the model, the optimizer, the inputs, the targets or the loss."""
        if self._act is None:
            raise ValueError(f"{self.key}: this changes code and no module; see .code")
        return self._act(case)

    def _given(self, model: nn.Module) -> Case:
        from dataclasses import replace

        assert self._case is not None
        return replace(self._case, model=model)


def remedies(exam: Exam, steps: int = STEPS) -> tuple[Remedy, ...]:
    """Try what may mend each root finding of an examination.

    Every change is made to a copy, which is examined again and, beside a copy without the change,
    trained for some steps on the batch that was examined.

    Parameters
    ----------
    exam : Exam
        Of a model, not of a file.
    steps : int
        Of each training; 0 for none.

    Returns
    -------
    tuple of Remedy
        In the order of the findings; those that worked before the others.

    Raises
    ------
    ValueError
        If the examination was read from a file.
    """
    if exam.case is None:
        raise ValueError("remedies need the model: examine it again, this examination is a file's")
    roots = [x for x in exam.findings if x.is_root and x.severity != "note"]
    without = trained(exam.case, steps) if roots and steps else math.nan
    found: list[Remedy] = []
    for root in roots:
        tried = [_try(change, root, exam, exam.case, without, steps)
                 for change in changes(root, exam, exam.case)]  # fmt: skip
        found += sorted(tried, key=_rank)
    return tuple(_distinct(found))


def _rank(remedy: Remedy) -> tuple[int, float]:
    loss = math.inf if remedy.losses is None else remedy.losses[1]
    hurts = remedy.losses is not None and not loss <= remedy.losses[0]
    return GOOD[remedy.outcome] + hurts, 0.0


def _try(
    change: Change, root: Finding, exam: Exam, case: Case, without: float, steps: int
) -> Remedy:
    made = Remedy(
        root, change.key, change.code, exam.findings, (), "untried", None, steps, change.fields,
        change.act, case,
    )  # fmt: skip
    if change.act is None:
        return made
    changed = change.act(copied(case))
    after = examined(changed)
    losses = (without, trained(changed, steps)) if steps else None
    from dataclasses import replace

    return replace(made, after=after, outcome=_outcome(root, exam.findings, after), losses=losses)


def _outcome(root: Finding, before: tuple[Finding, ...], after: tuple[Finding, ...]) -> Outcome:
    left = [x for x in after if x.kind == root.kind and x.severity != "note"]
    worse = [x for x in after if x.severity == "error"
             and not any(y.kind == x.kind for y in before)]  # fmt: skip
    if not left and not worse:
        return "cured"
    units = sum(len(x.units) for x in before if x.kind == root.kind)
    fewer = sum(len(x.units) for x in left) < units
    count = sum(x.kind == root.kind and x.severity != "note" for x in before)
    return "better" if (fewer or len(left) < count) and not worse else "failed"


def _distinct(found: list[Remedy]) -> list[Remedy]:
    seen: set[str] = set()
    kept = []
    for remedy in found:
        if remedy.code not in seen:
            seen.add(remedy.code)
            kept.append(remedy)
    return kept
