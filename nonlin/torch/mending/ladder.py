"""Trains copies of a model at a ladder of learning rates, for a few steps each."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
import torch
from torch import Tensor

from nonlin.messages import language, text
from nonlin.torch.exam import Case
from nonlin.torch.measuring.batches import Batch, batches, loader
from nonlin.torch.measuring.contents import Contents
from nonlin.torch.measuring.held import is_spread
from nonlin.torch.measuring.isolation import devices, put_back
from nonlin.torch.measuring.keeping import random_states_kept
from nonlin.torch.measuring.subject import unwrapped
from nonlin.torch.measuring.updates import optimizers, rates_of
from nonlin.torch.mending import progress, trial
from nonlin.torch.mending.copies import copied
from nonlin.torch.mending.learning import guess, has_stepped
from nonlin.torch.reading import Note, RateTrial, Reading

# Times the given rate, in the order in which they are tried: what tells most comes first.
FACTORS = (1.0, 0.1, 10.0, 0.01, 100.0, 1.0 / 3.0, 3.0)

# Where the best rate is the highest one, or the given one does harm and none helps, the ladder goes
# on up to here.
HIGHEST, LOWEST = 1e6, 1e-8

# With fewer steps momentum and Adam's averages have not come up.
LEAST_STEPS, USUAL_STEPS = 10, 20

# A rate that ends worse than a lower one is trained on, with that one, so many times as long: an
# overshoot of the first steps may pass.
LONGER = 4

# An exception's text is told up to here.
LETTERS = 200


def check_trial(steps: int, optimizer: Any) -> None:
    """Refuse what is no trial.

    Raises
    ------
    TypeError
        If the steps are no whole number.
    ValueError
        If they are too few, or there is no optimizer.
    """
    if isinstance(steps, bool) or not isinstance(steps, int):
        raise TypeError(f"trial: expected a number of steps, got {steps!r}")
    if steps != 0 and steps < LEAST_STEPS:
        raise ValueError(f"trial: expected 0 or at least {LEAST_STEPS} steps, got {steps}")
    if steps and not optimizers(optimizer):
        raise ValueError("trial: learning rates are tried with the optimizer; give optimizer=")


def with_trial(found: Reading, case: Case) -> Reading:
    """Add to a reading what short trainings at several learning rates show.

    Where the weights are not finite they begin with new ones.
    """
    trial, notes = tried(case, anew=are_lost(case))
    return replace(found, trial=trial, notes=(*found.notes, *notes))


def tried(case: Case, *, anew: bool = False) -> tuple[RateTrial | None, tuple[Note, ...]]:
    """Train copies at each rate of the ladder from the same start with the same draws.

    Interrupted (Ctrl-C), it gives the rates that are through by then.

    Parameters
    ----------
    case : Case
        The user's, with the number of steps; nothing of it is changed.
    anew : bool
        Whether to draw first weights, as PyTorch does, and to forget the optimizers' states.

    Returns
    -------
    RateTrial or None, tuple of Note
        None where the given rate could not be tried, and a note that says why.
    """
    if (known := _obstacle(case)) is not None:
        return None, (known,)
    with ExitStack() as stack:
        stack.enter_context(random_states_kept(devices(unwrapped(case.model)[0])))
        stack.enter_context(torch.inference_mode(False))
        if "torch._dynamo" in sys.modules:
            # Copies of compiled parts would each be compiled.
            stack.enter_context(torch.compiler.set_stance("force_eager"))
        stack.enter_context(_kept(case))
        try:
            return _Ladder(case, anew).climbed()
        except Exception as error:  # whatever a copy, a loader or a loss raises
            return None, (Note("no_trial", {"reason": _said(error)}),)


def are_lost(case: Case) -> bool:
    """Tell whether a weight is not finite."""
    return not all(bool(x.isfinite().all()) for x in unwrapped(case.model)[0].parameters())


def _renewed(case: Case) -> Case:
    """Copy a case with the first weights that PyTorch draws and optimizers that begin."""
    made = copied(case)
    trial.seed()
    for module in made.model.modules():
        if callable(reset := getattr(module, "reset_parameters", None)):
            reset()
    for optimizer in made.optimizers:
        optimizer.state.clear()
    return made


def _obstacle(case: Case) -> Note | None:
    """Say why no rate can be tried, where that is known beforehand."""
    model, group = unwrapped(case.model)
    if group is not None or any(map(is_spread, model.parameters())):
        return Note("trial_ranks")
    try:
        rates = rates_of(case.optimizers)
    except (KeyError, TypeError, ValueError, RuntimeError):
        rates = []
    if not any(highest > 0.0 for _, highest in rates):
        return Note("trial_rate")
    return None


@contextmanager
def _kept(case: Case) -> Iterator[None]:
    """Put back what the loss, the loader and the hooks change, and the gradients.

    A loss may use the user's own parameters, as a penalty on them does.
    """
    model, _ = unwrapped(case.model)
    contents = Contents(model.modules())
    contents.add("model", model)
    for name, other in {"loss_fn": case.loss_fn, **loader(case.inputs, case.targets)}.items():
        contents.add(name, other, data=name == "inputs")
    before = [(x, x.grad) for x in model.parameters()]
    for x, _ in before:
        x.grad = None
    try:
        with put_back(contents):
            yield
    finally:
        for x, grad in before:
            x.grad = grad


class _Rung:
    """A copy in training at one rate.

    Parameters
    ----------
    case : Case
    batches : sequence of Batch
        Gone through in turn.
    factor : float
        Of the rates; 0 for no step at all.
    """

    def __init__(self, case: Case, batches: Sequence[Batch], factor: float) -> None:
        self.case, self.factor = copied(case), factor
        self.losses: list[float] = []
        self._batches = batches
        self.case.model.train()
        for optimizer in self.case.optimizers:
            highest = [named for _, named in rates_of([optimizer])]
            for group, rate in zip(optimizer.param_groups, highest, strict=True):
                _set(group, factor * rate)

    def climb(self, steps: int) -> None:
        """Train until so many steps are made, or the loss is not finite."""
        with torch.set_grad_enabled(self.factor > 0.0):
            while len(self.losses) <= steps and all(map(math.isfinite, self.losses[-1:])):
                self._advance(len(self.losses))

    def _advance(self, place: int) -> None:
        """Make the step that the last loss asks for, and compute the next loss."""
        if place and self.factor > 0.0:
            for optimizer in self.case.optimizers:
                trial.step(optimizer, lambda: self._loss(place - 1))
        self.losses.append(float(self._loss(place).detach()))

    def _loss(self, place: int) -> Tensor:
        trial.seed(place)
        loss = trial.loss_of(self.case, self._batches[place % len(self._batches)])
        if self.factor > 0.0:
            for optimizer in self.case.optimizers:
                optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
        return loss


class _Ladder:
    """The rungs of one trial, and what is known of each.

    Parameters
    ----------
    case : Case
    anew : bool
        Whether it begins with new weights.
    """

    def __init__(self, case: Case, anew: bool) -> None:
        self.case, self.steps, self.anew = (_renewed(case) if anew else case), case.trial, anew
        self.stepped = anew or any(map(has_stepped, case.optimizers))
        self.batches = list(islice(batches(case.inputs, case.targets), self.steps))
        if not self.batches:
            raise ValueError("the batches cannot be gone through again")
        self.rate, self.share = _highest(case)
        self.still = _Rung(self.case, self.batches, 0.0)
        self.rows: dict[float, list[float]] = {}
        self.silent: dict[float, float] = {}

    def climbed(self) -> tuple[RateTrial | None, tuple[Note, ...]]:
        """Try every rate; one that fails, or an interruption, ends it."""
        self.still.climb(LONGER * self.steps)
        if not all(map(math.isfinite, self.still.losses)):
            return None, (Note("trial_start"),)
        notes: tuple[Note, ...] = ()
        with progress.shown(len(FACTORS)) as show:
            try:
                for factor in FACTORS:
                    self._try(factor, self.steps, show)
                for factor in self._beyond():
                    self._try(factor, self.steps, show)
                for factor in self._doubtful():
                    self._try(factor, LONGER * self.steps, show)
            except KeyboardInterrupt:
                notes = (Note("trial_stopped"),)
            except Exception as error:  # whatever a step of the user's raises
                notes = (Note("no_trial", {"reason": _said(error)}),)
        return (self._trial() if 1.0 in self.rows else None), notes

    def _try(self, factor: float, steps: int, show: progress.Show) -> None:
        shown = f"{factor * self.rate:.3g}"
        show(len(self.rows), text("doctor.trial.trying", language(), rate=shown))
        rung = _Rung(self.case, self.batches, factor)
        rung.climb(steps)
        self.silent[factor] = silent_share(rung.case, self.batches[0])
        self.rows[factor] = rung.losses

    def _beyond(self) -> Iterator[float]:
        """Go on where the best rate may lie outside of those tried."""
        factor = max(self.rows)
        while factor < HIGHEST and self._best() == factor:
            yield (factor := factor * 10.0)
        factor = min(self.rows)
        while factor > LOWEST and self._only_harms():
            yield (factor := factor / 10.0)

    def _only_harms(self) -> bool:
        """Tell whether the given rate ends worse than no step does, and none ends better."""
        start = ending(self.still.losses[: self.steps + 1])
        apart = trial.APART * abs(start)
        harmed = not ending(self.rows[1.0]) <= start + apart
        return harmed and not any(ending(row) < start - apart for row in self.rows.values())

    def _best(self) -> float:
        endings = {x: ending(row) for x, row in self.rows.items()}
        return min(endings, key=lambda x: (math.isnan(endings[x]), endings[x]))

    def _doubtful(self) -> tuple[float, ...]:
        """Name the given rate and the best lower one, where that ends better."""
        lower = {x: ending(row) for x, row in self.rows.items() if x < 1.0}
        best = min(lower, key=lambda x: (math.isnan(lower[x]), lower[x]), default=1.0)
        own, low = ending(self.rows[1.0]), lower.get(best, math.nan)
        return (1.0, best) if own > low + trial.APART * abs(low) else ()

    def _trial(self) -> RateTrial:
        longest = max(map(len, self.rows.values()))
        factors = sorted(self.rows)
        return RateTrial(
            steps=self.steps,
            batches=len(self.batches),
            rate=self.rate,
            share=self.share,
            stepped=self.stepped,
            anew=self.anew,
            factors=tuple(factors),
            losses=tuple(tuple(self.rows[x]) for x in factors),
            still=tuple(self.still.losses[:longest]),
            guess=guess(self.still.case, self.batches[0]),
            silent=tuple(self.silent[x] for x in factors),
        )


def ending(losses: Sequence[float]) -> float:
    """Average the last quarter of a training's losses; NaN where one of them is not finite."""
    last = losses[-max(len(losses) // 4, 1) :]
    return sum(last) / len(last) if math.isfinite(losses[-1]) else math.nan


def silent_share(case: Case, batch: Batch) -> float:
    """Tell which share of the units that can die is silent on a batch; NaN where none can."""
    from nonlin.torch.examination import measure

    inputs = batch.args or batch.kwargs
    try:
        found = measure(case.model, inputs, batch.targets, case.loss_fn)
    except Exception:  # whatever a model raises whose weights are not finite
        return math.nan
    active = [site.units.active_samples for site in found.sites if site.can_die]
    return float((np.concatenate(active) == 0).mean()) if active else math.nan


def _highest(case: Case) -> tuple[float, float]:
    """Give the highest rate that any group's schedule names, and what part of it stands."""
    rate, highest = max(rates_of(case.optimizers), key=lambda pair: pair[1])
    return highest, rate / highest


def _set(group: dict[str, Any], rate: float) -> None:
    """Set a group's rate, which may be a tensor."""
    given = group["lr"]
    group["lr"] = given.new_tensor(rate) if isinstance(given, Tensor) else rate


def _said(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:LETTERS]
