"""Changes of what stands between the last layer and the loss, and of the loss itself.

What makes the outputs is exchanged where it is a module; else its line is named. The loss is the
user's function, and another is put around it or in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn

from nonlin.torch.case import Case
from nonlin.torch.finding import Finding
from nonlin.torch.findings.view import View
from nonlin.torch.mending import calls, surroundings
from nonlin.torch.mending.change import Change
from nonlin.torch.mending.modules import activation_module, makes_output, names_of, output_line
from nonlin.torch.reading import Target

Proposed = Iterator[Change | None]

SOFTMAX = ("softmax", "log_softmax")

# Brings targets to the outputs' dtype and shape.
ALIKE = "targets.to(outputs.dtype).reshape(outputs.shape)"

# So many columns of targets have a mean and a deviation of their own.
COLUMNS = 16


def changes(finding: Finding, view: View, case: Case) -> Proposed:
    """Go through what may mend outputs and a loss that do not match, the likeliest first."""
    known = PLANS.get(finding.cause)
    target = view.reading.target
    if known is not None and target is not None:
        yield from known(finding, view, case)
        return
    last = finding.evidence["last"]
    yield calls.output_taken_out(case, view, finding.site, last)
    if finding.cause == "probabilities_as_logits":
        yield _logits_again(finding, case, _target(view))
    elif finding.cause == "bounded_regression" and last == "sigmoid":
        yield surroundings.targets_scaled(case)


def _target(view: View) -> Target:
    target = view.reading.target
    assert target is not None
    return target


def _around(outputs: str, targets: str = "targets", sign: str = "") -> str:
    return (
        "def loss_fn(outputs, targets, given=loss_fn):\n"
        f"    return {sign}given({outputs}, {targets})"
    )


def _in_place(function: str, targets: str = "targets") -> str:
    return (
        f"def loss_fn(outputs, targets):\n    return nn.functional.{function}(outputs, {targets})"
    )


def _logits_again(finding: Finding, case: Case, target: Target) -> Change | None:
    """Undo the softmax or the sigmoid in the loss: logarithms of probabilities are logits, too."""
    last = finding.evidence["last"]
    if last == "softmax" and target.loss == "cross_entropy":
        outputs = "outputs.clamp_min(torch.finfo(outputs.dtype).tiny).log()"
    elif last in ("softmax", "sigmoid"):
        outputs = "outputs.logit(1e-6)"
    else:
        return None
    return Change("logits_again", _around(outputs), {"layer": finding.site})


def _exchanged(finding: Finding, view: View, case: Case, new: str, key: str) -> Change:
    """Put another module in the place of what makes the outputs; code alone where it is none."""
    fields = {"layer": finding.site, "new": new}
    site = next((x for x in view.reading.sites if x.name == finding.site), None)
    if site is None:
        name = makes_output(case, (nn.Softmax, nn.LogSoftmax))
        named = [] if name is None else [name]
    else:
        module = activation_module(case.model, site)
        named = [] if module is None else names_of(case.model, [module])
    if len(named) == 1:
        fields["layer"] = named[0]
        return Change(key, f"model.set_submodule({named[0]!r}, nn.{new})", fields)
    call = output_line(case, (*SOFTMAX, "sigmoid"))
    where = () if call is None else (call.where,)
    return Change(key, f"# {call or finding.site}: {new}", fields, "code", where)


def _one_output(finding: Finding, view: View, case: Case) -> Proposed:
    target = _target(view)
    low, high = target.smallest, target.largest
    inside = low is not None and high is not None and 0.0 <= low <= high <= 1.0
    if inside:
        yield _exchanged(finding, view, case, "Sigmoid()", "exchange_output")
    else:
        yield calls.output_taken_out(case, view, finding.site, finding.evidence["last"])


def _one_class(finding: Finding, view: View, case: Case) -> Proposed:
    high = _target(view).largest
    if high is not None and high > 1.0:
        outputs = int(high) + 1
        code = f"# the last layer: {outputs} outputs, not 1"
        yield Change("widen_output", code, {"outputs": outputs, "classes": 1}, "code")
        return
    code = _in_place("binary_cross_entropy_with_logits", ALIKE)
    yield Change("binary_loss", code)


def _axis(finding: Finding, view: View, case: Case) -> Proposed:
    target = _target(view)
    seen = target.logarithms_along_another_axis or target.sums_along_another_axis
    # Where the loss no longer has the axis it was flattened, and the classes are the last one.
    axis = 1 if seen else -1
    kind = "LogSoftmax" if finding.evidence["last"] == "log_softmax" else "Softmax"
    new = f"{kind}({axis})"
    yield _exchanged(finding, view, case, new, "softmax_axis")


def _several(finding: Finding, view: View, case: Case) -> Proposed:
    if finding.cause == "several_labels" and _target(view).loss == "cross_entropy":
        yield Change("binary_loss", _in_place("binary_cross_entropy_with_logits", ALIKE))
        return
    target = _target(view)
    low, high = target.smallest, target.largest
    inside = low is not None and high is not None and 0.0 <= low <= high <= 1.0
    if not inside:
        yield calls.output_taken_out(case, view, finding.site, finding.evidence["last"])
        return
    change = _exchanged(finding, view, case, "Sigmoid()", "exchange_output")
    if finding.cause == "several_labels" and not change.obstacle:
        code = f"{change.code}\n{_in_place('binary_cross_entropy', ALIKE)}"
        change = Change(change.key, code, change.fields)
    yield change


def _probabilities(finding: Finding, view: View, case: Case) -> Proposed:
    """Let the loss make probabilities of the outputs, and take what bends them before it away."""
    target, last = _target(view), finding.evidence["last"]
    taken = None
    if any(x.name == finding.site for x in view.reading.sites):
        taken = calls.output_taken_out(case, view, finding.site, last)
        if taken.obstacle:
            yield taken
    before = "" if taken is None or taken.obstacle else f"{taken.code}\n"
    if target.loss != "log_loss":
        loss = _in_place("binary_cross_entropy_with_logits", ALIKE)
        yield Change("loss_of_logits", before + loss)
        yield Change("probabilities_first", before + _around("outputs.sigmoid()"))
        return
    if target.classes:
        yield Change("loss_of_logits", f"{before}loss_fn = nn.functional.cross_entropy")
    yield Change("probabilities_first", before + _around("outputs.softmax(1)"))


def _two_sided(finding: Finding, view: View, case: Case) -> Proposed:
    yield Change("two_sided", _in_place("binary_cross_entropy", ALIKE))


def _exclusive(finding: Finding, view: View, case: Case) -> Proposed:
    # A sigmoid's argument is the logit of its result.
    yield Change("probabilities_first", _around("outputs.logit(1e-6).softmax(1)"))


def _reshaped(finding: Finding, view: View, case: Case) -> Proposed:
    yield Change("reshape_targets", _around("outputs", "targets.reshape(outputs.shape)"))


def _turned(finding: Finding, view: View, case: Case) -> Proposed:
    yield Change("turn_loss", _around("outputs", sign="-"))


def _standardised(finding: Finding, view: View, case: Case) -> Proposed:
    found = [x for x in surroundings.targets_of(case) if x.is_floating_point()]
    if not found:
        return
    columns = found[0].shape[1] if found[0].ndim == 2 else 1
    flat = [x.reshape(-1, columns) if 1 < columns <= COLUMNS else x.reshape(-1, 1) for x in found]
    whole = torch.cat(flat).double()
    mean, deviation = whole.mean(0), whole.std(0, correction=0)
    # A column of whole numbers beside amounts may choose, as an action does.
    chosen = (whole == whole.round()).all(0)
    mean = mean.where(~chosen | chosen.all(), torch.zeros_like(mean))
    deviation = deviation.where(~chosen | chosen.all(), torch.ones_like(deviation))
    deviation = deviation.where(deviation > 0.0, torch.ones_like(deviation))
    scaled = f"(targets - {_written(mean)}) / {_written(deviation)}"
    yield Change("standardize_targets", surroundings.on_targets(case, scaled))


def _written(x: Tensor) -> str:
    """Write one number, or a tensor of several."""
    numbers = [float(f"{value:.6g}") for value in x.tolist()]
    return repr(numbers[0]) if len(numbers) == 1 else f"torch.tensor({numbers!r})"


def _classes(finding: Finding, view: View, case: Case) -> Proposed:
    classes = int(_target(view).largest or 0) + 1
    code = f"# the last layer: {classes} outputs, not 1\n# nn.functional.cross_entropy"
    yield Change("labels_are_classes", code, {}, "code")


def _mixed(finding: Finding, view: View, case: Case) -> Proposed:
    yield Change("shuffle", "# DataLoader(..., shuffle=True)", {}, "code")


def _ordered(finding: Finding, view: View, case: Case) -> Proposed:
    if _target(view).order == "classes":
        yield Change("flatten_alike", _around("outputs.movedim(1, -1).contiguous()"))
    else:
        yield Change("flatten_alike", _around("outputs", "targets.transpose(0, 1).contiguous()"))


def _regrouped(finding: Finding, view: View, case: Case) -> Proposed:
    groups = "targets.reshape(len(targets), -1, targets.shape[1])"
    changed = f"{groups}.transpose(1, 2).reshape(targets.shape)"
    yield Change("regroup_targets", surroundings.on_targets(case, changed))


def _unseen(finding: Finding, view: View, case: Case) -> Proposed:
    code = "# nn.Transformer.generate_square_subsequent_mask(steps), is_causal=True"
    yield Change("mask_later", code, {}, "code")


def _labels(finding: Finding, view: View, case: Case) -> Proposed:
    target = _target(view)
    ignored = surroundings.IGNORED if target.ignored is None else target.ignored
    yield surroundings.labels_shifted(case, int(finding.evidence["classes"]), ignored)


def _between_0_and_1(finding: Finding, view: View, case: Case) -> Proposed:
    yield surroundings.targets_scaled(case)


def _logarithms(finding: Finding, view: View, case: Case) -> Proposed:
    yield surroundings.loss_for_logits(case, finding)


PLANS: dict[str, Callable[[Finding, View, Case], Proposed]] = {
    "labels": _labels,
    "probabilities": _between_0_and_1,
    "not_log_probabilities": _logarithms,
    "constant_output": _one_output,
    "one_class": _one_class,
    "wrong_axis": _axis,
    "several_labels": _several,
    "exclusive_outputs": _several,
    "not_probabilities": _probabilities,
    "one_sided": _two_sided,
    "not_exclusive": _exclusive,
    "crossed": _reshaped,
    "order": _ordered,
    "regrouped": _regrouped,
    "future": _unseen,
    "turned": _turned,
    "one_label": _mixed,
    "targets_large": _standardised,
    "targets_offset": _standardised,
    "targets_small": _standardised,
    "labels_as_amounts": _classes,
}
