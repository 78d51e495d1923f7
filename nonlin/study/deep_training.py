"""What the vanishing gradient does to learning: ten hidden layers on the digits, V2 to V5.

Each public function that takes `Deep` gives a claim's numbers and series; vanishing.py describes
the series and judges the numbers. The control is a sigmoid network that starts as the function that
a tanh network is ("as_tanh"): the same function, layers and budget, without the vanishing gradient.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from nonlin.study import claims
from nonlin.study.curvature import curvature
from nonlin.study.data import Data
from nonlin.study.networks import ACTIVATIONS, Init
from nonlin.study.results import Number
from nonlin.study.statistics import band, difference, geometric_mean, mean, share
from nonlin.study.training import Optimiser
from nonlin.study.tuning import Trained, copy_of_best, train_at_rates

Found = tuple[list[Number], dict[str, Any]]

DEPTH = 10
WIDTH = 64
RATES: dict[Optimiser, tuple[float, ...]] = {
    "sgd": (0.01, 0.03, 0.1),
    "adam": (0.001, 0.003),
}
OPTIMISERS: tuple[Optimiser, ...] = ("sgd", "adam")
FROZEN = 3  # of the ten hidden layers, the first ones
CURVE_POINTS = 20
# Both of the loss at chance.
STUCK = claims.get("V4").lines["stuck"]
TARGET = claims.get("V3").lines["target"]
WINDOW = 10  # steps over which a batch loss is averaged before it counts as reached
PAIR = ("sigmoid", "relu")
FAMILY = ("relu", "leaky_relu", "elu")
FUNCTIONS = tuple(name for name in ACTIVATIONS if name != "identity")
# What the control is called in numbers and figures: its function, and its start.
CONTROL = "sigmoid_as_tanh"


@dataclass(frozen=True)
class Deep:
    """Trains deep networks on demand, each once: a claim that is not wanted costs nothing."""

    data: Data
    steps: int
    finished: Callable[[int], None] = lambda count: None
    done: dict[tuple[str, Optimiser, Init | None, int], Trained] = field(default_factory=dict)

    def trained(
        self,
        activation: str,
        optimiser: Optimiser = "sgd",
        init: Init | None = None,
        frozen: int = 0,
    ) -> Trained:
        """The network with this activation after the budget, at every learning rate."""
        key = (activation, optimiser, init, frozen)
        if key not in self.done:
            self.done[key] = train_at_rates(
                self.data,
                [WIDTH] * DEPTH,
                activation,
                RATES[optimiser],
                self.steps,
                init=init,
                optimiser=optimiser,
                frozen=frozen,
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


def steps_to(trained: Trained, target: float) -> Tensor:
    """Steps until the batch loss, averaged over a window, is at the target, (seeds,).

    At whichever rate is there first; a run that does not get there counts as one more than the
    budget, so that a ratio to it is only a lower bound.
    """
    steps = trained.losses.shape[0]
    windows = trained.losses.unfold(0, WINDOW, 1).mean(-1)
    reached = windows <= target
    first = torch.where(reached.any(0), reached.int().argmax(0) + WINDOW, steps + 1)
    return first.amin(0)


def loss_curve(trained: Trained) -> dict[str, list[float | None]]:
    """The band of the batch loss at the tuned rate, averaged over each twentieth of the budget."""
    losses = torch.stack([trained.at_best(losses) for losses in trained.losses])
    return band(losses.view(CURVE_POINTS, -1, losses.shape[1]).mean(1))


def _curve_steps(steps: int) -> list[float]:
    """The middle of each of the curve's windows."""
    window = steps / CURVE_POINTS
    return [window * (point + 0.5) for point in range(CURVE_POINTS)]


