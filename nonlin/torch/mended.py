"""A copy of a model after all that helps was done to it, one change after the other."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from torch import nn

from nonlin.messages import language
from nonlin.messages.encoding import fitting, spoken_by
from nonlin.torch import wording
from nonlin.torch.case import Case
from nonlin.torch.exam import STEPS, Exam
from nonlin.torch.measuring.isolation import devices, random_states_kept
from nonlin.torch.measuring.subject import unwrapped
from nonlin.torch.mending.bench import Bench, examined, rescales
from nonlin.torch.mending.copies import copied
from nonlin.torch.mending.progress import Deadline, OutOfTimeError
from nonlin.torch.places import Places
from nonlin.torch.remedies import roots, tried
from nonlin.torch.remedy import Remedies, Remedy

Why = Literal["healthy", "mended", "better", "no_remedy", "stopped"]

# What finds, of the copy as it is by then, the units that the lines behind it name.
ANEW = """from nonlin.torch import examine

torch.manual_seed(0)
exam = examine(model, inputs, targets, loss_fn, optimizer=optimizer, activations=activations)"""


@dataclass(frozen=True, eq=False, repr=False)
class Mended:
    """What `Exam.mend` did; at a prompt it shows itself, in the language of the locale.

    Attributes
    ----------
    case : Case
        The copy, with the targets, the loss and the optimizer that go with it. It was not trained.
    remedies : Remedies
        What was done, in this order; each was tried on what those before it had made.
    before, after : Exam
        Of the model, and of the copy.
    losses : (float, float) or None
        The lowest that the model and the copy reach in `steps` steps of training: see `Remedy`.
    steps : int
    held_out : bool
        Whether the losses are those of samples that were not trained on.
    why : str
        Why it ends here. "healthy": there was nothing to mend. "mended": nothing but notes is left.
        "better": of what is left no change helps. "no_remedy": none helps at all. "stopped": the
        time was up, or an interruption came.
    """

    case: Case
    remedies: Remedies
    before: Exam
    after: Exam
    losses: tuple[float, float] | None
    steps: int
    held_out: bool
    why: Why

    @property
    def model(self) -> nn.Module:
        """The mended copy."""
        return self.case.model

    @property
    def code(self) -> str:
        """The lines of all changes in order, which do to the model what was done to the copy.

        They take and set `model`, `inputs`, `targets`, `loss_fn` and `optimizer`, and take
        `activations` and `exam`, the examination that was mended, with `torch` and `nn` at hand.
        """
        return "\n\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        for place, remedy in enumerate(self.remedies):
            if place and "exam." in remedy.code:
                yield ANEW
            yield remedy.code

    def describe(self, lang: str | None = None) -> str:
        """Say what became of the model."""
        said = wording.mended(
            self.why,
            lang,
            model=type(self.case.model).__name__,
            before=len(roots(self.before.findings)),
            after=len(roots(self.after.findings)),
            count=len(self.remedies),
        )
        if self.losses is None or not all(map(math.isfinite, self.losses)):
            return said
        before, after = self.losses
        key = "trained" if self.held_out else "trained_alike"
        return f"{said} " + wording.remedy(key, lang, steps=self.steps, before=before, after=after)

    def __str__(self) -> str:
        return fitting(self.text(spoken_by(language())))

    def text(self, lang: str | None = None) -> str:
        """Write what became of the model, each change, what is left, and all lines."""
        said = [self.describe(lang)]
        for number, remedy in enumerate(self.remedies, 1):
            said += ["", f"{number}. {remedy.describe(lang)}", f"   {remedy.result(lang)}"]
        places = Places.of_reading(self.after.reading)
        left = roots(self.after.findings)
        said += ["", wording.mended("left", lang)] if left else []
        said += [f"- {wording.sentence(x, lang, places.exact(x.site, lang))}" for x in left]
        if self.remedies:
            said += ["", wording.mended("code", lang)]
            said += [f"    {line}".rstrip() for line in self.code.splitlines()]
        return "\n".join(said)

    def __repr__(self) -> str:
        return str(self)


def mend(exam: Exam, steps: int = STEPS, time_limit: float | None = None) -> Mended:
    """Do to a copy what helps most, examine the copy, and go on, until nothing helps.

    Each time the remedies are tried as by `Exam.remedies`, on the copy as it is by then, and the
    best of those that cure or better it is taken, if the copy then learns no worse than the model
    as it was given. No change is made twice.

    Parameters
    ----------
    exam : Exam
        Of a model, not of a file.
    steps : int
        Of each training; 0 for none.
    time_limit : float, optional
        In seconds; what was done by then is returned.

    Returns
    -------
    Mended
        The copy, what was done to it, and the lines that do it to the model, which is as it was.

    Raises
    ------
    ValueError
        If the examination was read from a file, its batches cannot be gone through again, `steps`
        is below 0 or `time_limit` is no number above 0.

    Examples
    --------
    >>> import torch
    >>> from nonlin.torch import examine
    >>> x = torch.randn(256, 8, generator=torch.manual_seed(0))
    >>> net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 4), nn.Softmax(-1))
    >>> with torch.no_grad():
    ...     _ = net[0].bias[:12].fill_(-100.0)
    >>> mended = examine(net, x, x[:, :4].argmax(1), nn.functional.cross_entropy).mend()
    >>> sorted(remedy.key for remedy in mended.remedies)
    ['reinitialize_units', 'remove_output']
    >>> len(mended.before.findings), len(mended.after.findings)
    (2, 0)
    """
    if exam.case is None:
        raise ValueError("to mend needs the model: examine it again, this examination is a file's")
    if steps < 0:
        raise ValueError(f"steps: expected 0 or more, got {steps!r}")
    mending = _Mending(exam, exam.case, steps, Deadline(time_limit))
    with random_states_kept(devices(unwrapped(exam.case.model)[0])):
        return mending.run()


class _Mending:
    """The copy as it is by now, and what was done to it."""

    def __init__(self, exam: Exam, given: Case, steps: int, deadline: Deadline) -> None:
        self.given, self.before, self.steps, self.deadline = given, exam, steps, deadline
        self.case = copied(given)
        self.exam = replace(exam, case=self.case)
        self.done: list[Remedy] = []
        self.losses: tuple[float, float] | None = None
        self.trained = steps
        self._bench: Bench | None = None

    def run(self) -> Mended:
        """Go on until nothing is found, nothing helps, or time is up."""
        stopped = False
        try:
            while roots(self.exam.findings) and not stopped:
                taken = {x._change.identity for x in self.done if x._change is not None}
                found, bench = tried(self.exam, self.case, self.steps, self.deadline, taken)
                self._bench = self._bench or bench
                stopped = bool(found.left)
                helping = (x for x in found if x.outcome in ("cured", "better"))
                if not any(self._does(remedy) for remedy in helping):
                    break
        except (KeyboardInterrupt, OutOfTimeError):
            stopped = True
        why = self._why(stopped)
        held_out = self._bench is not None and self._bench.parts.held_out
        return Mended(
            self.case, Remedies(self.done), self.before, self.exam, self.losses, self.trained,
            held_out, why,
        )  # fmt: skip

    def _does(self, remedy: Remedy) -> bool:
        """Take a remedy, unless the copy then learns worse than the model as it was given."""
        assert remedy._change is not None
        assert self._bench is not None
        made = remedy._change.made(copied(self.case), self.exam)
        losses, steps = remedy.losses, remedy.steps
        if self.done and self.steps:
            rescaled = any(map(rescales, [*self.done, remedy]))
            found = self._bench.compared(copied(made), rescaled=rescaled)
            if found.worse:
                return False
            losses, steps = (found.without, found.after), found.steps
        self.exam = examined(made)
        self.case, self.losses, self.trained = made, losses, steps
        self.done.append(remedy)
        return True

    def _why(self, stopped: bool) -> Why:
        if not roots(self.before.findings):
            return "healthy"
        if not roots(self.exam.findings):
            return "mended"
        if stopped:
            return "stopped"
        return "better" if self.done else "no_remedy"
