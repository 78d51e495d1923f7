"""Tries a change: on a copy, examined again and trained for a few steps beside the original."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from nonlin.torch.case import Case
from nonlin.torch.measuring.batches import Batch
from nonlin.torch.mending.learning import untold
from nonlin.torch.mending.modules import loss_of
from nonlin.torch.mending.progress import Deadline
from nonlin.torch.mending.split import Parts, judged_anew

# How much worse than without a change a trial may end, and how much better it must end to count as
# better: a share of the loss, or of what the loss fell by. After 30 steps, the same first weights
# drawn twelve times differ by a standard deviation of 2 % of the loss, or 7 % of its fall (medians
# over 32 trainings: four functions, two depths, Adam and SGD, 64 and 256 digits); a loss at
# guessing, which does not fall, bears two of them.
APART, APART_OF_FALL = 0.05, 0.1

# The same for what is left of a loss by what the outputs tell of the targets.
APART_UNTOLD = 0.1

# New weights start above guessing, where a model that does not learn stays, and at a small rate
# few steps tell nothing. What is not told apart, or is worse though its loss falls faster by then,
# is trained on, so many times as long.
LONGER = 4

# So often in a training is it judged. The lowest loss counts: a copy that can learn ends, on few
# samples, by learning them by heart.
CHECKS = 5


def seed(number: int = 0) -> None:
    """Let every trial draw the same; who calls puts the states of the generators back."""
    torch.manual_seed(number)
    random.seed(number)
    np.random.seed(number)  # noqa: NPY002 - the global one is what a model may use


class Training:
    """A copy of a model in training, with the loss before each step, and that on what is held out.

    Parameters
    ----------
    case : Case
        A copy. Without an optimizer it is Adam at PyTorch's own rate.
    parts : Parts
    every : int
        Steps from one judgement to the next.
    deadline : Deadline
    """

    def __init__(self, case: Case, parts: Parts, every: int, deadline: Deadline) -> None:
        self.case, self.parts, self.deadline = case, parts, deadline
        self.losses: list[float] = []
        self.judged: dict[int, float] = {}
        self._every = max(every, 1)
        self._optimizers = list(case.optimizers)
        self._stopped = False

    @property
    def steps(self) -> int:
        """How many steps were made."""
        return max(len(self.losses) - 1, 0)

    def to(self, steps: int) -> Training:
        """Train until so many steps are made; losses are NaN from where it cannot be trained."""
        if not self.losses:
            self.case.model.train()
            trained = [p for p in self.case.model.parameters() if p.requires_grad]
            self._optimizers = self._optimizers or [torch.optim.Adam(trained)]
        with torch.enable_grad():
            while self.steps < steps or not self.losses:
                self.deadline.check()
                self._advance()
        return self

    def reached(self, steps: int) -> float:
        """Give the lowest loss of the judgements so far, or the last one's if it went astray.

        So it did if its loss rises on what it trains on, too. NaN if it cannot be trained.
        """
        if not math.isfinite(self.losses[steps]):
            return math.nan
        found = [x for step, x in self.judged.items() if step <= steps]
        if self.fall(steps) < 0.0 and found[-1] > found[0]:
            return found[-1]
        return min((x for x in found if math.isfinite(x)), default=math.nan)

    def trained(self, steps: int) -> float:
        """Give the loss on what it trains on after so many steps: the mean over the batches."""
        last = self.losses[max(steps + 1 - len(self.parts.trained), 0) : steps + 1]
        return sum(last) / len(last)

    def fall(self, steps: int) -> float:
        """Give what the loss fell by, of what it trains on."""
        first = self.losses[: len(self.parts.trained)]
        return sum(first) / len(first) - self.trained(steps)

    def trend(self, steps: int) -> float:
        """Give what the loss fell by between the last two judgements."""
        before, last = sorted(step for step in self.judged if step <= steps)[-2:]
        return self.judged[before] - self.judged[last]

    def _advance(self) -> None:
        """Make the step that the last loss asks for, and compute the loss behind it."""
        seed(len(self.losses))
        try:
            for optimizer in self._optimizers if self.losses and not self._stopped else ():
                step(optimizer, self._backward)
            value = math.nan if self._stopped else float(self._backward().detach())
        except Exception:  # whatever a model that cannot be trained raises
            value = math.nan
        self._stopped = not math.isfinite(value)
        self.losses.append(value)
        if self.steps % self._every == 0:
            self.judged[self.steps] = self._judged(value)

    def _judged(self, value: float) -> float:
        if not self.parts.held_out:
            return value
        return math.nan if self._stopped else measured(self.case, self.parts.judged)

    def _backward(self) -> Tensor:
        for optimizer in self._optimizers:
            optimizer.zero_grad()
        # The loss before a step is that of the step's own batch.
        batch = self.parts.trained[len(self.losses) % len(self.parts.trained)]
        loss = loss_of(self.case, batch)
        loss.backward()  # type: ignore[no-untyped-call]
        return loss


def step(optimizer: Any, closure: Callable[[], Tensor]) -> None:
    """Let an optimizer make a step; one that computes the loss itself is given how."""
    try:
        optimizer.step()
    except (TypeError, AssertionError):
        # As LBFGS.
        optimizer.step(closure)


def measured(case: Case, judged: Sequence[Batch]) -> float:
    """Compute the mean loss of batches, in the mode that the model is in; NaN if it cannot be.

    Buffers are put back: what is judged by leaves nothing in a normalisation's averages.
    """
    kept = {name: x.clone() for name, x in case.model.named_buffers()}
    try:
        with torch.no_grad():
            seed()
            losses = [float(loss_of(case, batch)) for batch in judged]
    except Exception:  # whatever a model that cannot be run raises
        return math.nan
    finally:
        with torch.no_grad():
            for name, x in case.model.named_buffers():
                if name in kept and x.shape == kept[name].shape:
                    x.copy_(kept[name])
    return sum(losses) / len(losses)


@dataclass(frozen=True)
class Comparison:
    """Two copies after the same training, without and with a change.

    Attributes
    ----------
    steps : int
    without, after : float
        Their losses on what was held out.
    gain : float
        What the change saves: (without - after) / max(|without|, |after|), of the losses, or of
        what is left of each by what the outputs tell where the loss or the targets are changed.
    trained : float
        The same of the losses on what was trained on.
    worse, better : bool
        Whether they are apart by more than chance.
    """

    steps: int
    without: float
    after: float
    gain: float
    trained: float
    worse: bool
    better: bool


def share(without: float, after: float) -> float:
    """Give the share that is saved; 1 where only the change gives a number."""
    if not math.isfinite(after):
        return -1.0 if math.isfinite(without) else 0.0
    if not math.isfinite(without):
        return 1.0
    return (without - after) / max(abs(without), abs(after), float(np.finfo(np.float32).tiny))


def beside(
    own: Training, given: Case, changed: Case, steps: int, *, hopeless: bool, rescaled: bool
) -> Comparison:
    """Train a changed copy as long as the one without the change, and compare their losses.

    Parameters
    ----------
    own : Training
        Without it.
    given, changed : Case
        As it was given, and the copy with the change.
    steps : int
    hopeless : bool
        Whether nothing but the loss speaks for the change: it is given up early.
    rescaled : bool
        Whether outputs mean something else with the change, as logits in place of probabilities:
        then the loss has another scale, as it has with another loss or other targets.
    """
    own.deadline.check()
    parts = judged_anew(own.parts, changed, given)
    trial = Training(changed, parts, max(steps // CHECKS, 1), own.deadline)
    told = rescaled or changed.loss_fn is not given.loss_fn or parts is not own.parts
    early = max(steps // CHECKS, 1) if hopeless else steps
    for made in dict.fromkeys((early, steps, LONGER * steps)):
        if told:
            found = _by_what_is_told(own.to(made), trial.to(own.steps))
        else:
            found = _by_loss(own.to(made), trial.to(made), made)
        faster = trial.trend(trial.steps) > own.trend(made)
        if hopeless and not found.better and found.trained < APART:
            break
        if made >= steps and (found.better or (found.worse and not faster)):
            break
    return found


def _by_loss(own: Training, trial: Training, steps: int) -> Comparison:
    """Compare what the copies reached in so many steps."""
    without, after = own.reached(steps), trial.reached(steps)
    # A loss that starts far above guessing falls by much before anything is learnt.
    fall = min(own.losses[0], trial.losses[0]) - without
    room = APART_OF_FALL * max(fall, 0.0) if math.isfinite(fall) else 0.0
    return Comparison(
        steps, without, after, share(without, after),
        share(own.trained(steps), trial.trained(steps)),
        worse=_is_above(after, without, room), better=_is_above(without, after, room),
    )  # fmt: skip


def _is_above(high: float, low: float, room: float) -> bool:
    """Tell whether a loss is above another by more than chance; what is no number is."""
    if not math.isfinite(high) or not math.isfinite(low):
        return math.isfinite(low)
    return high > low + max(APART * abs(low), room)


def _by_what_is_told(own: Training, trial: Training) -> Comparison:
    """Compare what the outputs tell of the targets; the losses are both by the changed loss.

    A changed loss or other targets have another scale, and the untouched copy's outputs may mean
    something else: scaled targets are no measure for outputs that were trained on the given ones,
    and a softmax in front of a cross entropy keeps it from being large, however wrong it is.
    What is left of a loss beside that of the same outputs with other samples' targets has no scale.
    The untouched copy is taken by its own loss or by the changed one, whichever is better for it.
    """
    judged = trial.parts.judged
    corrected = replace(own.case, loss_fn=trial.case.loss_fn)
    same = trial.case.loss_fn is own.case.loss_fn and trial.parts is own.parts
    without = own.reached(own.steps) if same else measured(corrected, judged)
    after = trial.reached(trial.steps)
    left = [untold(corrected, judged), untold(own.case, own.parts.judged)]
    before = min((x for x in left if math.isfinite(x)), default=math.nan)
    behind = untold(trial.case, judged)
    if math.isfinite(behind):
        gain = share(before, behind)
        # On the same targets the changed loss itself counts, too: outputs that a loss is not made
        # for may cost any amount beside other targets.
        lower = trial.parts is own.parts and after < without
        worse = behind > before + APART_UNTOLD and not lower
        better = not behind > before - APART_UNTOLD or (lower and _is_above(without, after, 0.0))
    else:
        gain = share(without, after)
        worse, better = _is_above(after, without, 0.0), _is_above(without, after, 0.0)
    return Comparison(trial.steps, without, after, gain, gain, worse, better)
