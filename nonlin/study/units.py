"""What single units do on a whole data set: who is silent, how high each goes, who comes back."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from nonlin.study.data import Data, Part
from nonlin.study.networks import ACTIVATIONS, Ensemble
from nonlin.study.training import Optimiser, evaluate, repeat, train
from nonlin.study.tuning import Trained, copy_of_rate


def _hidden(ensemble: Ensemble, part: Part) -> list[Tensor]:
    """The hidden layers' pre-activations, one (members, samples, units) a layer."""
    variants = ensemble.members // part.y.shape[0]
    with torch.no_grad():
        return ensemble.pre_activations(repeat(part.x, variants))[:-1]


def dead(ensemble: Ensemble, part: Part) -> Tensor:
    """Units whose derivative is zero on all samples, bool (members, layers, units), equal widths.

    A unit with a pre-activation that is not finite is not dead but diverged.
    """
    return torch.stack([_silent(ensemble, z) for z in _hidden(ensemble, part)], dim=1)


def _silent(ensemble: Ensemble, z: Tensor) -> Tensor:
    at = z.requires_grad_()
    (slope,) = torch.autograd.grad(ensemble.activation(at).sum(), at)
    return ((slope == 0) & z.isfinite()).all(1)


def highest(ensemble: Ensemble, part: Part) -> Tensor:
    """The largest pre-activation of every unit over all samples, (members, layers, units)."""
    return torch.stack([z.amax(1) for z in _hidden(ensemble, part)], dim=1)


def zero_outputs(ensemble: Ensemble, part: Part) -> Tensor:
    """The share of a layer's outputs that are exactly zero, (members, layers)."""
    shares = [ensemble.activation(z).eq(0).float().mean((1, 2)) for z in _hidden(ensemble, part)]
    return torch.stack(shares, dim=1)


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
