"""Which trouble follows from which.

A finding is a consequence if a finding that can bring it about lies where its effect would show:
before it on the signal's way for what the signal carries on, anywhere for what the gradient does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from nonlin.torch.finding import Finding, Severity
from nonlin.torch.findings.gradients import vanishes_without
from nonlin.torch.findings.view import View

# What each kind can follow from, the likeliest first. "!" marks what acts on the signal and so
# must come before it, on the way from the inputs.
FOLLOWS: dict[str, tuple[str, ...]] = {
    "learning_rate": (
        "unscaled_inputs", "bad_initialization", "exploding_signal", "exploding_gradients",
        "vanishing_gradients", "dead_units", "saturated_units", "hidden_softmax",
        "weight_decay", "dropout",
    ),
    "bad_initialization": ("weight_decay",),
    "non_finite": (
        "flat_loss", "!unscaled_inputs", "!bad_initialization", "output_mismatch", "learning_rate",
    ),
    "saturated_units": (
        "!unscaled_inputs", "!bad_initialization", "!doubled_activation", "output_mismatch",
        "learning_rate",
    ),
    "dead_units": (
        "!unscaled_inputs", "!bad_initialization", "!dead_units", "!doubled_activation",
        "output_mismatch", "learning_rate", "weight_decay",
    ),
    "vanishing_gradients": (
        "non_finite", "bad_initialization", "unscaled_inputs", "dead_units", "saturated_units",
        "doubled_activation", "hidden_softmax", "output_mismatch", "mixed_samples",
        "learning_rate", "weight_decay", "dropout",
    ),
    "output_mismatch": (
        "!unscaled_inputs", "!bad_initialization", "!exploding_signal", "!exploding_gradients",
    ),
    "silent_gate": ("non_finite", "!dead_units"),
    "collapsed_attention": ("!unscaled_inputs", "!bad_initialization"),
    "exploding_signal": ("non_finite", "!bad_initialization"),
    "exploding_gradients": (
        "non_finite", "bad_initialization", "unscaled_inputs", "exploding_signal",
        "output_mismatch", "mixed_samples", "learning_rate", "dropout",
    ),
    "stuck_layer": (
        "non_finite", "output_mismatch", "bad_initialization", "unscaled_inputs", "dead_units",
        "saturated_units", "exploding_signal", "vanishing_gradients", "exploding_gradients",
        "doubled_activation", "hidden_softmax", "learning_rate", "weight_decay",
    ),
}  # fmt: skip

# What takes the gradient at the sites that it saturates or kills, and at no other.
AT_SITES = ("unscaled_inputs", "dead_units", "saturated_units")

# Causes that nothing before explains: the optimizer's own, and a function's own way back.
OWN = (
    "not_optimized",
    "not_registered",
    "learning_rate",
    "schedule",
    "rounding",
    "frozen",
    "gradient",
    "own_backward",
)

# Why all layers are stuck, which is said of one of them.
ALIKE = ("no_gradient", "vanished", "overflowed", "learning_rate")

# Learning rates that spoil what was sound, and what spoils a training by itself: the gradients and
# units of first weights, on which no rate has had an effect yet.
TOO_HIGH = ("diverging", "bouncing", "too_high")
HOLDS_BACK = ("vanishing_gradients", "dead_units", "saturated_units", "hidden_softmax")

GRADIENTS = ("vanishing_gradients", "exploding_gradients")

# What holds every rate back.
RESTRAINTS = ("weight_decay", "dropout")

# What a mismatch of outputs and loss brings about besides layers that get no gradient: logarithms
# that are not finite, an output's activation that is flat, and a gradient that ends there.
NO_LOGARITHM = (
    "not_probabilities",
    "log_probabilities",
    "labels",
    "probabilities",
    "targets_large",
)
NO_GRADIENT = (
    "constant_output", "one_class", "bounded_logits", "bounded_regression", "not_probabilities",
    "exclusive_outputs", "wrong_axis",
)  # fmt: skip

# They stand before what they would explain, wherever they are.
FIRST = ("unscaled_inputs", "output_mismatch", "mixed_samples")

# Behind a layer that is dead as a whole, units vary by no more than rounding.
CONSTANT = 1e-3

ORDER = {"error": 0, "warning": 1, "note": 2}


def link(found: Sequence[Finding], view: View) -> tuple[Finding, ...]:
    """Point each consequence at its cause and sort: roots first, then by severity and place."""
    causes = [_root(x, found, view) for x in found]
    linked = [
        replace(
            x,
            caused_by=None if cause is None else cause.site,
            severity=_as_severe(x, found, causes),
        )
        for x, cause in zip(found, causes, strict=True)
    ]
    return tuple(
        sorted(
            linked,
            key=lambda x: (
                not x.is_root,
                ORDER[x.severity],
                x.kind not in FIRST,
                view.place(x.site),
            ),
        )
    )


def _root(finding: Finding, found: Sequence[Finding], view: View) -> Finding | None:
    return _brought_about(finding, found, view) or _same(finding, found, view)


def _same(finding: Finding, found: Sequence[Finding], view: View) -> Finding | None:
    """Of layers that are stuck alike choose one: where the gradient ends, or the first.

    Where nothing goes on to a layer, nothing comes back from it either.
    """
    if finding.kind != "stuck_layer" or finding.cause not in ALIKE:
        return None
    without = [x for x in found if (x.kind, x.cause) == ("stuck_layer", "no_input")]
    if finding.cause == "no_gradient" and without:
        return min(without, key=lambda x: view.place(x.site))
    alike = [x for x in found if (x.kind, x.cause) == (finding.kind, finding.cause)]
    alike.sort(key=lambda x: view.place(x.site))
    chosen = alike[0] if finding.cause == "learning_rate" else alike[-1]
    return None if chosen is finding else chosen


def _brought_about(finding: Finding, found: Sequence[Finding], view: View) -> Finding | None:
    for rule in FOLLOWS.get(finding.kind, ()):
        kind = rule.removeprefix("!")
        causes = [x for x in found if x.kind == kind and x is not finding]
        causes = [x for x in causes if _explains(x, finding, view, rule.startswith("!"))]
        if causes and not (kind in AT_SITES and _vanishes_anyhow(finding, found, view)):
            return min(causes, key=lambda x: view.place(x.site))
    return None


def _vanishes_anyhow(finding: Finding, found: Sequence[Finding], view: View) -> bool:
    """Tell whether the gradient would vanish though no site were saturated or dead."""
    hurt = {x.site for x in found if x.kind in ("saturated_units", "dead_units")}
    return finding.kind == "vanishing_gradients" and vanishes_without(view, hurt)


def _explains(cause: Finding, finding: Finding, view: View, before: bool) -> bool:
    if cause.severity == "note":
        return False
    if "learning_rate" in (cause.kind, finding.kind):
        return _explains_with_rate(cause, finding)
    if cause.kind == "mixed_samples":
        # What walks along the samples walks too far.
        return finding.cause == "time"
    if cause.kind == "flat_loss":
        return finding.cause == "loss"
    if cause.kind in RESTRAINTS:
        if finding.cause in OWN:
            return False
        # Decay has had an effect on weights that were trained under it alone. Dropout changes the
        # lengths at first weights, too, and with less of it the model was seen to learn.
        scales = cause.kind == "dropout" and finding.kind in GRADIENTS
        return scales or bool(cause.evidence.get("anew"))
    if finding.kind == "output_mismatch" and finding.cause != "targets_small":
        return False
    # What a step is beside weights that are far too large is no matter of its rate.
    beside = (cause.kind, finding.cause) == ("bad_initialization", "learning_rate")
    if finding.cause in OWN and not (beside and cause.site == finding.site):
        return False
    if (cause.kind, finding.kind) == ("dead_units", "dead_units") and not _constant(finding):
        return False
    if cause.kind == "output_mismatch" and finding.kind != "stuck_layer":
        return _follows_at_the_end(cause, finding)
    return not before or view.place(cause.site) <= view.place(finding.site)


def _explains_with_rate(cause: Finding, finding: Finding) -> bool:
    """Tell whether a learning rate brings a trouble about, or is made unfit by it.

    A rate that is too high has spoilt only what it was trained with.
    """
    if cause.kind == "learning_rate":
        if cause.cause == "creeping":
            return (finding.kind, finding.cause) == ("stuck_layer", "learning_rate")
        spoilt = cause.cause in TOO_HIGH and bool(cause.evidence.get("stepped"))
        return spoilt and finding.cause not in ("inputs", "own_backward", "not_optimized")
    if cause.kind in ("unscaled_inputs", *RESTRAINTS):
        return True
    high = finding.cause in TOO_HIGH
    return not finding.evidence.get("stepped") and (cause.kind not in HOLDS_BACK) == high


def _follows_at_the_end(cause: Finding, finding: Finding) -> bool:
    if finding.kind == "non_finite":
        return cause.cause in NO_LOGARITHM and finding.cause in ("loss", "operation")
    if finding.kind == "exploding_gradients":
        return cause.cause == "targets_large"
    if finding.kind == "vanishing_gradients":
        return cause.cause in NO_GRADIENT
    return cause.cause in NO_GRADIENT and cause.site == finding.site


def _constant(finding: Finding) -> bool:
    """Tell whether dead units do not even vary: what they see is always the same."""
    deviation, mean = finding.evidence["deviation"], finding.evidence["mean"]
    return bool(deviation < CONSTANT * abs(mean))


def _as_severe(
    finding: Finding, found: Sequence[Finding], causes: Sequence[Finding | None]
) -> Severity:
    """Grade a root as high as what follows from it."""
    follow = [x.severity for x, cause in zip(found, causes, strict=True) if cause is finding]
    return min([finding.severity, *follow], key=lambda x: ORDER[x])
