"""Short trainings: the same batches in the same order for a program and its twin."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch

from doctor.program import Program, leaves


@dataclass(frozen=True)
class Outcome:
    """How a training went.

    Attributes
    ----------
    score : float
        Of the samples kept for it; 0 if the loss stopped being a number.
    loss : float
        The mean over the last tenth of the steps; NaN if it stopped being a number.
    """

    score: float
    loss: float


class Training:
    """A program in training, in pieces if that is wanted.

    Parameters
    ----------
    of : Program
        Trained in place.
    seed : int
        Of the order of its batches.
    """

    def __init__(self, of: Program, seed: int) -> None:
        self.program, self.losses = of, [0.0] * 0
        self._generator = torch.Generator().manual_seed(seed)

    @property
    def broken(self) -> bool:
        """Whether the loss stopped being a number, or could not be computed."""
        return bool(self.losses) and not math.isfinite(self.losses[-1])

    def run(self, steps: int, after: Callable[[int], None] | None = None) -> None:
        """Make so many steps; none any more once the training broke."""
        for _ in range(steps):
            if self.broken:
                return
            self._step()
            if after is not None:
                after(len(self.losses))

    def outcome(self) -> Outcome:
        """Score the model as it is."""
        tail = self.losses[-max(len(self.losses) // 10, 1) :]
        if self.broken or not tail:
            return Outcome(0.0, math.nan)
        return Outcome(scored(self.program), sum(tail) / len(tail))

    def _step(self) -> None:
        of = self.program
        rest = of.samples - of.held
        chosen = torch.randint(rest, (min(of.batch, rest),), generator=self._generator)
        of.model.train()
        try:
            for optimizer in of.optimizers:
                optimizer.zero_grad()
            loss = of.loss(*of.part(chosen))
            if loss.requires_grad:
                loss.backward()
        except (IndexError, RuntimeError, ValueError):
            self.losses.append(math.nan)  # labels that are no classes, a batch that does not fit
            return
        for optimizer in of.optimizers:
            optimizer.step()
        if of.between is not None:
            of.between(len(self.losses))
        self.losses.append(float(loss.detach()))


@torch.no_grad()
def scored(of: Program) -> float:
    """Score a model on what it is not trained on; its mode afterwards is that for training."""
    inputs, targets = of.part(slice(of.samples - of.held, None))
    if targets is None:
        targets = inputs["labels"]
    of.model.eval()
    try:
        outputs = of.call(inputs)
        finite = all(bool(x.isfinite().all()) for x in leaves(getattr(outputs, "logits", outputs)))
        found = of.score(outputs, targets) if finite else 0.0
    except (IndexError, RuntimeError, ValueError):
        found = 0.0
    of.model.train()
    return found if math.isfinite(found) else 0.0
