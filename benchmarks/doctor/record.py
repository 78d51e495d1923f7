"""Measures one case; everything as plain data."""

from __future__ import annotations

import inspect
import math
import warnings
from collections.abc import Callable
from dataclasses import asdict, replace
from time import process_time
from typing import Any

import torch

from doctor.cases import Case, family_of, fault_of, made
from doctor.faults.drift import killed
from doctor.places import idle_units
from doctor.program import Program, program
from doctor.training import Outcome, Training
from nonlin.torch import Monitor
from nonlin.torch.exam import Case as ExamCase
from nonlin.torch.exam import Exam
from nonlin.torch.examination import examine
from nonlin.torch.finding import Finding
from nonlin.torch.measuring.objective import own_loss
from nonlin.torch.remedies import remedies

# Steps of the trial of each remedy, and of the trial of rates; steps between a monitor's readings.
TRIAL, RATES, EVERY = 20, 20, 15
HAS_TRIAL = "trial" in inspect.signature(examine).parameters

Record = dict[str, Any]


def measured(case: Case, twin: Record | None) -> Record:
    """Measure a case: healthy, faulty beside its twin, or a training that is watched."""
    torch.set_num_threads(1)
    start = process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if not case.fault:
            found = healthy(case)
        elif fault_of(case).kind == "dying_units":
            found = watched(case)
        else:
            assert twin is not None
            found = faulty(case) | {"clean": twin["score"], "clean_loss": twin["loss"]}
    return {"name": case.name, **asdict(case), **found, "seconds": process_time() - start}


def healthy(case: Case) -> Record:
    """Examine a healthy training at its first weights, midway and at its end."""
    family = family_of(case)
    whole, _ = made(case)
    training = Training(whole, case.seed)
    exams = {"start": looked(whole, rates=True)}
    training.run(family.steps // 2)
    exams["midway"] = looked(whole)
    training.run(family.steps - family.steps // 2)
    exams["end"] = looked(whole)
    return {**_outcome(training.outcome()), "exams": exams, "learns": family.learns}


def faulty(case: Case) -> Record:
    """Examine a faulty program at its first weights, train it, and train it with its remedy."""
    fault, steps = fault_of(case), family_of(case).steps
    whole, truth = made(case)
    assert truth is not None
    found: Record = {"kind": fault.kind, "truth": asdict(truth)}
    if fault.trial and not HAS_TRIAL:
        return found | {"skipped": True, "score": 0.0, "loss": None, "findings": []}
    if truth.act:
        found["idle"] = idle_units(made(case)[0], truth.act)
    exam = _exam(whole, fault.trial)
    found["findings"] = _plain(exam)
    found["remedy"] = _remedy(exam, case, steps) if isinstance(exam, Exam) else None
    training = Training(made(case)[0], case.seed)
    training.run(steps)
    return found | _outcome(training.outcome())


def watched(case: Case) -> Record:
    """Train under a monitor while units die one after the other, and once more while none does."""
    family = family_of(case)
    found: Record = {"kind": "dying_units"}
    for key, kill in (("troubles", True), ("quiet", False)):
        whole = program(family, case.variant, case.seed)
        truth = fault_of(case).plant(whole)
        assert truth is not None
        monitor = Monitor(whole.model, whole.probe(), whole.loss_fn, whole.optimizer,
                          every=EVERY, quiet=True)  # fmt: skip

        def after(step: int, monitor: Any = monitor, whole: Program = whole,
                  kill: bool = kill) -> None:  # fmt: skip
            if kill:
                killed(whole, step / family.steps)
            monitor.step()

        Training(whole, case.seed).run(family.steps, after)
        found[key] = sorted({(x.finding.kind, x.finding.site) for x in monitor.troubles
                             if x.worst != "note"})  # fmt: skip
        found["truth"] = asdict(truth)
    return found


def looked(of: Program, rates: bool = False) -> list[Record]:
    """Examine a program and give the findings, or what was raised as one."""
    return _plain(_exam(of, rates))


def _exam(of: Program, rates: bool) -> Exam | Exception:
    more: dict[str, Any] = {"trial": RATES} if rates and HAS_TRIAL else {}
    try:
        return examine(of.model, *of.probe(), of.loss_fn, optimizer=of.optimizer, **more)
    except Exception as error:  # whatever a doctor that fails raises is a failure of its own
        return error


def _remedy(exam: Exam, case: Case, steps: int) -> Record | None:
    """Try the remedies; what they raise is a failure of theirs."""
    try:
        return _remedied(exam, case, steps)
    except Exception as error:  # whatever it is
        return {"key": f"{type(error).__name__}: {error}"[:200], "outcome": "raised"}


def _remedied(exam: Exam, case: Case, steps: int) -> Record | None:
    """Apply the first remedy to the same program made anew, and train that."""
    tried = remedies(exam, steps=TRIAL)
    if not tried:
        return None
    first = tried[0]
    found: Record = {"key": first.key, "outcome": first.outcome, "for": first.finding.kind}
    if first.outcome == "untried":
        return found
    whole, _ = made(case)
    given = ExamCase(whole.model, whole.inputs, whole.targets, whole.loss_fn or own_loss,
                     whole.optimizer)  # fmt: skip
    changed = first.apply_to(given)
    same = changed.loss_fn is given.loss_fn and changed.targets is given.targets
    loss_fn: Callable[..., Any] | None = changed.loss_fn
    whole = replace(whole, model=changed.model, inputs=changed.inputs, targets=changed.targets,
                    loss_fn=None if loss_fn is own_loss else loss_fn,
                    optimizer=changed.optimizer)  # fmt: skip
    training = Training(whole, case.seed)
    training.run(steps)
    return found | _outcome(training.outcome()) | {"comparable": same}


def _plain(exam: Exam | Exception) -> list[Record]:
    if isinstance(exam, Exception):
        said = f"{type(exam).__name__}: {exam}"[:200]
        return [{"kind": "raised", "site": said, "severity": "error", "units": [], "cause": "",
                 "caused_by": None}]  # fmt: skip
    return [_finding(x) for x in exam.findings]


def _finding(finding: Finding) -> Record:
    """Write a finding as plain data, without its evidence; of notes only what counts units."""
    keys = ("kind", "site", "severity", "cause", "caused_by")
    return {key: getattr(finding, key) for key in keys} | {"units": list(finding.units)}


def _outcome(of: Outcome) -> Record:
    return {"score": of.score, "loss": of.loss if math.isfinite(of.loss) else None}
