"""What mends a model, tried before it is told."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from torch import nn

from nonlin.messages import language, text
from nonlin.messages.encoding import fitting, spoken_by
from nonlin.torch import wording
from nonlin.torch.exam import Case, Exam
from nonlin.torch.finding import Finding
from nonlin.torch.measuring.batches import Batch
from nonlin.torch.measuring.isolation import devices
from nonlin.torch.measuring.keeping import random_states_kept
from nonlin.torch.measuring.subject import unwrapped
from nonlin.torch.mending import progress, trial
from nonlin.torch.mending.change import Change
from nonlin.torch.mending.copies import copied
from nonlin.torch.mending.modules import first_batch
from nonlin.torch.mending.plan import Patient, changes

STEPS = 30

Outcome = Literal["cured", "better", "failed", "untried"]

# What a remedy did, the best first. A change that did worse than none stands behind those that
# could not be tried.
ORDER = ("cured", "better", "code", "learnt", "stays", "new_error", "raised", "worse")


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
        "cured": the finding is gone, no new error has come, and after the training the loss of the
        copy is no worse than without. "better": weaker, or fewer units, and the loss no worse.
        "failed". "untried": only the user's own code can do it, or the model has learnt and would
        lose that.
    losses : (float, float) or None
        Of a copy without and with it after `steps` steps on the batch, by the loss and the targets
        that are used with it.
    why : str
        What the outcome rests on: "cured", "better"; of those that failed "stays", "new_error",
        "worse", "raised"; of the untried "code", "learnt".
    where : tuple of str
        The lines of the user's code that are to change, as "net.py:12".
    error : str
        What was raised in the trial.
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
            said.append(
                wording.remedy("trained", lang, steps=self.steps, before=before, after=after)
            )
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
    """Remedies in a row; at a prompt they show themselves, in the language of the locale."""

    __slots__ = ()

    def __str__(self) -> str:
        if not self:
            return text("doctor_command.no_remedy", language())
        return "\n\n".join(map(str, self))

    def __repr__(self) -> str:
        return str(self)


def remedies(exam: Exam, steps: int = STEPS) -> Remedies:
    """Try what may mend each root finding of an examination.

    Every change is made to a copy, which is examined again and, beside a copy without the change,
    trained for some steps on the first batch that was examined. Nothing of the model is changed. At
    a terminal a bar shows the trials; interrupted (Ctrl-C), what is known by then is returned.

    Parameters
    ----------
    exam : Exam
        Of a model, not of a file.
    steps : int
        Of each training; 0 for none.

    Returns
    -------
    Remedies
        A tuple of them: the best first, those alike in the order of the findings. What did worse
        than no change comes last, and is left out where it would be the first.

    Raises
    ------
    ValueError
        If the examination was read from a file, or its batches cannot be gone through again.
    """
    if exam.case is None:
        raise ValueError("remedies need the model: examine it again, this examination is a file's")
    roots = [x for x in exam.findings if x.is_root and x.severity != "note"]
    if not roots:
        return Remedies()
    with random_states_kept(devices(unwrapped(exam.case.model)[0])):
        found = sorted(_tried(exam, exam.case, roots, steps), key=_rank)
    return Remedies(() if found and found[0].why == "worse" else found)


def _rank(remedy: Remedy) -> int:
    return ORDER.index(remedy.why)


def _tried(exam: Exam, case: Case, roots: Sequence[Finding], steps: int) -> list[Remedy]:
    """Try every change once; what is done by the time of an interruption counts."""
    found: list[Remedy] = []
    try:
        batch = first_batch(case)
        planned = _planned(exam, case, roots)
        bench = _Bench(exam, case, batch, steps)
        with progress.shown(len(planned)) as show:
            for done, (root, change) in enumerate(planned):
                show(done, wording.remedy(change.key, **change.fields))
                found.append(bench.remedy(root, change))
    except KeyboardInterrupt:
        pass
    return found


def _planned(exam: Exam, case: Case, roots: Sequence[Finding]) -> list[tuple[Finding, Change]]:
    """List the changes that differ, each with the first finding that it is for."""
    patient = Patient(exam, copied(case))
    planned: dict[str, tuple[Finding, Change]] = {}
    for root in roots:
        try:
            for change in changes(root, patient):
                planned.setdefault(change.code, (root, change))
        except Exception as error:  # whatever it raises: the other findings have their remedies
            lines = f"raise RuntimeError({_said(error)!r})"
            planned.setdefault(lines, (root, Change("no_change", lines)))
    return list(planned.values())


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


class _Bench:
    """Where changes are tried, beside a copy that is trained without any.

    Parameters
    ----------
    exam : Exam
    case : Case
    batch : Batch
        That is trained on.
    steps : int
    """

    def __init__(self, exam: Exam, case: Case, batch: Batch, steps: int) -> None:
        self.exam, self.case, self.batch, self.steps = exam, case, batch, steps
        self._own: trial.Training | None = None

    def remedy(self, root: Finding, change: Change) -> Remedy:
        """Try a change, and say what came of it."""
        made = Remedy(
            root, change.key, change.code, self.exam.findings, (), "untried", None, self.steps,
            change.fields, change.obstacle, change.where, "", change, self.exam,
        )  # fmt: skip
        if change.obstacle:
            return made
        try:
            changed = change.made(copied(self.case), self.exam)
            after = trial.examined(changed, rates=root.kind == "learning_rate")
            made, worse = self._compared(made, changed)
        except Exception as error:  # whatever it raises: the other changes are tried
            return replace(made, outcome="failed", why="raised", error=_said(error))
        why = _judged(root, self.exam.findings, after, worse)
        if root.kind == "non_finite" and made.losses and not math.isfinite(made.losses[1]):
            # It comes again in the training.
            why = "stays"
        outcome: Outcome = "cured" if why == "cured" else "better" if why == "better" else "failed"
        return replace(made, after=after, outcome=outcome, why=why)

    def _compared(self, made: Remedy, changed: Case) -> tuple[Remedy, bool]:
        """Train with and without a change, and tell whether it is worse with it."""
        if not self.steps:
            return made, False
        if self._own is None:
            self._own = trial.Training(copied(self.case), self.batch)
        steps, *losses, worse = trial.beside(self._own, self.case, changed, self.steps)
        return replace(made, steps=steps, losses=(losses[0], losses[1])), bool(worse)


def _judged(root: Finding, before: Sequence[Finding], after: Sequence[Finding], worse: bool) -> str:
    """Say what a trial showed; see `Remedy.why`."""
    errors = [Counter(x.kind for x in found if x.severity == "error") for found in (before, after)]
    left = [x for x in after if x.kind == root.kind and x.severity != "note"]
    same = [x for x in before if x.kind == root.kind and x.severity != "note"]
    fewer = sum(len(x.units) for x in left) < sum(len(x.units) for x in same)
    if worse:
        return "worse"
    if errors[1] - errors[0]:
        return "new_error"
    if not left:
        return "cured"
    return "better" if fewer or len(left) < len(same) else "stays"
