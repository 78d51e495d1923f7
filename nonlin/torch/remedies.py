"""What mends a model, tried before it is told."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from nonlin.torch import wording
from nonlin.torch.case import Case
from nonlin.torch.exam import STEPS, Exam
from nonlin.torch.finding import Finding
from nonlin.torch.measuring.isolation import devices, random_states_kept
from nonlin.torch.measuring.subject import unwrapped
from nonlin.torch.mending import progress
from nonlin.torch.mending.bench import Bench, rank, said
from nonlin.torch.mending.change import Change
from nonlin.torch.mending.copies import copied
from nonlin.torch.mending.plan import Patient, changes
from nonlin.torch.remedy import Outcome, Remedies, Remedy

__all__ = ["STEPS", "Outcome", "Remedies", "Remedy", "remedies", "roots", "tried"]


def remedies(exam: Exam, steps: int = STEPS, time_limit: float | None = None) -> Remedies:
    """Try what may mend each root finding of an examination.

    Every change is made to a copy, which is examined again and trained for some steps, beside a
    copy without the change under the same seeds. The data is parted: one batch in halves, a
    loader's batches by turns. One part is trained on, by the other the two are judged, so that what
    was learnt by heart does not count. Nothing of the model is changed. At a terminal a bar shows
    the trials; interrupted (Ctrl-C), what is known by then is returned.

    Parameters
    ----------
    exam : Exam
        Of a model, not of a file.
    steps : int
        Of each training; 0 for none.
    time_limit : float, optional
        In seconds; what is known by then is returned. With one, what is found depends on the
        machine's speed.

    Returns
    -------
    Remedies
        A tuple of them: what helps, by what it gains, those alike by what they cure and then in the
        order of the findings; then what was not tried, and what failed. What did worse than no
        change comes last, and is left out where it would be the first.

    Raises
    ------
    ValueError
        If the examination was read from a file, its batches cannot be gone through again, `steps`
        is below 0 or `time_limit` is no number above 0.
    """
    if exam.case is None:
        raise ValueError("remedies need the model: examine it again, this examination is a file's")
    if steps < 0:
        raise ValueError(f"steps: expected 0 or more, got {steps!r}")
    deadline = progress.Deadline(time_limit)
    if not roots(exam.findings):
        return Remedies()
    with random_states_kept(devices(unwrapped(exam.case.model)[0])):
        return tried(exam, exam.case, steps, deadline)[0]


def roots(findings: Sequence[Finding]) -> list[Finding]:
    """List what is to be mended: what no other finding explains, but for notes."""
    return [x for x in findings if x.is_root and x.severity != "note"]


def tried(
    exam: Exam,
    case: Case,
    steps: int,
    deadline: progress.Deadline,
    without: Collection[tuple[object, ...]] = (),
) -> tuple[Remedies, Bench]:
    """Try every change once, but for some, and sort what came of them.

    What is done by the time of an interruption counts.
    """
    found: list[Remedy] = []
    planned: list[tuple[Finding, Change]] = []
    bench = Bench(exam, case, steps, deadline)
    try:
        planned = [x for x in _planned(exam, case) if x[1].identity not in without]
        with progress.shown(len(planned)) as show:
            for done, (root, change) in enumerate(planned):
                show(done, wording.remedy(change.key, **change.fields))
                found.append(bench.remedy(root, change))
    except (KeyboardInterrupt, progress.OutOfTimeError):
        pass
    found.sort(key=rank)
    made = Remedies(() if found and found[0].why == "worse" else found)
    made.left = len(planned) - len(found)
    return made, bench


def _planned(exam: Exam, case: Case) -> list[tuple[Finding, Change]]:
    """List the changes that differ, each with the first finding that it is for."""
    patient = Patient(exam, copied(case))
    planned: dict[str, tuple[Finding, Change]] = {}
    for root in roots(exam.findings):
        for change in _changes(root, patient):
            planned.setdefault(change.code, (root, change))
    return list(planned.values())


def _changes(root: Finding, patient: Patient) -> Iterator[Change]:
    """Go through the changes for a finding, with one that says so where the search fails."""
    try:
        yield from changes(root, patient)
    except Exception as error:  # whatever it raises: the other findings have their remedies
        yield Change("no_change", f"raise RuntimeError({said(error)!r})")
