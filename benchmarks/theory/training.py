"""Does it train: depth against the variance of the first weights, on the digits.

Networks of 64 units train for a fixed number of steps with SGD and momentum, at each of a few
learning rates; what counts is the test accuracy at the rate that is best on the validation part.
Depth, function and weight variance change, nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch

from nonlin.catalogue import DOCUMENT, get
from nonlin.propagation import critical_initialization, propagate
from nonlin.study.data import Data, load
from nonlin.study.gradients import variances
from nonlin.study.networks import Ensemble
from nonlin.study.training import evaluate, train

WIDTH = 64
FUNCTIONS = DOCUMENT
MULTIPLES = (0.3, 0.5, 0.65, 0.8, 0.9, 1.0, 1.15, 1.4, 2.0, 3.0)
DEPTHS_OF_XI = 6.0  # Schoenholz et al. 2017


@dataclass(frozen=True)
class Start:
    """How weights start: sw2 and sb2; `name` is "" for a column of the map."""

    name: str
    weight_variance: float
    bias_variance: float = 0.0


@dataclass(frozen=True)
class Budget:
    """What each network gets."""

    depths: tuple[int, ...]
    seeds: int
    steps: int
    rates: tuple[float, ...]


FULL = Budget((2, 4, 8, 12, 16, 24, 32, 48, 64), 3, 200, (0.003, 0.03))
QUICK = Budget((2, 8, 24), 1, 40, (0.03,))


def starts(name: str) -> list[Start]:
    """List the columns of a function's map, then the starts that have names."""
    critical = critical_initialization(get(name)).weight_variance
    columns = [Start("", multiple * critical) for multiple in MULTIPLES]
    named = [Start(init, *variances(init, WIDTH, name)) for init in ("default", "xavier", "he")]
    return [*columns, *named, Start("critical", critical)]


def depth_limit(name: str, start: Start) -> float:
    """Predict the depth beyond which a network does not train: 6 xi.

    xi is the depth scale of correlations, xi_c; where lengths vanish or grow without limit it is
    that of gradients, 1 / |ln chi1|. Infinite at criticality.
    """
    found = propagate(
        get(name),
        weight_variance=start.weight_variance,
        bias_variance=start.bias_variance,
        depth=1,
    )
    if math.isfinite(found.c_star):
        return DEPTHS_OF_XI * found.xi_c
    log = abs(math.log(found.chi1))
    return DEPTHS_OF_XI / log if log > 1e-6 else math.inf


@contextmanager
def small_networks() -> Iterator[None]:
    """Compute as suits networks of 64 units: on one thread, subnormal numbers taken as 0.

    A second thread waits longer than it works. Gradients that vanish become subnormal, and these
    are many times slower to compute with; as steps of a weight they are all nothing.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)
        torch.set_num_threads(threads)


def accuracies(name: str, depth: int, budget: Budget) -> list[list[float]]:
    """Train one function's networks of one depth: test accuracies, by start, then by seed."""
    data = load("digits", budget.seeds)
    by_rate = [_trained(name, depth, rate, data, budget.steps) for rate in budget.rates]
    validation = torch.stack([pair[0] for pair in by_rate])
    test = torch.stack([pair[1] for pair in by_rate])
    best = test.gather(0, validation.argmax(0, keepdim=True))[0]
    table: list[list[float]] = best.view(-1, budget.seeds).tolist()
    return [[round(x, 6) for x in row] for row in table]


def _trained(
    name: str, depth: int, rate: float, data: Data, steps: int
) -> tuple[torch.Tensor, torch.Tensor]:
    chosen = starts(name)
    sizes = [data.inputs, *[WIDTH] * depth, data.classes]
    ensemble = Ensemble(sizes, name, list(range(data.seeds)) * len(chosen), "xavier")
    _scale(ensemble, chosen, data.seeds)
    train(ensemble, data, [rate] * ensemble.members, steps)
    return tuple(evaluate(ensemble, part)[1] for part in (data.validation, data.test))  # type: ignore[return-value]


@torch.no_grad()
def _scale(ensemble: Ensemble, chosen: Sequence[Start], seeds: int) -> None:
    """Give each member its start; the last layer, which no function follows, has sw2 = 1."""
    generator = torch.Generator().manual_seed(3_000_017)
    last = len(ensemble.weights) - 1
    for layer, (weight, bias) in enumerate(zip(ensemble.weights, ensemble.biases, strict=True)):
        drawn = 2 / (weight.shape[1] + weight.shape[2])
        noise = torch.randn(bias[:seeds].shape, generator=generator)
        for place, start in enumerate(chosen):
            members = slice(place * seeds, (place + 1) * seeds)
            named = layer == last and start.name != "default"
            variance = 1.0 if named else start.weight_variance
            weight[members] *= math.sqrt(variance / weight.shape[1] / drawn)
            bias[members] = 0.0 if named else math.sqrt(start.bias_variance) * noise
