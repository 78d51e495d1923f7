"""Trains a network at several learning rates under every seed; validation picks the rate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from nonlin.study.data import Data
from nonlin.study.networks import Ensemble, Function, Init
from nonlin.study.training import Optimiser, evaluate, train


def validation_score(loss: Tensor, accuracy: Tensor) -> Tensor:
    """What tuning maximises: accuracy, a tie going to the lower loss; -inf for a diverged run."""
    # A hundred thousandth of the loss cannot outweigh one sample of some hundreds.
    score = accuracy.double() - 1e-5 * loss.double().clamp(max=10.0)
    return torch.where(loss.isfinite(), score, -torch.inf)


def best_variant(score: Tensor) -> int:
    """The variant (row) with the highest mean score over the seeds; one that diverged is out.

    Raises
    ------
    ValueError : every variant diverged under some seed.
    """
    means = score.mean(1)
    if not means.isfinite().any():
        raise ValueError("every learning rate diverged under some seed: smaller ones are needed")
    return int(means.argmax())


@dataclass(frozen=True)
class Trained:
    """An ensemble after training at every rate; tensors are (rates, seeds) unless said otherwise.

    `losses` are the batch losses, (steps, rates, seeds); `start` the weights before training;
    `score` is what tuning maximises on the validation part.
    """

    ensemble: Ensemble
    rates: tuple[float, ...]
    start: tuple[Tensor, ...]
    losses: Tensor
    train_loss: Tensor
    score: Tensor
    test_accuracy: Tensor

    @property
    def best(self) -> int:
        """The index of the rate with the highest mean validation score."""
        return best_variant(self.score)

    @property
    def rate(self) -> float:
        """The learning rate that validation picks."""
        return self.rates[self.best]

    def of_best(self, per_member: Tensor) -> Tensor:
        """The rows of the best rate's members: (members, ...) to (seeds, ...)."""
        seeds = self.score.shape[1]
        return per_member[self.best * seeds : (self.best + 1) * seeds]


def copy_of_best(trained: Trained) -> Ensemble:
    """The networks of the tuned rate alone, one a seed, as an ensemble that can go on training."""
    parts = [trained.of_best(parameter) for parameter in trained.ensemble.parameters()]
    weights = [part for part in parts if part.dim() == 3]
    sizes = [*(weight.shape[1] for weight in weights), weights[-1].shape[2]]
    ensemble = Ensemble(sizes, trained.ensemble.activation, range(len(weights[0])))
    with torch.no_grad():
        for ours, theirs in zip(ensemble.parameters(), parts, strict=True):
            ours.copy_(theirs)
    return ensemble


def over_rates(rates: Sequence[float], seeds: int) -> list[float]:
    """Each rate once a seed: the learning rate of every member, variant-major."""
    return [rate for rate in rates for _ in range(seeds)]


def train_at_rates(
    data: Data,
    hidden: Sequence[int],
    activation: str | Function,
    rates: Sequence[float],
    steps: int,
    *,
    init: Init | None = None,
    optimiser: Optimiser = "sgd",
    observe: Callable[[Ensemble, int], None] | None = None,
) -> Trained:
    """Train a network with these hidden widths at each rate under each of the data's seeds.

    `observe` is called with the ensemble and the steps taken, before the first step and after each.
    """
    seeds = data.seeds
    shape = (len(rates), seeds)
    members = list(range(seeds)) * len(rates)
    ensemble = Ensemble([data.inputs, *hidden, data.classes], activation, members, init)
    start = tuple(weight.detach().clone() for weight in ensemble.weights)
    watch = (lambda step: observe(ensemble, step)) if observe else None
    losses = train(
        ensemble, data, over_rates(rates, seeds), steps, optimiser=optimiser, observe=watch
    )
    return Trained(
        ensemble,
        tuple(rates),
        start,
        losses.view(steps, *shape),
        evaluate(ensemble, data.train)[0].view(shape),
        validation_score(*evaluate(ensemble, data.validation)).view(shape),
        evaluate(ensemble, data.test)[1].view(shape),
    )
