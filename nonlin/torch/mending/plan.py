"""Which changes may mend a finding, the likeliest first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from nonlin.torch.case import Case
from nonlin.torch.exam import Exam
from nonlin.torch.finding import Finding
from nonlin.torch.findings.view import View
from nonlin.torch.measuring.batches import tensors
from nonlin.torch.measuring.isolation import devices, random_states_kept
from nonlin.torch.measuring.subject import unwrapped
from nonlin.torch.mending import (
    axes,
    calls,
    heads,
    ladder,
    rates,
    restraints,
    surroundings,
    units,
    weights,
)
from nonlin.torch.mending.change import Change
from nonlin.torch.mending.copies import copied
from nonlin.torch.mending.learning import has_learnt
from nonlin.torch.mending.modules import written
from nonlin.torch.mending.rungs import are_lost


@dataclass
class Patient:
    """An examination and a copy of what was examined, in which changes are looked for.

    Attributes
    ----------
    exam : Exam
    case : Case
    """

    exam: Exam
    case: Case

    @cached_property
    def view(self) -> View:
        """The reading, looked up by name."""
        return View(self.exam.reading)

    @cached_property
    def has_learnt(self) -> bool:
        """Whether new first weights would lose something."""
        return has_learnt(self.exam, self.case)

    @cached_property
    def is_lost(self) -> bool:
        """Whether a weight is not finite."""
        return are_lost(self.case)

    def same(self, finding: Finding) -> list[Finding]:
        """List the findings of one kind and cause: what mends one mends all."""
        alike = (finding.kind, finding.cause)
        return [x for x in self.exam.findings if (x.kind, x.cause) == alike]


Proposed = Iterator[Change | None]

# Through these no gradient gets back.
CUTTING = ("detach", "detach_", "argmax", "numpy", "tolist", "item", "round", "sign", "floor")


def changes(finding: Finding, patient: Patient) -> Iterator[Change]:
    """Go through what may mend one finding of an examination."""
    planned = PLANS.get(finding.kind, _nothing)(finding, patient)
    yield from (x for x in planned if x is not None)


def likely(exam: Exam, finding: Finding) -> Change | None:
    """Give the first change that may mend a finding, untried; None where none can be told."""
    if exam.case is None:
        return None
    with random_states_kept(devices(unwrapped(exam.case.model)[0])):
        try:
            return next(changes(finding, Patient(exam, copied(exam.case))), None)
        except Exception:  # whatever a copy or a plan raises: the finding is told without a change
            return None


def _nothing(finding: Finding, patient: Patient) -> Proposed:
    yield from ()


def _anew(patient: Patient) -> Change | None:
    """Draw all weights anew; a model that has learnt is told to, before its next training."""
    if patient.has_learnt:
        return weights.before_training(patient.case)
    return weights.all_anew(patient.case)


def _units(finding: Finding, patient: Patient) -> Proposed:
    view, case = patient.view, patient.case
    site = next(x for x in view.reading.sites if x.name == finding.site)
    if finding.cause == "learning_rate":
        yield rates.lowered(case)
    for layer in (name for name, fed in view.fed.items() if any(x is site for x, _ in fed)):
        if site.normalized:
            yield units.shift_reset(case, layer, finding, site)
        elif finding.cause not in ("weight_variance", "input_length"):
            yield units.anew(view, case, layer, site, finding)
            if patient.has_learnt:
                yield units.anew_unheard(view, case, layer, site, finding)
            yield units.centred(view, case, layer, site, finding)
        elif not patient.has_learnt:
            yield weights.layer_anew(view, case, layer)
    yield units.biases_reset(view, case, patient.same(finding))
    yield _anew(patient)


def _gradients(finding: Finding, patient: Patient) -> Proposed:
    steadier = [] if patient.has_learnt else list(calls.steadier(patient.view, patient.case))
    if finding.cause == "derivative":
        yield from steadier
    if finding.kind == "exploding_signal" and not patient.has_learnt:
        yield weights.quiet_branches(patient.view, patient.case, finding.site)
    yield _anew(patient)
    if finding.cause != "derivative":
        yield from steadier
    if finding.kind != "vanishing_gradients":
        yield rates.clipped(patient.case)


def _weights(finding: Finding, patient: Patient) -> Proposed:
    same = [x.site for x in patient.exam.findings if x.kind == finding.kind]
    if len(same) == 1 and not patient.has_learnt:
        yield weights.layer_anew(patient.view, patient.case, finding.site)
    elif not patient.has_learnt:
        yield weights.layers_anew(patient.view, patient.case, same)
    yield _anew(patient)
    if finding.cause == "large":
        yield rates.clipped(patient.case)


def _updates(finding: Finding, patient: Patient) -> Proposed:
    if finding.cause == "not_optimized":
        layers = [x.site for x in patient.same(finding)]
        yield rates.optimized(patient.case, layers)
    elif finding.cause == "frozen":
        frozen = [x.name for x in patient.view.reading.layers if not x.trainable and x.drawn]
        yield rates.thawed(patient.case, frozen)
    elif finding.cause == "not_registered":
        lines = "# nn.ModuleList(...), nn.ModuleDict(...), nn.Parameter(...)"
        yield Change("register", lines, {}, "code")
    elif finding.cause == "no_input":
        yield calls.without_norms_of_one(patient.case)
    elif finding.cause in ("no_gradient", "cut_off"):
        yield _connected(finding, patient.case)
    elif finding.cause not in ("vanished", "overflowed"):
        yield from rates.raised(patient.view, patient.case)


def _rate(finding: Finding, patient: Patient) -> Proposed:
    case, tried = patient.case, patient.view.reading.trial
    if patient.is_lost:
        yield rates.fitted_anew(case, tried)
    else:
        yield rates.fitted(case, tried)
        if finding.evidence.get("stepped") and not patient.has_learnt:
            yield rates.fitted_anew(case, tried)


def _decay(finding: Finding, patient: Patient) -> Proposed:
    yield from _freed(
        restraints.less_decay(patient.case, finding.evidence["pull"]), finding, patient
    )


def _dropout(finding: Finding, patient: Patient) -> Proposed:
    if finding.cause == "at_outputs":
        yield calls.dropout_taken_out(patient.case)
        return
    yield from _freed(restraints.less_dropout(patient.case.model), finding, patient)


def _freed(change: Change, finding: Finding, patient: Patient) -> Proposed:
    """Take a restraint off; weights that it left nothing of are drawn anew, too."""
    anew = weights.all_anew(patient.case) if finding.evidence["anew"] else None
    if anew is not None:
        code = f"{anew.code}\n{rates.forgotten(patient.case)}\n{change.code}"
        yield replace(change, code=code, key=f"{change.key}_anew")
    yield change


def _connected(finding: Finding, case: Case) -> Change:
    calls = written(case, CUTTING)[0]
    usual = "detach(), no_grad(), .data, argmax(), torch.tensor()"
    lines = [f"# {finding.site}: {usual}", *(f"# {x}" for x in calls)]
    where = tuple(dict.fromkeys(x.where for x in calls))
    code = "\n".join(dict.fromkeys(lines))
    return Change("connect", code, {"layer": finding.site}, "code", where)


def _inputs(finding: Finding, patient: Patient) -> Proposed:
    yield surroundings.scaled(patient.case)


def _stack(finding: Finding, patient: Patient) -> Proposed:
    names = [x.name for x in patient.view.reading.layers]
    found = (x for x in patient.exam.findings if x.kind == finding.kind and x.severity != "note")
    same = [x.evidence for x in found]
    rows = [names[names.index(x["first"]) : names.index(x["last"])] for x in same]
    between = dict.fromkeys(name for row in rows for name in row)
    yield calls.inserted(patient.view, patient.case, list(between))


def _doubled(finding: Finding, patient: Patient) -> Proposed:
    same = [x.site for x in patient.exam.findings if x.kind == finding.kind]
    yield calls.taken_out(patient.case, patient.view, same, "remove_activation")


def _shares(finding: Finding, patient: Patient) -> Proposed:
    same = [x for x in patient.exam.findings if x.kind == finding.kind]
    yield calls.unshared(patient.case, same)


def _outputs(finding: Finding, patient: Patient) -> Proposed:
    yield from heads.changes(finding, patient.view, patient.case)


def _mixed(finding: Finding, patient: Patient) -> Proposed:
    if finding.cause in ("recurrence", "attention"):
        yield axes.along_the_steps(patient.case, patient.same(finding))
    else:
        yield axes.by_hand(patient.case, finding)


def _finite(finding: Finding, patient: Patient) -> Proposed:
    guard = _guard(finding, patient.case)
    if finding.cause == "inputs":
        yield surroundings.made_finite(patient.case)
    elif finding.cause == "weights":
        yield weights.made_finite(patient.view, patient.case, finding.site) or guard
        if patient.case.optimizers:
            # What made them so may be the rate, which would do it again.
            tried, _ = ladder.tried(replace(patient.case, trial=ladder.USUAL_STEPS), anew=True)
            yield rates.fitted_anew(patient.case, tried)
    elif finding.cause == "overflow" and not patient.has_learnt:
        drawn = weights.layer_anew(patient.view, patient.case, finding.site)
        yield drawn or guard
    elif finding.cause == "step":
        yield rates.epsilon_raised(patient.case)
    elif finding.cause in ("gradient", "own_backward"):
        yield surroundings.kept_from_the_edge(finding)
    else:
        yield guard


def _guard(finding: Finding, case: Case) -> Change:
    """Point at the first call of an operation whose result is not finite."""
    calls = written(case, (finding.site,))[0]
    broken = (x for x in calls if not all(t.isfinite().all() for t in tensors([x.result])))
    call = next(broken, None)
    where = () if call is None else (call.where,)
    return Change("guard", f"# {call or finding.site}", {"layer": finding.site}, "code", where)


def _attention(finding: Finding, patient: Patient) -> Proposed:
    if not patient.has_learnt:
        names = [x.site for x in patient.same(finding)]
        yield weights.queries_and_keys_anew(patient.case, names)
        yield from weights.scores_scaled(patient.view, patient.case, names)


PLANS: dict[str, Callable[[Finding, Patient], Proposed]] = {
    "dead_units": _units,
    "dying_units": _units,
    "saturated_units": _units,
    "vanishing_gradients": _gradients,
    "exploding_gradients": _gradients,
    "exploding_signal": _gradients,
    "bad_initialization": _weights,
    "stuck_layer": _updates,
    "learning_rate": _rate,
    "weight_decay": _decay,
    "dropout": _dropout,
    "unscaled_inputs": _inputs,
    "linear_stack": _stack,
    "doubled_activation": _doubled,
    "hidden_softmax": _shares,
    "output_mismatch": _outputs,
    "mixed_samples": _mixed,
    "non_finite": _finite,
    "collapsed_attention": _attention,
}
