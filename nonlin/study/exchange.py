"""Exchanges the function of trained networks and watches how many of their dead units come back."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from nonlin.study.data import Data
from nonlin.study.networks import ACTIVATIONS
from nonlin.study.training import Optimiser, evaluate, train
from nonlin.study.tuning import Trained, copy_of_rate
from nonlin.study.units import dead, highest


@dataclass(frozen=True)
class Recovery:
    """What became of the dead, seeds with none of them left out.

    `steps` and `back`, (checks + 1, seeds), are the course of the share that is back; `dead` is the
    share that was dead before, `accuracy` the test accuracy in the end, (seeds,) both.
    """

    steps: list[int]
    back: Tensor
    dead: Tensor
    accuracy: Tensor


def recover(
    trained: Trained,
    variant: int,
    data: Data,
    activation: str,
    steps: int,
    checks: int,
    optimiser: Optimiser,
    rate: float,
) -> Recovery:
    """Go on from one rate's networks with another function, at a learning rate of its own.

    The weights stay as they are: where pre-activations are negative everywhere, ReLU has nothing to
    learn from, the other function its negative slope.
    """
    ensemble = copy_of_rate(trained, variant)
    lost = dead(ensemble, data.train)
    ensemble.activation = ACTIVATIONS[activation]
    shares: list[Tensor] = []

    def observe(step: int) -> None:
        if step % (steps // checks) == 0:
            back = (highest(ensemble, data.train) > 0) & lost
            shares.append(back.sum((1, 2)) / lost.sum((1, 2)))

    rates = [rate] * data.seeds
    train(ensemble, data, rates, steps, optimiser=optimiser, observe=observe)
    accuracy = evaluate(ensemble, data.test)[1]
    some = lost.any((1, 2)) & trained.train_loss[variant].isfinite()
    course = [steps // checks * check for check in range(checks + 1)]
    share = lost.float().mean((1, 2))
    return Recovery(course, torch.stack(shares)[:, some], share[some], accuracy[some])
