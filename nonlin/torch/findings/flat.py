"""`flat_loss`: a loss that gives no gradient to anything, and is 0."""

from __future__ import annotations

from collections.abc import Iterator

from nonlin.torch.finding import Finding, Severity
from nonlin.torch.findings.view import View
from nonlin.torch.reading import Target

LABELS = ("cross_entropy", "nll")

# Logits that lie so far apart make a cross entropy of exactly 0 in float32: 1 + e^-17 is 1 there.
CERTAIN = 15.0


def find(view: View) -> Iterator[Finding]:
    """Say why the loss is 0 whatever the layers are, or because nothing is left to learn."""
    target = view.reading.target
    if target is not None and is_flat(view):
        cause, grade = _why(view, target)
        evidence = {
            "loss": target.loss,
            "value": target.value,
            "layers": len(view.reading.layers),
        }
        yield Finding("flat_loss", "loss", grade, (), evidence, cause)


def is_flat(view: View) -> bool:
    """Tell whether the loss is 0, or of no label at all, and every layer's gradient with it.

    Outputs that are always the same, and a cross entropy of one class, are told as such.
    """
    target = view.reading.target
    layers = [x for x in view.reading.layers if x.trainable and x.weight_rms > 0.0]
    if target is None or not layers or any(x.weight_gradient_rms != 0.0 for x in layers):
        return False
    if view.before_the_loss.isdisjoint(x.name for x in layers):
        return False
    if target.output_smallest == target.output_largest:
        return False
    one_class = target.loss == "cross_entropy" and target.width == 1
    return (target.value == 0.0 and not one_class) or counts_nothing(target)


def counts_nothing(target: Target) -> bool:
    """Tell whether a loss of labels ignores all of them."""
    # Of labels that are ignored nothing is measured.
    named = target.loss in LABELS and target.known and not target.written_out
    return named and target.given and target.ignored is not None and target.smallest is None


def _why(view: View, target: Target) -> tuple[str, Severity]:
    if counts_nothing(target):
        return "nothing_counts", "error"
    if target.error and max(target.error) == 0.0:
        return "learnt", "note"
    apart = target.output_largest - target.output_smallest
    logits = target.loss in (*LABELS, "bce", "bce_with_logits", "log_loss")
    if target.known and logits and not target.written_out:
        likely = apart >= CERTAIN or target.loss in ("bce", "log_loss", "nll")
        return ("learnt", "note") if likely else ("constant", "error")
    # A margin that all samples keep by now is what such a loss asks for.
    return "constant", "note" if view.has_begun and not target.known else "error"
