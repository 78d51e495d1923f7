"""`mixed_samples`: samples with a part in each other's outputs, by an axis that is mistaken."""

from __future__ import annotations

from collections.abc import Iterator

from nonlin.torch.finding import Finding
from nonlin.torch.findings import outputs
from nonlin.torch.findings.view import View


def find(view: View) -> Iterator[Finding]:
    """List the places, each once for each of its causes."""
    told: set[tuple[str, str]] = set()
    # A softmax that makes the outputs is told of as what they are.
    of_outputs = any(x.cause == "wrong_axis" for x in outputs.find(view))
    for found in view.reading.mixtures:
        place = found.place or "model"
        if (place, found.cause) in told or (of_outputs and found.cause == "softmax"):
            continue
        told.add((place, found.cause))
        evidence = {
            "samples": found.samples,
            "change": found.change,
            "shape": str(tuple(found.shape)),
            "made": str(tuple(found.made)) if found.made else "",
        }
        yield Finding("mixed_samples", place, "error", (), evidence, found.cause)
