"""What one examination found: a reading, its findings, and what was examined."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from torch import nn
from torch.optim import Optimizer

from nonlin.activation import Activation
from nonlin.torch.finding import Finding
from nonlin.torch.reading import Layer, Reading, Site


@dataclass(frozen=True)
class Case:
    """What was examined, so that it can be examined again.

    Attributes
    ----------
    model, inputs, targets, loss_fn, optimizer, activations
        As they were given to `nonlin.torch.examine`.
    """

    model: nn.Module
    inputs: Any
    targets: Any
    loss_fn: Callable[..., Any]
    optimizer: Optimizer | None = None
    activations: Mapping[Any, Activation] | None = None


@dataclass(frozen=True)
class Exam:
    """One examination of a model.

    Attributes
    ----------
    reading : Reading
        Everything that was measured.
    case : Case or None
        What was examined; None for an examination that was read from a file.
    findings : tuple of Finding
        What is wrong: roots before consequences.
    sites : tuple of Site
    layers : tuple of Layer
    """

    reading: Reading
    case: Case | None = field(default=None, repr=False, compare=False)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        from nonlin.torch.verdicts import findings

        return findings(self.reading)

    @property
    def sites(self) -> tuple[Site, ...]:
        return self.reading.sites

    @property
    def layers(self) -> tuple[Layer, ...]:
        return self.reading.layers

    def remedies(self) -> Sequence[Any]:
        """Try what mends the findings, each on a copy of the model; see `nonlin.torch.remedies`."""
        from nonlin.torch.remedies import remedies

        found: Sequence[Any] = remedies(self)
        return found

    def report(self, path: str | Path, lang: str | None = None) -> Path:
        """Write one self-contained HTML file."""
        from nonlin.report import examination

        written: Path = examination(self, path, lang)
        return written
