"""What the vanishing gradient does to learning: ten hidden layers on the digits, V2 to V5.

Each public function that takes `Deep` gives a claim's numbers and series; vanishing.py describes
the series and judges the numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from nonlin.study.data import Data
from nonlin.study.networks import ACTIVATIONS, Init
from nonlin.study.results import Number
from nonlin.study.statistics import band, geometric_mean, mean, share
from nonlin.study.training import Optimiser, evaluate, member_losses, repeat, train
from nonlin.study.tuning import Trained, copy_of_best, over_rates, train_at_rates

Found = tuple[list[Number], dict[str, Any]]

DEPTH = 10
WIDTH = 64
RATES: dict[Optimiser, tuple[float, ...]] = {
    "sgd": (0.01, 0.03, 0.1),
    "adam": (0.001, 0.003),
}
OPTIMISERS: tuple[Optimiser, ...] = ("sgd", "adam")
CONTINUED_RATE = 0.001
CONTINUED_STEPS = 600
CURVE_POINTS = 20
STUCK = 0.98  # of the loss at chance
PAIR = ("sigmoid", "relu")
FAMILY = ("relu", "leaky_relu", "elu")
FUNCTIONS = tuple(name for name in ACTIVATIONS if name != "identity")


@dataclass(frozen=True)
class Deep:
    """Trains deep networks on demand, each once: a claim that is not wanted costs nothing."""

    data: Data
    steps: int
    finished: Callable[[int], None] = lambda count: None
    done: dict[tuple[str, Optimiser, Init | None], Trained] = field(default_factory=dict)

    def trained(
        self, activation: str, optimiser: Optimiser = "sgd", init: Init | None = None
    ) -> Trained:
        """The network with this activation after the budget, at every learning rate."""
        key = (activation, optimiser, init)
        if key not in self.done:
            rates = RATES[optimiser]
            hidden = [WIDTH] * DEPTH
            self.done[key] = train_at_rates(
                self.data, hidden, activation, rates, self.steps, init=init, optimiser=optimiser
            )
            self.finished(len(self.done))
        return self.done[key]


def weight_changes(trained: Trained) -> Tensor:
    """|W - W0| / |W0| of each hidden layer at the tuned rate, Frobenius norms, (seeds, layers)."""
    changes = []
    for start, end in zip(trained.start[:-1], trained.ensemble.weights[:-1], strict=True):
        before, after = trained.of_best(start), trained.of_best(end.detach())
        changes.append((after - before).norm(dim=(1, 2)) / before.norm(dim=(1, 2)))
    return torch.stack(changes, dim=1)


def gradient_norms(trained: Trained, data: Data) -> tuple[Tensor, Tensor]:
    """Norm of the training loss's gradient at the tuned rate, (seeds,): whole, and layer 1's."""
    ensemble, variants = trained.ensemble, len(trained.rates)
    x, y = repeat(data.train.x, variants), repeat(data.train.y, variants)
    parameters = [*ensemble.weights, *ensemble.biases]
    gradients = torch.autograd.grad(member_losses(ensemble(x), y).sum(), parameters)
    squares = torch.stack([g.double().square().flatten(1).sum(1) for g in gradients])
    return trained.of_best(squares.sum(0).sqrt()), trained.of_best(squares[0].sqrt())


def loss_after_adam(trained: Trained, data: Data) -> Tensor:
    """Training loss once Adam has gone on from the tuned rate's very weights, (seeds,)."""
    ensemble = copy_of_best(trained)
    rates = over_rates([CONTINUED_RATE], data.seeds)
    train(ensemble, data, rates, CONTINUED_STEPS, optimiser="adam")
    return evaluate(ensemble, data.train)[0]


def loss_curve(trained: Trained) -> dict[str, list[float | None]]:
    """The band of the batch loss at the tuned rate, averaged over each twentieth of the budget."""
    losses = trained.losses[:, trained.best]
    return band(losses.view(CURVE_POINTS, -1, losses.shape[1]).mean(1))


def _curve_steps(steps: int) -> list[float]:
    """The middle of each of the curve's windows."""
    window = steps / CURVE_POINTS
    return [window * (point + 0.5) for point in range(CURVE_POINTS)]


def idle_layers(deep: Deep) -> Found:
    """V2: the first hidden layer's relative change as a part of the last one's."""
    numbers: list[Number] = []
    bands: dict[str, dict[str, Any]] = {}
    for optimiser in OPTIMISERS:
        changes = {name: weight_changes(deep.trained(name, optimiser)) for name in PAIR}
        bands[optimiser] = {name: band(c.T, geometric=True) for name, c in changes.items()}
        ratios = {name: change[:, 0] / change[:, -1] for name, change in changes.items()}
        numbers += [
            geometric_mean(f"change_ratio_{optimiser}", ratios["sigmoid"]),
            geometric_mean(f"change_ratio_relu_{optimiser}", ratios["relu"]),
            geometric_mean(f"change_first_{optimiser}", changes["sigmoid"][:, 0]),
            geometric_mean(f"change_last_{optimiser}", changes["sigmoid"][:, -1]),
        ]
    return numbers, {"layers": list(range(1, DEPTH + 1)), "optimiser": bands}


def slow_learning(deep: Deep) -> Found:
    """V3: training loss after the budget, sigmoid against ReLU."""
    numbers: list[Number] = []
    bands: dict[str, dict[str, Any]] = {}
    for optimiser in OPTIMISERS:
        runs = {name: deep.trained(name, optimiser) for name in PAIR}
        bands[optimiser] = {name: loss_curve(run) for name, run in runs.items()}
        for name, run in runs.items():
            # Losses spread over orders of magnitude; one that rounds to 0 still has a logarithm.
            loss = run.train_loss[run.best].clamp(min=1e-12)
            numbers.append(geometric_mean(f"loss_{name}_{optimiser}", loss))
    chance = math.log(deep.data.classes)
    numbers.append(Number("loss_chance", chance))
    series = {"steps": _curve_steps(deep.steps), "chance": chance, "optimiser": bands}
    return numbers, series


def stuck_runs(deep: Deep) -> Found:
    """V4: runs that stay at chance, their gradient, and whether Adam finds a way down from it."""
    limit = STUCK * math.log(deep.data.classes)
    run = deep.trained("sigmoid")
    relu = deep.trained("relu")
    after = loss_after_adam(run, deep.data)
    whole, first = gradient_norms(run, deep.data)
    stuck = run.train_loss[run.best] >= limit
    numbers = [
        share("stuck", int(stuck.sum()), stuck.numel()),
        share("stuck_relu", int((relu.train_loss[relu.best] >= limit).sum()), stuck.numel()),
        geometric_mean("gradient_norm", whole),
        geometric_mean("gradient_norm_first", first),
        share("left_with_adam", int((after < limit).sum()), after.numel()),
        mean("loss_after_adam", after),
    ]
    return numbers, {}


def remedy(deep: Deep) -> Found:
    """V5: test accuracy at the same depth and budget; the family also from torch's default init."""
    runs = {name: deep.trained(name) for name in FUNCTIONS}
    default = {f"{name}_default": deep.trained(name, init="default") for name in FAMILY}
    numbers = [
        mean(f"accuracy_{name}", run.test_accuracy[run.best], "share")
        for name, run in {**runs, **default}.items()
    ]
    return numbers, {
        "steps": _curve_steps(deep.steps),
        "chance": math.log(deep.data.classes),
        "function": {name: loss_curve(run) for name, run in runs.items()},
    }
