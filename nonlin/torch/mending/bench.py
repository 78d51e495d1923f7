"""Where changes are tried, beside a copy that is trained without any."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

from nonlin.torch.case import Case
from nonlin.torch.exam import Exam
from nonlin.torch.examination import examine
from nonlin.torch.finding import Finding
from nonlin.torch.mending import trial
from nonlin.torch.mending.change import Change
from nonlin.torch.mending.copies import copied
from nonlin.torch.mending.progress import Deadline, OutOfTimeError
from nonlin.torch.mending.split import parts
from nonlin.torch.remedy import Outcome, Remedy

OUTCOMES: dict[str, Outcome] = {
    "cured": "cured", "not_better": "cured", "better": "better", "learns": "better",
}  # fmt: skip

# What a remedy did, the best first. A change that did worse than none stands behind those that
# could not be tried.
ORDER = ("code", "learnt", "stays", "new_error", "raised", "worse")

# What hides other troubles: nothing is measured behind what is not finite, and inputs out of scale
# drown biases. An error that shows when it is gone counts against the change only if the copy
# learns no better.
HIDING = ("non_finite", "unscaled_inputs")

# What trainings show that an examination makes.
BY_TRAINING = ("learning_rate", "weight_decay", "dropout")

# Gains that differ by less are alike: a short trial tells no more, and what changes less of a model
# goes before new first weights throughout, which gain a tenth of the loss by their scale alone.
ALIKE = 0.2

# A model that could not learn does not overfit its few samples either. What saves so large a share
# of the loss on what it trains on, and loses less on what it does not, is no worse for that.
BY_HEART = 0.4


def rank(remedy: Remedy) -> tuple[int, ...]:
    """Give what remedies are sorted by: what helps by what it gains, then by what it cures.

    Where nearly all of a loss is saved, its share tells them apart no more, and what is left does.
    """
    if remedy.why not in OUTCOMES:
        return (1, ORDER.index(remedy.why))
    gains = (remedy.gain or 0.0, remedy._trained) if remedy.why != "not_better" else (0.0, 0.0)
    left = 0 if remedy.losses is None else remedy.losses[1]
    much = gains[0] > 1.0 - ALIKE and 0.0 < left < math.inf
    size = math.floor(math.log2(left)) if much else 0
    order = [-int(gain / ALIKE) for gain in gains]
    return (0, order[0], size, order[1], list(OUTCOMES).index(remedy.why))


class Bench:
    """Tries changes of one case, each on a copy.

    Parameters
    ----------
    exam : Exam
    case : Case
        The exam's.
    steps : int
        Of each training; 0 for none.
    deadline : Deadline
    """

    def __init__(self, exam: Exam, case: Case, steps: int, deadline: Deadline) -> None:
        self.exam, self.case, self.steps, self.deadline = exam, case, steps, deadline
        trial.seed()
        self.parts = parts(copied(case))

    @cached_property
    def _own(self) -> trial.Training:
        every = max(self.steps // trial.CHECKS, 1)
        return trial.Training(copied(self.case), self.parts, every, self.deadline)

    def remedy(self, root: Finding, change: Change) -> Remedy:
        """Try a change, and say what came of it.

        Raises
        ------
        OutOfTimeError
        """
        made = Remedy(
            root, change.key, change.code, self.exam.findings, (), "untried", None, self.steps,
            change.fields, change.obstacle, change.where, "", None, self.parts.held_out,
            _change=change, _exam=self.exam,
        )  # fmt: skip
        if change.obstacle:
            return made
        try:
            changed = change.made(copied(self.case), self.exam)
            self.deadline.check()
            rates = root.kind in BY_TRAINING
            after = examined(changed, rates).findings
            self.deadline.check()
            return self._judged(replace(made, after=after), changed)
        except OutOfTimeError:
            raise
        except Exception as error:  # whatever it raises: the other changes are tried
            return replace(made, outcome="failed", why="raised", error=said(error))

    def compared(
        self, changed: Case, *, rescaled: bool, hopeless: bool = False
    ) -> trial.Comparison:
        """Train a changed copy beside the one without the change."""
        return trial.beside(
            self._own, self.case, changed, self.steps, hopeless=hopeless, rescaled=rescaled
        )

    def _judged(self, made: Remedy, changed: Case) -> Remedy:
        why = _found(made.finding, made.before, made.after)
        shows = why == "new_error" and _uncovers(made)
        if not self.steps or (why == "new_error" and not shows):
            return _with(made, why)
        rescaled = rescales(made)
        found = self.compared(changed, rescaled=rescaled, hopeless=why == "stays")
        made = replace(
            made, steps=found.steps, losses=(found.without, found.after), gain=found.gain,
            held_out=self.parts.held_out, _trained=found.trained,
        )  # fmt: skip
        if found.worse:
            fits = why == "cured" and self.parts.held_out and _fits(found)
            return _with(made, "not_better" if fits else "worse")
        if made.finding.kind == "non_finite" and not math.isfinite(found.after):
            # It comes again in the training.
            return _with(made, "stays")
        if shows:
            return _with(made, "cured" if found.better else "new_error")
        if why == "stays" and found.better:
            return _with(made, "learns")
        # Where nothing held out tells them apart, one that learns its samples better is better.
        even = not found.better and found.trained < trial.APART_UNTOLD
        return _with(made, "not_better" if why == "cured" and even else why)


def rescales(remedy: Remedy) -> bool:
    """Tell whether outputs mean something else with a remedy: what mends outputs."""
    return remedy.finding.kind == "output_mismatch"


def _fits(found: trial.Comparison) -> bool:
    """Tell whether a copy is worse on what was held out because it learns its samples by heart."""
    return found.trained > BY_HEART and found.gain > -BY_HEART


def _with(made: Remedy, why: str) -> Remedy:
    return replace(made, why=why, outcome=OUTCOMES.get(why, "failed"))


def said(error: Exception) -> str:
    """Name what was raised."""
    return f"{type(error).__name__}: {error}"


def _uncovers(made: Remedy) -> bool:
    """Tell whether what is found behind a change may have been hidden by what it mends."""
    kind = made.finding.kind
    return kind in HIDING and not any(x.kind == kind and x.severity != "note" for x in made.after)


def _found(root: Finding, before: Sequence[Finding], after: Sequence[Finding]) -> str:
    """Say what another examination showed; see `Remedy.why`.

    An error of a kind that was there as a note, or followed from something, was hidden: what covers
    it is taken away.
    """
    errors = [Counter(x.kind for x in found if x.severity == "error") for found in (before, after)]
    hidden = {x.kind for x in before if x.severity == "note" or not x.is_root}
    left = [x for x in after if x.kind == root.kind and x.severity != "note"]
    same = [x for x in before if x.kind == root.kind and x.severity != "note"]
    fewer = sum(len(x.units) for x in left) < sum(len(x.units) for x in same)
    if any(kind not in hidden for kind in errors[1] - errors[0]):
        return "new_error"
    if not left:
        return "cured"
    return "better" if fewer or len(left) < len(same) else "stays"


def examined(case: Case, rates: bool = True) -> Exam:
    """Examine a case, with its learning rates or without."""
    trial.seed()
    return examine(
        case.model, case.inputs, case.targets, case.loss_fn,
        optimizer=case.optimizer, activations=case.activations, trial=case.trial if rates else 0,
    )  # fmt: skip
