"""Trains a network at several learning rates; each seed's own validation part picks its rate."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from nonlin.study.data import Data
from nonlin.study.networks import Ensemble, Function, Init
from nonlin.study.training import Optimiser, evaluate, train


def validation_score(loss: Tensor, accuracy: Tensor, classes: int) -> Tensor:
    """What tuning maximises: accuracy, a tie going to the lower loss.

    A run that diverged scores as one that guesses: it says nothing against its rate under another
    seed.
    """
    # A hundred thousandth of the loss cannot outweigh one sample of some hundreds.
    score = accuracy.double() - 1e-5 * loss.double().clamp(max=10.0)
    return torch.where(loss.isfinite(), score, 1 / classes - 1e-4)


@dataclass(frozen=True)
class Trained:
    """An ensemble after training at every rate; tensors are (rates, seeds) unless said otherwise.

    `losses` are the batch losses, (steps, rates, seeds); `start` the weights before training;
    `score` is what tuning maximises on the validation part; `members` are the seeds.
    """

    classes: int
    members: range

    ensemble: Ensemble
    rates: tuple[float, ...]
    start: tuple[Tensor, ...]
    losses: Tensor
    train_loss: Tensor
    train_accuracy: Tensor
    score: Tensor
    test_accuracy: Tensor

    @property
    def best(self) -> Tensor:
        """For each seed the index of the rate that its own validation part picks, (seeds,)."""
        return self.score.argmax(0)

    @property
    def rate(self) -> list[float]:
        """The learning rate that validation picks, one a seed."""
        return [self.rates[index] for index in self.best.tolist()]

    def at_best(self, table: Tensor) -> Tensor:
        """What a table over (rates, seeds) holds at each seed's rate, (seeds,)."""
        return table.gather(0, self.best.unsqueeze(0))[0]

    def of_best(self, per_member: Tensor) -> Tensor:
        """The rows of the members with the picked rates: (members, ...) to (seeds, ...)."""
        seeds = self.score.shape[1]
        return per_member[self.best * seeds + torch.arange(seeds)]

    @property
    def finite_loss(self) -> Tensor:
        """The training loss at each seed's rate, of a run that diverged that of guessing."""
        return self.at_best(self.train_loss).nan_to_num(math.log(self.classes))


def copy_of_best(trained: Trained) -> Ensemble:
    """The networks of the picked rates alone, one a seed, that can go on training."""
    return _copy(trained, [trained.of_best(p) for p in trained.ensemble.parameters()])


def copy_of_rate(trained: Trained, variant: int) -> Ensemble:
    """The networks of one rate, one a seed, as an ensemble that can go on training."""
    seeds = len(trained.members)
    rows = slice(variant * seeds, (variant + 1) * seeds)
    return _copy(trained, [p[rows] for p in trained.ensemble.parameters()])


def _copy(trained: Trained, parts: Sequence[Tensor]) -> Ensemble:
    weights = [part for part in parts if part.dim() == 3]
    sizes = [*(weight.shape[1] for weight in weights), weights[-1].shape[2]]
    ensemble = Ensemble(sizes, trained.ensemble.activation, trained.members)
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
    frozen: int = 0,
    observe: Callable[[Ensemble, int], None] | None = None,
) -> Trained:
    """Train a network with these hidden widths at each rate under each of the data's seeds.

    The first `frozen` layers keep their first weights. `observe` is called with the ensemble and
    the steps taken, before the first step and after each.
    """
    seeds = data.seeds
    shape = (len(rates), seeds)
    members = list(data.members) * len(rates)
    ensemble = Ensemble([data.inputs, *hidden, data.classes], activation, members, init)
    start = tuple(weight.detach().clone() for weight in ensemble.weights)
    watch = (lambda step: observe(ensemble, step)) if observe else None
    losses = train(
        ensemble,
        data,
        over_rates(rates, seeds),
        steps,
        optimiser=optimiser,
        frozen=frozen,
        observe=watch,
    )
    train_loss, train_accuracy = evaluate(ensemble, data.train)
    return Trained(
        data.classes,
        data.members,
        ensemble,
        tuple(rates),
        start,
        losses.view(steps, *shape),
        train_loss.view(shape),
        train_accuracy.view(shape),
        validation_score(*evaluate(ensemble, data.validation), data.classes).view(shape),
        evaluate(ensemble, data.test)[1].view(shape),
    )


def train_bracketed(
    data: Data,
    hidden: Sequence[int],
    activation: str | Function,
    rates: Sequence[float],
    steps: int,
    *,
    most: int = 3,
) -> Trained:
    """Train at each rate, and at further ones while the best of them is the first or the last.

    The best is the one with the highest mean score; an optimum at the edge of a grid is where the
    grid ends, not where the optimum is. At most `most` rates are added, each at the ratio of the
    two at that edge.
    """
    found = train_at_rates(data, hidden, activation, rates, steps)
    for _ in range(most):
        best = int(found.score.mean(1).argmax())
        if 0 < best < len(found.rates) - 1:
            break
        at, inner = (0, 1) if best == 0 else (-1, -2)
        rate = found.rates[at] ** 2 / found.rates[inner]
        found = _joined(found, train_at_rates(data, hidden, activation, [rate], steps), best == 0)
    return found


def _joined(found: Trained, one: Trained, first: bool) -> Trained:
    """The tables of two trainings, the new rate before or after the others; not the networks."""

    def both(name: str, dim: int = 0) -> Tensor:
        tables = [getattr(found, name), getattr(one, name)]
        return torch.cat(tables[::-1] if first else tables, dim)

    rates = (*one.rates, *found.rates) if first else (*found.rates, *one.rates)
    return replace(
        found,
        rates=rates,
        losses=both("losses", 1),
        train_loss=both("train_loss"),
        train_accuracy=both("train_accuracy"),
        score=both("score"),
        test_accuracy=both("test_accuracy"),
    )
