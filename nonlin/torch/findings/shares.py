"""`hidden_softmax`: a softmax that stands between layers, as an activation would."""

from __future__ import annotations

from collections.abc import Iterator

from nonlin.torch.finding import Finding
from nonlin.torch.findings.view import View
from nonlin.torch.parts import Layer

# Digits, one to three layers of 64, 400 steps: with softmax in the place of one ReLU or of each,
# SGD at 0.1 stays at chance (8 % of the answers right in place of 97 %), Adam at 1e-3 comes to 8 to
# 96 % where ReLU comes to 97 %. Two and three of log_softmax stay at 9 % with SGD, and with Adam
# learn. With a LayerNorm behind each all learn as with ReLU: then nothing is said.
THROUGH = ("pooling", "activation")


def find(view: View) -> Iterator[Finding]:
    """Look for a softmax that comes of a layer and goes to a layer, and nowhere else.

    Where its shares weigh something it goes into a product. A layer without a bias may be what is
    weighed: rows of a memory, a word's vectors.
    """
    told: set[str] = set()
    for place, step in enumerate(view.reading.steps):
        layer = view.layers.get(step.name) if step.kind == "layer" else None
        if layer is None or not layer.biased or layer.kind not in ("linear", "conv"):
            continue
        for at in view.behind(place, *THROUGH):
            before = _layer_before(view, at)
            if before is not None and before not in told:
                told.add(before)
                yield _finding(view, at, before, layer)


def _layer_before(view: View, at: int) -> str | None:
    """Name the layer that makes what a softmax shares out; None where it is no such softmax."""
    steps = view.reading.steps
    if steps[at].kind != "softmax" or steps[at].in_loss or view.consumers(at) != 1:
        return None
    behind = [steps[x] for x in view.behind(at, "normalization", *THROUGH)]
    return behind[0].name if [x.kind for x in behind] == ["layer"] else None


def _finding(view: View, at: int, first: str, second: Layer) -> Finding:
    steps = view.reading.steps
    beside = [steps[x] for x in steps[at].sources] + [x for x in steps if at in x.sources]
    bent = any(x.kind == "activation" for x in beside)
    logs = "log" in steps[at].name.lower()
    evidence = {
        "function": steps[at].name,
        "first": first,
        "second": second.name,
        "input_length": second.input_length,
        "correlation": second.input_correlation,
        "activation": "activation" if bent else "",
    }
    return Finding(
        "hidden_softmax", first, "warning", (), evidence, "logarithms" if logs else "shares"
    )