def idle_layers(deep: Deep) -> Found:
    """V2: what the early layers' learning adds, against networks whose early layers are frozen."""
    numbers: list[Number] = []
    bands: dict[str, dict[str, Any]] = {}
    for optimiser in OPTIMISERS:
        whole = deep.trained("sigmoid", optimiser)
        frozen = deep.trained("sigmoid", optimiser, frozen=FROZEN)
        changes = {name: weight_changes(deep.trained(name, optimiser)) for name in PAIR}
        bands[optimiser] = {name: band(c.T, geometric=True) for name, c in changes.items()}
        with_all, without = (run.at_best(run.train_accuracy) for run in (whole, frozen))
        numbers += [
            difference(f"early_gain_{optimiser}", with_all, without),
            mean(f"learnt_whole_{optimiser}", with_all, "share"),
            mean(f"learnt_frozen_{optimiser}", without, "share"),
            geometric_mean(f"change_first_{optimiser}", changes["sigmoid"][:, 0]),
            geometric_mean(f"change_last_{optimiser}", changes["sigmoid"][:, -1]),
        ]
    return numbers, {"layers": list(range(1, DEPTH + 1)), "optimiser": bands}


def slow_learning(deep: Deep) -> Found:
    """V3: steps to half of the loss at chance, the usual start against one that does not vanish."""
    chance = math.log(deep.data.classes)
    numbers: list[Number] = []
    bands: dict[str, dict[str, Any]] = {}
    for optimiser in OPTIMISERS:
        runs = {name: deep.trained(name, optimiser) for name in PAIR}
        runs[CONTROL] = deep.trained("sigmoid", optimiser, "as_tanh")
        bands[optimiser] = {name: loss_curve(run) for name, run in runs.items()}
        taken = {name: steps_to(run, TARGET * chance).double() for name, run in runs.items()}
        ratio = taken["sigmoid"] / taken[CONTROL]
        numbers.append(geometric_mean(f"slowdown_{optimiser}", ratio))
        for name, run in runs.items():
            numbers.append(geometric_mean(f"steps_{name}_{optimiser}", taken[name], "steps"))
            # Losses spread over orders of magnitude; one that rounds to 0 still has a logarithm.
            loss = run.finite_loss.clamp(min=1e-12)
            numbers.append(geometric_mean(f"loss_{name}_{optimiser}", loss))
    numbers.append(Number("loss_chance", chance))
    return numbers, {"steps": _curve_steps(deep.steps), "chance": chance, "optimiser": bands}


def stuck_runs(deep: Deep) -> Found:
    """V4: runs that stay at chance, and whether the place where they stay is a minimum."""
    limit = STUCK * math.log(deep.data.classes)
    run, relu = deep.trained("sigmoid"), deep.trained("relu")
    control = deep.trained("sigmoid", init="as_tanh")
    norm, lowest, highest = curvature(copy_of_best(run), deep.data.train)
    numbers = [_share_stuck(name, each, limit) for name, each in (("", run), ("_relu", relu))]
    numbers += [
        _share_stuck("_control", control, limit),
        geometric_mean("gradient_norm", norm),
        mean("lowest_curvature", lowest),
        mean("highest_curvature", highest),
        mean("curvature_ratio", lowest / highest),
    ]
    return numbers, {}


def _share_stuck(suffix: str, run: Trained, limit: float) -> Number:
    loss = run.finite_loss
    return share(f"stuck{suffix}", int((loss >= limit).sum()), loss.numel())


def remedy(deep: Deep) -> Found:
    """V5: what each of the family gains over the sigmoid, from He's start and from torch's default.

    A sigmoid without the vanishing gradient stands beside it: a start is a remedy as well.
    """
    runs = {name: deep.trained(name) for name in FUNCTIONS}
    runs |= {f"{name}_default": deep.trained(name, init="default") for name in FAMILY}
    runs[CONTROL] = deep.trained("sigmoid", init="as_tanh")
    accuracy = {name: run.at_best(run.test_accuracy) for name, run in runs.items()}
    numbers = [mean(f"accuracy_{name}", values, "share") for name, values in accuracy.items()]
    for name in (*FAMILY, *(f"{name}_default" for name in FAMILY)):
        numbers.append(difference(f"gain_{name}", accuracy[name], accuracy["sigmoid"]))
    return numbers, {
        "steps": _curve_steps(deep.steps),
        "chance": math.log(deep.data.classes),
        "function": {name: loss_curve(runs[name]) for name in FUNCTIONS},
    }
