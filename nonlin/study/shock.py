"""Pushes every hidden unit of a trained network below zero and watches how many come back."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from nonlin.study.data import Data
from nonlin.study.networks import Ensemble
from nonlin.study.training import Optimiser, evaluate, train
from nonlin.study.tuning import Trained, copy_of_best, over_rates
from nonlin.study.units import highest

MARGINS = {"shallow": 1.0, "deep": 10.0}


@dataclass(frozen=True)
class Recovery:
    """What became of the shocked units: `back` (checks + 1, seeds), test `accuracy` (seeds,)."""

    back: Tensor
    accuracy: Tensor


@torch.no_grad()
def push_down(ensemble: Ensemble, data: Data, margin: float) -> None:
    """Lower every hidden bias until its unit's highest training pre-activation is -margin."""
    for layer, bias in enumerate(ensemble.biases[:-1]):
        # A layer is pushed once those below are: what they put out has changed.
        bias.sub_(highest(ensemble, data.train)[:, layer] + margin)


def recover(
    trained: Trained, data: Data, margin: float, steps: int, checks: int, optimiser: Optimiser
) -> Recovery:
    """Shock the tuned networks and go on training them at the tuned rate.

    A unit is back when it is positive on some training input; the share is taken right after the
    shock and after each of the `checks` equal parts of the training.
    """
    ensemble = copy_of_best(trained)
    push_down(ensemble, data, margin)
    shares: list[Tensor] = []

    def observe(step: int) -> None:
        if step % (steps // checks) == 0:
            shares.append((highest(ensemble, data.train) > 0).float().mean((1, 2)))

    rates = over_rates([trained.rate], data.seeds)
    train(ensemble, data, rates, steps, optimiser=optimiser, observe=observe)
    return Recovery(torch.stack(shares), evaluate(ensemble, data.test)[1])
