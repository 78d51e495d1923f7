"""How many epochs a function needs to a given training loss, at the learning rate that suits it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nonlin.study import claims
from nonlin.study.context import Context
from nonlin.study.data import Data, load
from nonlin.study.networks import Ensemble, Function
from nonlin.study.results import Number
from nonlin.study.statistics import geometric_mean, mean
from nonlin.study.training import evaluate, train

HIDDEN = (32, 32, 32)
BATCH = 64
CHECKS = 4
TARGET = claims.get("T4").lines["target"]
TUNING_SEEDS = {"quick": 2, "usual": 5}
# Two splits a seed: a rate at the edge of stability has a slow run now and then.
SPLITS_PER_SEED = 2


@dataclass(frozen=True)
class Variant:
    """A function, and by how much it lies above its centred twin."""

    function: Function
    offset: float = 0.0


# Centred or not, times steep (slope 1 at 0) or shallow (slope 1/4): what differs is told apart.
VARIANTS: dict[str, Variant] = {
    "tanh": Variant(torch.tanh),
    "tanh_shifted": Variant(lambda z: torch.tanh(z) + 1, 1.0),
    "sigmoid_centred": Variant(lambda z: torch.sigmoid(z) - 0.5),
    "sigmoid": Variant(torch.sigmoid, 0.5),
}
CONTROL = "tanh_from_sigmoid"

Floats = NDArray[np.float64]


def tanh_from_sigmoid(z: Tensor) -> Tensor:
    """2 sigmoid(2 z) - 1, which is tanh(z): the control that must learn like it."""
    return 2 * torch.sigmoid(2 * z) - 1


@torch.no_grad()
def compensate(network: Ensemble, offset: float) -> None:
    """Lower the biases so that the network starts as the function that its centred twin starts as.

    Without this a shifted function would also start elsewhere: the difference that is measured
    would be that of two starts as much as that of two centres.
    """
    for weight, bias in zip(network.weights[1:], network.biases[1:], strict=True):
        bias.sub_(offset * weight.sum(1))


@dataclass(frozen=True)
class Race:
    """Training losses of networks, (checks, members): at the start, then CHECKS times an epoch."""

    losses: Floats

    def epochs(self, target: float) -> Floats:
        """The epochs to a training loss of at most `target`; infinite where it is not reached."""
        reached = self.losses <= target
        first = np.where(reached.any(0), reached.argmax(0) / CHECKS, np.inf)
        return np.asarray(first, dtype=np.float64)


def race(data: Data, variant: Variant, rates: Sequence[float], epochs: int) -> Race:
    """Train from Xavier's weights by SGD with momentum, every seed at every rate, rate-major."""
    sizes = (data.inputs, *HIDDEN, data.classes)
    network = Ensemble(sizes, variant.function, list(data.members) * len(rates), init="xavier")
    compensate(network, variant.offset)
    steps = data.train.y.shape[1] // BATCH
    losses: list[Tensor] = []

    def observe(step: int) -> None:
        if step % (steps // CHECKS) == 0:
            losses.append(evaluate(network, data.train)[0])

    each = [rate for rate in rates for _ in data.members]
    train(network, data, each, steps * epochs, batch=BATCH, observe=observe)
    # A rate that is too large ends in NaN, which no comparison with a target passes.
    return Race(torch.stack(losses).double().numpy())


def average_epochs(race: Race, rates: int, target: float) -> list[float]:
    """The mean epochs at each rate; infinite if one of its seeds did not get there."""
    averages: list[float] = race.epochs(target).reshape(rates, -1).mean(1).tolist()
    return averages


@dataclass(frozen=True)
class Entry:
    """One function's race: the epochs of every rate on the tuning seeds, the run at the best."""

    tuning: list[float]
    rate: float
    run: Race
    limit: int

    @property
    def taken(self) -> Floats:
        """The epochs of each seed; one that did not get there counts as the limit."""
        return np.minimum(self.run.epochs(TARGET), self.limit)


def compare(context: Context) -> tuple[list[Number], dict[str, Any]]:
    """Race the four variants, each at its best rate, and the control at tanh's.

    The rate is chosen on seeds of its own: the choice must not flatter the seeds that count.
    """
    counted = SPLITS_PER_SEED * context.seeds
    tuning = TUNING_SEEDS["quick" if context.quick else "usual"]
    # The tuning seeds come before all blocks of seeds that count: every block has the same rates.
    held = load("digits", tuning)
    ours = load("digits", counted, tuning + SPLITS_PER_SEED * context.first)
    rates = [2.0**k for k in ((-3, -1, 1) if context.quick else range(-6, 3))]
    limit = 12 if context.quick else 16
    entries = {}
    for done, (name, variant) in enumerate(VARIANTS.items()):
        entries[name] = _enter(held, ours, variant, rates, limit)
        context.progress(0.2 + 0.8 * (done + 1) / (len(VARIANTS) + 1))
    best = entries["tanh"].rate
    control = race(ours, Variant(tanh_from_sigmoid), [best], limit)
    entries[CONTROL] = Entry([], best, control, limit)
    context.progress(1.0)
    return _numbers(entries), _series(entries, rates)


def _enter(held: Data, ours: Data, variant: Variant, rates: list[float], limit: int) -> Entry:
    """Tune on seeds of their own, run on those that count."""
    averages = average_epochs(race(held, variant, rates, limit), len(rates), TARGET)
    best = rates[int(np.argmin(averages))]
    return Entry(averages, best, race(ours, variant, [best], limit), limit)


def _numbers(entries: dict[str, Entry]) -> list[Number]:
    taken = {name: entry.taken for name, entry in entries.items()}
    numbers = [mean(f"epochs_{name}", values, "epochs") for name, values in taken.items()]
    numbers += [Number(f"rate_{name}", entries[name].rate) for name in VARIANTS]
    ratios = {
        "sigmoid_over_tanh": ("sigmoid", "tanh"),
        "uncentring_tanh": ("tanh_shifted", "tanh"),
        "uncentring_sigmoid": ("sigmoid", "sigmoid_centred"),
        "control_over_tanh": (CONTROL, "tanh"),
    }
    return numbers + [geometric_mean(n, taken[a] / taken[b]) for n, (a, b) in ratios.items()]


def _series(entries: dict[str, Entry], rates: list[float]) -> dict[str, Any]:
    curves = {name: entry.run.losses.mean(1) for name, entry in entries.items()}
    return {
        "target": TARGET,
        "curves": {
            name: {"epoch": [i / CHECKS for i in range(len(losses))], "loss": _finite(losses)}
            for name, losses in curves.items()
        },
        "rates": {
            name: {"rate": rates, "epochs": _finite(entry.tuning)}
            for name, entry in entries.items()
            if entry.tuning
        },
    }


def _finite(values: Iterable[float]) -> list[float | None]:
    """JSON has no infinities: what diverged, or took for ever, is left out of a curve."""
    return [float(value) if np.isfinite(value) else None for value in values]
