"""Examine a model again and again while it trains, and keep a log."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torch import nn

from nonlin.messages import language, text
from nonlin.torch.finding import RANK, rank
from nonlin.torch.findings.guessing import beats_guessing
from nonlin.torch.measuring.updates import optimizers, rates_of
from nonlin.torch.runs.dying import dying_units
from nonlin.torch.runs.journal import Journal, from_first, header, is_first
from nonlin.torch.runs.rates import with_rates
from nonlin.torch.runs.run import Run, scalars
from nonlin.torch.runs.state import Snapshot, snapshot, structure

if TYPE_CHECKING:
    from nonlin.torch.finding import Finding
    from nonlin.torch.reading import Reading
    from nonlin.torch.runs.troubles import Trouble

__all__ = ["Logger", "Monitor"]

Logger = Callable[[int, Mapping[str, float]], None]


class Monitor:
    """Takes a reading every so many steps of a training, and tells what is wrong since when.

    The first reading is taken at once, before any training. Between readings a step costs the
    addition of an integer; a reading changes nothing of the training, which goes on bit for bit as
    without it.

    Parameters
    ----------
    model : nn.Module
    probe : (inputs, targets) or mapping
        What the readings run the model on: always the same, of some hundred samples, on the model's
        device. See `nonlin.torch.examine`. A mapping is inputs by name of a model that is given
        its targets among them.
    loss_fn : callable, optional
        Takes the model's outputs and the targets; without it the model returns its loss.
    optimizer : torch.optim.Optimizer, or a list or tuple of several, optional
        Gives the size of the updates.
    every : int
        Steps from one reading to the next.
    log : str or Path, optional
        A file of JSON Lines, described in docs/run-log.md, which only grows. If it is there, the
        monitor goes on from it; a log of another model is refused.
    on_finding : callable, optional
        Called with each `nonlin.torch.Finding` and the step, when it begins or gets worse; `print`
        prints its sentence. It may raise an exception, which ends the training. Without it the
        first error is printed on the standard error stream.
    loggers : iterable of callable
        Each is called after a reading with the step and a mapping of names to floats.
        `nonlin.torch.TensorBoardLogger`, `WandbLogger`, `MLflowLogger` and `CSVLogger` are such.
    activations : mapping, optional
        See `nonlin.torch.examine`.
    start : int, optional
        The step at which the training stands, as after loading a checkpoint; readings of the log
        beyond it no longer count. Without it: 0, or the last one in the log.
    quiet : bool
        Whether to print nothing.

    Raises
    ------
    ValueError
        If `every` is not positive, or the log is of another model.
    nonlin.torch.runs.LogError
        If the log's file holds something else.

    Examples
    --------
    >>> import torch
    >>> from torch import nn
    >>> rng = torch.Generator().manual_seed(0)
    >>> x, y = torch.randn(64, 8, generator=rng), torch.randn(64, 1, generator=rng)
    >>> model = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 1))
    >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    >>> monitor = Monitor(model, (x, y), nn.functional.mse_loss, optimizer, every=5)
    >>> for _ in range(10):
    ...     optimizer.zero_grad()
    ...     nn.functional.mse_loss(model(x), y).backward()
    ...     optimizer.step()
    ...     monitor.step()
    >>> [snapshot.step for snapshot in monitor.run.snapshots]
    [0, 5, 10]
    """

    def __init__(
        self,
        model: nn.Module,
        probe: tuple[Any, Any] | Mapping[str, Any],
        loss_fn: Callable[..., Any] | None = None,
        optimizer: Any = None,
        *,
        every: int = 100,
        log: str | Path | None = None,
        on_finding: Callable[[Finding, int], object] | None = None,
        loggers: Iterable[Logger] = (),
        activations: Mapping[Any, Any] | None = None,
        start: int | None = None,
        quiet: bool = False,
    ) -> None:
        if every < 1:
            raise ValueError(f"every must be at least 1 step, got {every}")
        self.model, self.loss_fn, self.optimizer = model, loss_fn, optimizer
        self.probe: tuple[Any, Any] = (probe, None) if isinstance(probe, Mapping) else probe
        self.every, self.activations = every, activations
        self._loggers = tuple(loggers)
        self._on_finding = on_finding if on_finding is not None or quiet else self._print_first
        self._journal = Journal(Path(log)) if log is not None and is_first() else None
        self.run = from_first(lambda: self._begin(Run(header(model, every)), start))
        last = self.run.last
        self._steps = start if start is not None else 0 if last is None else last.step
        if last is None or last.step != self._steps:
            self.read()

    def step(self) -> None:
        """Count a step of the training; call it after the optimizer's."""
        self._steps += 1
        if self._steps % self.every == 0:
            self.attempt(self._steps)

    def follow(self, step: int, stop_on: str | None = None) -> bool:
        """Take a reading where one became due on the way to a step that a trainer counts.

        With accumulated gradients not every batch is a step, and several optimizers of one batch
        are several.

        Parameters
        ----------
        step : int
            Where the training stands.
        stop_on : str, optional
            A severity.

        Returns
        -------
        bool
            Whether a reading was taken that found something of that severity or above.
        """
        due = step // self.every > self._steps // self.every
        self._steps = step
        return due and self.attempt(step) and self.has(stop_on)

    def attempt(self, step: int) -> bool:
        """Take a reading; one that fails is warned of and does not end the training.

        Parameters
        ----------
        step : int
            Where the training stands.

        Returns
        -------
        bool
            Whether it was taken.
        """
        self._steps = step
        try:
            reading, found = self._measure()
        except Exception as error:
            warnings.warn(f"no reading at step {step}: {error!r}", stacklevel=3)
            return False
        self._take(reading, found)
        return True

    def read(self, step: int | None = None) -> Reading:
        """Take a reading now; whatever fails in it is raised.

        Parameters
        ----------
        step : int, optional
            Where the training stands; else what `step` has counted.

        Returns
        -------
        Reading
        """
        self._steps = self._steps if step is None else step
        reading, found = self._measure()
        self._take(reading, found)
        return reading

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the last reading found."""
        return () if self.run.last is None else self.run.last.findings

    @property
    def troubles(self) -> tuple[Trouble, ...]:
        """Every trouble so far: when it began, whether it is over."""
        return self.run.troubles

    def __repr__(self) -> str:
        from nonlin.torch.wording import trouble

        lang, last = language(), self.run.last
        fields = {"model": self.run.model, "count": f"{self.run.count:,}"}
        if last is None:
            return text("doctor.monitor.none", lang, **fields)
        fields["step"] = f"{last.step:,}"
        if not self.troubles:
            return text("doctor.monitor.healthy", lang, **fields)
        fields |= {"troubles": f"{len(self.troubles):,}", "first": trouble(self.troubles[0], lang)}
        return text("doctor.monitor.troubled", lang, **fields)

    def has(self, severity: str | None) -> bool:
        """Whether the last reading found something of a severity or above; never for None."""
        return severity is not None and any(
            rank(each.severity) >= RANK[severity] for each in self.findings
        )

    def _begin(self, run: Run, start: int | None) -> Run:
        return run if self._journal is None else self._journal.open(run, start)

    def _measure(self) -> tuple[Reading, tuple[Finding, ...]]:
        from nonlin.torch.findings import findings
        from nonlin.torch.measuring.measure import measure

        reading = measure(
            self.model,
            *self.probe,
            self.loss_fn,
            optimizer=self.optimizer,
            activations=self.activations,
        )
        reading = replace(reading, step=self._steps)
        return reading, findings(reading)

    def _take(self, reading: Reading, found: tuple[Finding, ...]) -> None:
        described = structure(reading)
        if described != self.run.structure:
            self.run.describe(described)
            self._write(lambda journal: journal.describe(described))
        taken = snapshot(reading, self._steps, found, self._rate())
        taken = _with(taken, dying_units(self.run, taken, found))
        taken = with_rates(self.run, taken, learnt=beats_guessing(reading.target))
        news = self.run.add(taken)
        self._write(lambda journal: journal.add(taken))
        if self._loggers:
            values = scalars(self.run)
            for logger in self._loggers:
                logger(self._steps, values)
        for finding in news:
            if self._on_finding is not None:
                self._on_finding(finding, self._steps)

    def _rate(self) -> float | None:
        """Give the highest learning rate; None where the optimizers name none."""
        try:
            return max((rate for rate, _ in rates_of(optimizers(self.optimizer))), default=None)
        except (KeyError, TypeError, ValueError, RuntimeError):
            return None

    def _print_first(self, finding: Finding, step: int) -> None:
        """Print the first error, on one process of several."""
        if finding.severity != "error" or not is_first():
            return
        self._on_finding = None
        line = said(finding, self.run, step, language())
        encoding = getattr(sys.stderr, "encoding", None) or "utf-8"
        # A training does not end because a terminal lacks a letter or is closed.
        with suppress(OSError, ValueError):
            print(line.encode(encoding, "replace").decode(encoding), file=sys.stderr)

    def _write(self, write: Callable[[Journal], None]) -> None:
        """Write to the log; a full disk ends the log and not the training."""
        if self._journal is None:
            return
        try:
            write(self._journal)
        except OSError as error:
            self._journal = None
            warnings.warn(f"the log ends at step {self._steps}: {error}", stacklevel=4)


def said(finding: Finding, run: Run, step: int, lang: str) -> str:
    """Say in one line what a monitor found at a step, and where the rest is."""
    from nonlin.torch.places import Places
    from nonlin.torch.wording import sentence

    place = None if run.structure is None else Places.of_structure(run.structure)
    where = finding.site if place is None else place.exact(finding.site, lang)
    words = text(
        "doctor.monitor.said", lang, step=f"{step:,}", sentence=sentence(finding, lang, where)
    )
    return f"{words} {text('doctor.monitor.more', lang)}"


def _with(taken: Snapshot, more: list[Finding]) -> Snapshot:
    return replace(taken, findings=(*taken.findings, *more)) if more else taken
