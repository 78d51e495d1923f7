"""Examines one case and trains it and its twin; everything as plain data."""

from __future__ import annotations

import math
from dataclasses import asdict, replace
from functools import lru_cache
from time import process_time
from typing import Any

from doctor.faults import copied, make
from doctor.idle import idle_units
from doctor.rules import RULES
from doctor.setup import Case, Setup, Truth
from doctor.signals import signals
from doctor.tools import installed
from doctor.training import Outcome, train
from nonlin.torch.exam import Case as ExamCase
from nonlin.torch.exam import Exam
from nonlin.torch.examination import examine
from nonlin.torch.finding import Finding
from nonlin.torch.remedies import remedies

# Of each training that is compared, and of the trial of each remedy.
STEPS, TRIAL = 120, 20

# The tools that train are slow: they see every third model.
THIRD = 3


def faulty(case: Case) -> dict[str, Any]:
    """Examine a faulty model and train it beside its healthy twin.

    In the half that is reported its first remedy is tried, and other tools are asked.
    """
    setup = make(case)
    record: dict[str, Any] = {"number": case.number, "case": asdict(case)}
    record["truths"] = [plain_truth(setup, truth) for truth in setup.truths]
    start = process_time()
    try:
        exam = examine_(setup, case.probe)
        record |= {"findings": [plain(x) for x in exam.findings], "refused": None}
    except (IndexError, RuntimeError) as error:
        exam = None
        record |= {"findings": [], "refused": str(error)}
    record["seconds"] = process_time() - start
    after, twin = trained(copied(setup), case), twin_outcome(case.twin())
    record |= {"score": after.score, "loss": _number(after.loss)}
    record |= {"clean": twin.score, "clean_loss": _number(twin.loss)}
    if case.number % 2:
        record["remedy"] = mended(exam, setup, case) if exam is not None else None
        record["others"] = others(setup, case, after.score)
    return record


def mended(exam: Exam, setup: Setup, case: Case) -> dict[str, Any] | None:
    """Try the remedies, and train the model with the first one."""
    found = remedies(exam, steps=TRIAL)
    if not found:
        return None
    first = found[0]
    record = {"key": first.key, "outcome": first.outcome, "score": 0.0, "loss": None}
    if first.outcome != "untried":
        whole = setup.data.inputs, setup.data.targets
        own = copied(setup)
        given = ExamCase(own.model, *whole, own.loss_fn, own.optimizer)
        changed = first.apply_to(given)
        data = replace(setup.data, inputs=changed.inputs, targets=changed.targets)
        optimizer = changed.optimizer
        assert optimizer is not None
        after = train(changed.model, optimizer, data, changed.loss_fn, STEPS, case.seed)
        record |= {"score": after.score, "loss": _number(after.loss)}
    return record


def others(setup: Setup, case: Case, score: float) -> dict[str, list[str]]:
    """Ask the published rules, and of every third model the tools that are installed."""
    seen = signals(copied(setup), case.shape.activation, case.probe)
    found = {name: sorted(rule(seen, score)) for name, rule in RULES.items()}
    asked = installed() if case.number // 2 % THIRD == 0 else {}
    for name, tool in asked.items():
        try:
            found[name] = sorted(tool(copied(setup), case))
        except Exception as error:  # whatever another tool raises is its answer
            found[name] = [f"error: {type(error).__name__}"]
    return found


def control(case: Case) -> dict[str, Any]:
    """Examine a healthy model before and after its training."""
    setup = make(case)
    before = examine_(setup, case.probe).findings
    asked = others(setup, case, 1.0) if case.number % 2 else None
    after = train(setup.model, setup.optimizer, setup.data, setup.loss_fn, case.steps, case.seed)
    later = examine_(setup, case.probe).findings
    return {
        "number": case.number,
        "case": asdict(case),
        "score": after.score,
        "findings": [plain(x) for x in before],
        "later": [plain(x) for x in later],
        "others": asked,
    }


def examine_(setup: Setup, probe: int) -> Exam:
    """Examine a set-up as a user does."""
    inputs, targets = setup.probe(probe)
    return examine(setup.model, inputs, targets, setup.loss_fn, optimizer=setup.optimizer)


def trained(setup: Setup, case: Case) -> Outcome:
    """Train a set-up with the batches of its case."""
    return train(setup.model, setup.optimizer, setup.data, setup.loss_fn, STEPS, case.seed)


@lru_cache(maxsize=1024)
def twin_outcome(twin: Case) -> Outcome:
    """Train a case without its faults."""
    return trained(make(twin), twin)


def plain(finding: Finding) -> dict[str, Any]:
    """Write a finding as plain data, without its evidence."""
    return {
        "kind": finding.kind,
        "site": finding.site,
        "severity": finding.severity,
        "units": list(finding.units),
        "cause": finding.cause,
        "caused_by": finding.caused_by,
    }


def plain_truth(setup: Setup, truth: Truth) -> dict[str, Any]:
    """Write what was planted; of dead units also those that are dead without."""
    found = {
        "kind": truth.kind,
        "layers": sorted(truth.layers),
        "roots": sorted(truth.roots),
        "units": None if truth.units is None else list(truth.units),
    }
    if truth.kind == "dead_units":
        place = next(int(name.split(".")[1]) for name in truth.layers)
        found["idle"] = idle_units(setup.model, setup.data, place)
    return found


def _number(x: float) -> float | None:
    return x if math.isfinite(x) else None
