"""Trains copies of a model at a ladder of learning rates, for a few steps each."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import islice
from typing import Any

import torch

from nonlin.messages import language, text
from nonlin.torch.case import Case
from nonlin.torch.measuring.batches import batches, loader
from nonlin.torch.measuring.contents import Contents
from nonlin.torch.measuring.held import is_spread
from nonlin.torch.measuring.isolation import devices, put_back, random_states_kept
from nonlin.torch.measuring.subject import has_stepped, unwrapped
from nonlin.torch.measuring.updates import optimizers, rates_of
from nonlin.torch.mending import progress, trial
from nonlin.torch.mending.constant import BATCHES as CONSTANT
from nonlin.torch.mending.constant import constant_loss
from nonlin.torch.mending.copies import copied
from nonlin.torch.mending.easing import easings
from nonlin.torch.mending.learning import guess
from nonlin.torch.mending.rungs import Rung, are_lost, ending, renewed, silent_share
from nonlin.torch.reading import Easing, Note, RateTrial, Reading

# Times the given rate, in the order in which they are tried: what tells most comes first.
FACTORS = (1.0, 0.1, 10.0, 0.01, 100.0, 1.0 / 3.0, 3.0)

# Where the best rate is the highest one, or the given one does harm and none helps, the ladder goes
# on up to here.
HIGHEST, LOWEST = 1e9, 1e-9

# With fewer steps momentum and Adam's averages have not come up.
LEAST_STEPS, USUAL_STEPS = 10, 20

# A rate that ends worse than lower ones is trained on, with those, so many times as long: an
# overshoot of the first steps may pass, and may come later.
LONGER = 4

# A momentum that remembers more steps than are made comes up after them: 0.99 remembers 100. Then
# the given rate and lower ones are trained for so many times as many as it remembers.
UNTIL_IT_COMES_UP = 2.0
LONGEST = 200

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
    eased: tuple[Easing, ...] = ()
    if trial is not None:
        with _apart(case):
            known = list(islice(batches(case.inputs, case.targets), CONSTANT))
            constant = constant_loss(copied(case), known, found.target)
            trial = replace(trial, constant=constant)
            eased = easings(case, trial, found)
    return replace(found, trial=trial, easings=eased, notes=(*found.notes, *notes))


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
    with _apart(case):
        try:
            return _Ladder(case, anew).climbed()
        except Exception as error:  # whatever a copy, a loader or a loss raises
            return None, (Note("no_trial", {"reason": _said(error)}),)


@contextmanager
def _apart(case: Case) -> Iterator[None]:
    """Leave nothing of trials in the user's objects and generators."""
    with ExitStack() as stack:
        stack.enter_context(random_states_kept(devices(unwrapped(case.model)[0])))
        stack.enter_context(torch.inference_mode(False))
        if "torch._dynamo" in sys.modules:
            # Copies of compiled parts would each be compiled.
            stack.enter_context(torch.compiler.set_stance("force_eager"))
        stack.enter_context(_kept(case))
        yield


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


class _Ladder:
    """The rungs of one trial, and what is known of each.

    Parameters
    ----------
    case : Case
    anew : bool
        Whether it begins with new weights.
    """

    def __init__(self, case: Case, anew: bool) -> None:
        self.case, self.steps, self.anew = (renewed(case) if anew else case), case.trial, anew
        self.stepped = anew or any(map(has_stepped, case.optimizers))
        self.batches = list(islice(batches(case.inputs, case.targets), self.steps))
        if not self.batches:
            raise ValueError("the batches cannot be gone through again")
        self.rate, self.share = _highest(case)
        self.memory = _memory(case)
        self.long = LONGER * self.steps
        if self.memory > self.steps:
            self.long = max(self.long, int(min(UNTIL_IT_COMES_UP * self.memory, LONGEST)))
        self.still = Rung(self.case, self.batches, 0.0)
        self.rows: dict[float, list[float]] = {}
        self.silent: dict[float, float] = {}

    def climbed(self) -> tuple[RateTrial | None, tuple[Note, ...]]:
        """Try every rate; one that fails, or an interruption, ends it."""
        self.still.climb(self.long)
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
                    self._try(factor, self.long, show)
            except KeyboardInterrupt:
                notes = (Note("trial_stopped"),)
            except Exception as error:  # whatever a step of the user's raises
                notes = (Note("no_trial", {"reason": _said(error)}),)
        return (self._trial() if 1.0 in self.rows else None), notes

    def _try(self, factor: float, steps: int, show: progress.Show) -> None:
        shown = f"{factor * self.rate:.3g}"
        show(len(self.rows), text("doctor.trial.trying", language(), rate=shown))
        rung = Rung(self.case, self.batches, factor)
        rung.climb(steps)
        # What higher rates kill tells nothing of the given one.
        told = factor <= 1.0
        self.silent[factor] = silent_share(rung.case, self.batches[0]) if told else math.nan
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
        """Name the given rate and the lower ones that end better, where there are such."""
        own = ending(self.rows[1.0])
        lower = ((x, ending(row)) for x, row in self.rows.items() if x < 1.0)
        late = self.memory > self.steps
        better = [x for x, low in lower if late or own > low + trial.APART * abs(low)]
        return (1.0, *better) if better else ()

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


def _memory(case: Case) -> float:
    """Give the steps that the largest momentum remembers."""
    groups = (group for x in case.optimizers for group in x.param_groups)
    most = max((float(group.get("momentum") or 0.0) for group in groups), default=0.0)
    return 1.0 / (1.0 - most) if most < 1.0 else math.inf


def _highest(case: Case) -> tuple[float, float]:
    """Give the highest rate that any group's schedule names, and what part of it stands."""
    rate, highest = max(rates_of(case.optimizers), key=lambda pair: pair[1])
    return highest, rate / highest


def _said(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:LETTERS]
