"""Which changes may mend a finding, the likeliest first."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from nonlin.torch.exam import Case, Exam
from nonlin.torch.finding import Finding
from nonlin.torch.mending import calls, rates, surroundings, weights
from nonlin.torch.mending.change import Change
from nonlin.torch.mending.modules import find
from nonlin.torch.verdicts.view import View


def changes(finding: Finding, exam: Exam, case: Case) -> list[Change]:
    """List what may mend one finding of an examination."""
    view = View(exam.reading)
    return [x for x in PLANS[finding.kind](finding, exam, view, case) if x is not None]


def _units(finding: Finding, exam: Exam, view: View, case: Case) -> Iterator[Change | None]:
    site = next(x for x in view.reading.sites if x.name == finding.site)
    if finding.cause == "learning_rate":
        yield rates.lowered()
    layers = _modules(
        case, [name for name, fed in view.fed.items() if any(x is site for x, _ in fed)]
    )
    for layer in layers:
        if site.normalized:
            yield weights.shift_reset(case, layer, finding)
        elif finding.cause in ("weight_variance", "input_length"):
            yield weights.layer_anew(view, layer)
        else:
            yield weights.units_anew(view, layer, finding)
    yield weights.all_anew()


def _gradients(finding: Finding, exam: Exam, view: View, case: Case) -> Iterator[Change | None]:
    if finding.cause == "derivative":
        yield calls.steadier(view)
    yield weights.all_anew()
    if finding.cause != "derivative":
        yield calls.steadier(view)


def _weights(finding: Finding, exam: Exam, view: View, case: Case) -> Iterator[Change | None]:
    same = [x for x in exam.findings if x.kind == finding.kind]
    if len(same) == 1 and _modules(case, [finding.site]):
        yield weights.layer_anew(view, finding.site)
    yield weights.all_anew()


def _updates(finding: Finding, exam: Exam, view: View, case: Case) -> Iterator[Change | None]:
    if finding.cause == "not_optimized":
        yield rates.optimized(finding.site)
    elif finding.cause == "no_gradient":
        code = f"# {finding.site}: detach(), no_grad(), .data, argmax()"
        yield Change("connect", code, None, {"layer": finding.site})
    else:
        yield rates.raised(view, case)


def _inputs(finding: Finding, exam: Exam, view: View, case: Case) -> Iterator[Change | None]:
    yield surroundings.scaled(case)


def _stack(finding: Finding, exam: Exam, view: View, case: Case) -> Iterator[Change | None]:
    names = [x.name for x in view.reading.layers]
    same = [x.evidence for x in exam.findings if x.kind == finding.kind and x.severity != "note"]
    rows = [names[names.index(x["first"]) : names.index(x["last"])] for x in same]
    yield calls.inserted(view, [name for row in rows for name in row])


def _doubled(finding: Finding, exam: Exam, view: View, case: Case) -> Iterator[Change | None]:
    same = [x.site for x in exam.findings if x.kind == finding.kind]
    yield calls.taken_out(case, same, "remove_activation")


def _outputs(finding: Finding, exam: Exam, view: View, case: Case) -> Iterator[Change | None]:
    made = {
        "labels": surroundings.labels_shifted,
        "probabilities": surroundings.targets_scaled,
        "not_log_probabilities": surroundings.loss_for_logits,
    }
    if finding.cause in made:
        yield made[finding.cause]()
    else:
        yield calls.output_taken_out(case, finding.site, finding.evidence["last"])


def _finite(finding: Finding, exam: Exam, view: View, case: Case) -> Iterator[Change | None]:
    if finding.cause == "inputs":
        yield surroundings.made_finite()
    elif finding.cause in ("weights", "overflow") and _modules(case, [finding.site]):
        yield weights.layer_anew(view, finding.site, "finite_weights")
    elif finding.cause in ("gradient", "own_backward"):
        yield surroundings.kept_from_the_edge(finding)
    else:
        yield Change("guard", f"# {finding.site}", None, {"layer": finding.site})


def _modules(case: Case, names: list[str]) -> list[str]:
    return [name for name in names if hasattr(find(case.model, name), "weight")]


Plan = Callable[[Finding, Exam, View, Case], Iterator[Change | None]]
PLANS: dict[str, Plan] = {
    "dead_units": _units,
    "dying_units": _units,
    "saturated_units": _units,
    "vanishing_gradients": _gradients,
    "exploding_gradients": _gradients,
    "bad_initialization": _weights,
    "stuck_layer": _updates,
    "unscaled_inputs": _inputs,
    "linear_stack": _stack,
    "doubled_activation": _doubled,
    "output_mismatch": _outputs,
    "non_finite": _finite,
}
