"""What the doctor makes of the programs: what it names and invents, and what its remedies do."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from types import ModuleType

import torch
from torch import Tensor

from doctor.asked import modules
from doctor.asked.program import Fault, Program, scored, trained
from nonlin.torch import examine
from nonlin.torch.case import Case
from nonlin.torch.exam import Exam
from nonlin.torch.finding import Finding

# Of the trial of learning rates that goes with each examination.
TRIAL = 20

# A remedy reaches the repaired program if so much less of the score, or half of the gap, is left.
NEAR = 0.03


@dataclass(frozen=True)
class Outcome:
    """What came of one program.

    Attributes
    ----------
    name : str
    faults : tuple of Fault
    said : tuple of Finding
        Its errors and warnings, the first one first.
    first : bool
        Whether the first of them names a fault.
    missed : tuple of Fault
        Faults that none of them names.
    extra : tuple of Finding
        Roots among them that name no fault.
    alarms : tuple of Finding
        Errors and warnings about the repaired program, before and after its training.
    remedy : str
        The first remedy and what its trial said; "" if there is none.
    scores : mapping of str to float
        "faulty" and "repaired" after training, "remedy" with the first remedy.
    """

    name: str
    faults: tuple[Fault, ...]
    said: tuple[Finding, ...]
    first: bool
    missed: tuple[Fault, ...]
    extra: tuple[Finding, ...]
    alarms: tuple[Finding, ...]
    remedy: str = ""
    scores: dict[str, float] = field(default_factory=dict)

    @property
    def reached(self) -> bool:
        """Whether the first remedy gets to the repaired program, or at least half of the way."""
        if "remedy" not in self.scores:
            return False
        whole = self.scores["repaired"] - self.scores["faulty"]
        left = self.scores["repaired"] - self.scores["remedy"]
        return left <= max(NEAR, 0.5 * whole)

    @property
    def harmed(self) -> bool:
        """Whether the first remedy makes it worse."""
        return self.scores.get("remedy", 1.0) < self.scores.get("faulty", 0.0) - NEAR


def outcomes(names: tuple[str, ...] = (), *, mend: bool = True, seed: int = 0) -> Iterator[Outcome]:
    """Examine the programs, train them, and train what the first remedy makes of them.

    Parameters
    ----------
    names : tuple of str
        Of programs; all of them without.
    mend : bool
        Whether to train and to mend; without, programs are examined at their first weights alone.
    seed : int

    Yields
    ------
    Outcome
    """
    for name, module in modules().items():
        if not names or name in names:
            yield outcome(name, module, mend=mend, seed=seed)


def outcome(name: str, module: ModuleType, *, mend: bool = True, seed: int = 0) -> Outcome:
    """Give the outcome of one program."""
    program, right = module.faulty(seed), module.repaired(seed)
    exam = examined(program)
    found = judged(name, module.FAULTS, exam, alarms(examined(right)))
    if not mend:
        return found
    later = trained(right, seed)
    found = replace(found, alarms=found.alarms + alarms(examined(later)))
    scores = {"faulty": scored(trained(program, seed)), "repaired": scored(later)}
    remedies = exam.remedies()
    if not remedies:
        return replace(found, scores=scores)
    if remedies[0].outcome != "untried":
        scores["remedy"] = scored(trained(mended(program, remedies[0]), seed))
    return replace(found, scores=scores, remedy=f"{remedies[0].key}: {remedies[0].outcome}")


def judged(
    name: str, faults: tuple[Fault, ...], exam: Exam, of_repaired: tuple[Finding, ...]
) -> Outcome:
    """Compare what was said of a program with its faults."""
    said = alarms(exam)
    missed = tuple(fault for fault in faults if not any(names(x, fault) for x in said))
    extra = tuple(x for x in said if x.is_root and not any(names(x, fault) for fault in faults))
    first = bool(said) and any(names(said[0], fault) for fault in faults)
    return Outcome(name, faults, said, first, missed, extra, of_repaired)


def examined(program: Program) -> Exam:
    """Examine a program as its user would, with a short trial of its learning rates."""
    inputs, targets = program.probe()
    return examine(
        program.model, inputs, targets, program.loss_fn, optimizer=program.optimizer, **_trial()
    )


def _trial() -> dict[str, int]:
    known = examine.__kwdefaults__ or {}
    return {"trial": TRIAL} if "trial" in known else {}


def alarms(exam: Exam) -> tuple[Finding, ...]:
    """Give the errors and warnings, in their order."""
    return tuple(x for x in exam.findings if x.severity != "note")


def names(finding: Finding, fault: Fault) -> bool:
    """Tell whether a finding is of a fault's kind, at its place or by its cause."""
    if finding.kind not in fault.kind.split("|"):
        return False
    places = fault.place.split("|")
    site = finding.site.partition(":")[0]
    return fault.place == "" or finding.cause in places or {finding.site, site} & {*places} != set()


def mended(program: Program, remedy: object) -> Program:
    """Give a copy of a program with a remedy, and what is held out in its units."""
    own = copy.deepcopy(program)
    case = Case(own.model, own.inputs, own.targets, own.loss_fn, own.optimizer)
    changed = remedy.apply_to(case)  # type: ignore[attr-defined]
    held = own.held_out[0], _in_units(own.held_out[1], own.targets, changed.targets)
    return replace(
        own, model=changed.model, inputs=changed.inputs, targets=changed.targets,
        loss_fn=changed.loss_fn, optimizer=changed.optimizer, held_out=held,
    )  # fmt: skip


def _in_units(held: Tensor, before: Tensor, after: Tensor) -> Tensor:
    """Change what is held out as the targets were: by a linear map, or in their shape alone."""
    if before.numel() != after.numel() or torch.equal(before.flatten(), after.flatten()):
        return held
    x, y = before.double().flatten(), after.double().flatten()
    slope = ((x - x.mean()) * (y - y.mean())).sum() / (x - x.mean()).square().sum()
    moved = slope * (held.double() - x.mean()) + y.mean()
    return moved.round().to(after.dtype) if not after.is_floating_point() else moved.to(after.dtype)
