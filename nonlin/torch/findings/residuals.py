"""`outlying_channels`: channels of the residual stream that dwarf the others."""

from __future__ import annotations

from collections.abc import Iterator

from nonlin.torch.finding import Finding
from nonlin.torch.findings.view import View


def find(view: View) -> Iterator[Finding]:
    """List the additions behind which channels stand out; trained transformers have such."""
    for found in view.reading.residuals:
        if found.outlying:
            evidence = {
                "outlying": len(found.outlying),
                "channels": found.channels,
                "largest": found.largest,
                "median": found.median,
                "ratio": found.largest / found.median,
                "rms": found.rms,
            }
            yield Finding(
                "outlying_channels", found.name, "note", found.outlying, evidence, "stream"
            )
