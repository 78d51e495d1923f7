"""Without activations a deep network is one affine map, and cannot bend a boundary.

Series; a bar is {"mean", "low", "high"}:
  N1: {"functions": [...], "rounding": {dtype: [eps a seed]}, "misfit": {function: bar}}.
  N2: {"accuracy": {set: {function: bar}}, "regions": {set: region}}; a region is the first split's
      {"limit": L, "points": [[x, y, class]], "grid": {function: rows}}, its rows the probability of
      class 1 in per cent on a grid over [-L, L]^2, y rising from row to row.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from nonlin.study import claims
from nonlin.study.context import Context
from nonlin.study.data import Data, load
from nonlin.study.design import FIRST_SEED
from nonlin.study.networks import ACTIVATIONS, Ensemble
from nonlin.study.results import Number, Outcome, Rules
from nonlin.study.statistics import mean
from nonlin.study.training import evaluate, train
from nonlin.study.verdict import Condition, above, below, judge

LAYERS = 10
WIDTH = 64
HIDDEN = (16, 16)
RATE = 0.03
# Without a function the accuracy wanders around one half: more samples narrow its interval.
SAMPLES_PER_SEED = 4
SETS = ("circles", "xor")
FIVE = tuple(name for name in ACTIVATIONS if name != "identity")
PRECISIONS = {"float32": torch.float32, "float64": torch.float64}


def collapses(numbers: Mapping[str, Number]) -> list[Condition]:
    """N1: the affine map is reached up to rounding, and no network with a function reaches one."""
    lines = claims.get("N1").lines
    return [
        *(below(p, numbers[f"rounding_{p}"], lines["roundings"], needed=True) for p in PRECISIONS),
        *(above(name, numbers[f"misfit_{name}"], lines["misfit"]) for name in FIVE),
    ]


def needs_activation(numbers: Mapping[str, Number]) -> list[Condition]:
    """N2: at chance without a function on both sets, solved with each of the five on both."""
    lines = claims.get("N2").lines
    conditions = []
    for data in SETS:
        without = numbers[f"accuracy_{data}_identity"]
        conditions.append(below(f"{data}_identity", without, lines["chance"], needed=True))
        for name in FIVE:
            number = numbers[f"accuracy_{data}_{name}"]
            conditions.append(above(f"{data}_{name}", number, lines["solved"]))
    return conditions


RULES: Rules = {"N1": collapses, "N2": needs_activation}


def measure(context: Context) -> list[Outcome]:
    """Collapse ten layers without activations, then train on circles and XOR."""
    outcomes = []
    if context.wants("N1"):
        outcomes.append(_collapse(context))
        context.progress(0.2)
    if context.wants("N2"):
        outcomes.append(_non_linear_problems(context))
    return outcomes


def deep_network(activation: str, members: range) -> Ensemble:
    """Ten layers of 64 units with biases of standard deviation 0.1, so that the map is affine."""
    network = Ensemble((*[WIDTH] * LAYERS, 10), activation, members)
    generators = [
        torch.Generator().manual_seed(3_000_003 + FIRST_SEED + member) for member in members
    ]
    with torch.no_grad():
        for bias in network.biases:
            for row, generator in zip(bias, generators, strict=True):
                row.normal_(0, 0.1, generator=generator)
    return network


def collapsed(network: Ensemble) -> tuple[Tensor, Tensor]:
    """The matrix A and the vector c of x A + c, which the layers without activations amount to."""
    pairs = zip(network.weights, network.biases, strict=True)
    matrix, offset = next(pairs)
    offset = offset.unsqueeze(1)
    for weight, bias in pairs:
        matrix, offset = matrix @ weight, torch.baddbmm(bias.unsqueeze(1), offset, weight)
    return matrix, offset


@torch.no_grad()
def rounding_difference(network: Ensemble, x: Tensor) -> Tensor:
    """Each member's largest distance to its affine map, relative to its largest output, in eps."""
    matrix, offset = collapsed(network)
    layered, direct = network(x), torch.baddbmm(offset, x, matrix)
    unit = layered.abs().amax((1, 2)) * torch.finfo(x.dtype).eps
    return torch.div((layered - direct).abs().amax((1, 2)), unit)


def misfit(x: Tensor, y: Tensor) -> Tensor:
    """RMS distance of y to its best affine fit in x, as a share of y's spread, (members,).

    Both are (members, samples, ...); the spread is the RMS distance of y to its mean.
    """
    affine = torch.cat([x, torch.ones_like(x[..., :1])], -1)
    # "gelsd" copes with pixels that are blank in every image.
    fit = affine @ torch.linalg.lstsq(affine, y, driver="gelsd").solution
    spread = (y - y.mean(1, keepdim=True)).square().sum((1, 2))
    return torch.sqrt((y - fit).square().sum((1, 2)) / spread)


@torch.no_grad()
def _collapse(context: Context) -> Outcome:
    digits = load("digits", context.seeds, context.first)
    x = torch.cat([digits.train.x, digits.validation.x, digits.test.x], 1)
    rounding = {
        name: rounding_difference(
            deep_network("identity", digits.members).to(dtype), x.to(dtype)
        ).tolist()
        for name, dtype in PRECISIONS.items()
    }
    double = x.double()
    misfits = {
        name: misfit(double, deep_network(name, digits.members).double()(double)) for name in FIVE
    }
    numbers = [mean(f"rounding_{name}", values, "eps") for name, values in rounding.items()]
    numbers += [mean(f"misfit_{name}", values.numpy(), "share") for name, values in misfits.items()]
    series = {"functions": list(FIVE), "rounding": rounding, "misfit": _bars(numbers, "misfit_")}
    return judge("N1", RULES, numbers, series=series)


def _non_linear_problems(context: Context) -> Outcome:
    numbers: list[Number] = []
    regions: dict[str, Any] = {}
    runs = [(data, name) for data in SETS for name in ACTIVATIONS]
    for done, (name, activation) in enumerate(runs):
        data = load(name, SAMPLES_PER_SEED * context.seeds, SAMPLES_PER_SEED * context.first)
        network = trained(data, activation, 200 if context.quick else 400)
        accuracy = evaluate(network, data.test)[1]
        numbers.append(mean(f"accuracy_{name}_{activation}", accuracy.numpy(), "share"))
        drawn = regions.setdefault(name, {**_points(data), "grid": {}})
        drawn["grid"][activation] = _region(network, drawn["limit"])
        context.progress(0.2 + 0.8 * (done + 1) / len(runs))
    accuracies = {name: _bars(numbers, f"accuracy_{name}_") for name in SETS}
    return judge("N2", RULES, numbers, series={"accuracy": accuracies, "regions": regions})


def trained(data: Data, activation: str, steps: int) -> Ensemble:
    """Two hidden layers of 16 units, one network a seed, trained by Adam."""
    network = Ensemble((data.inputs, *HIDDEN, data.classes), activation, data.members)
    train(network, data, [RATE] * data.seeds, steps, optimiser="adam")
    return network


def _bars(numbers: list[Number], prefix: str) -> dict[str, dict[str, float | None]]:
    """What a figure draws as one bar a function."""
    return {
        number.name.removeprefix(prefix): {
            "mean": number.value,
            "low": number.low,
            "high": number.high,
        }
        for number in numbers
        if number.name.startswith(prefix)
    }


def _points(data: Data) -> dict[str, Any]:
    """Seed 0's test points as [x, y, class], and the half width of the square that holds them."""
    x, y = data.test.x[0], data.test.y[0]
    points = [
        [round(a, 2), round(b, 2), c] for (a, b), c in zip(x.tolist(), y.tolist(), strict=True)
    ]
    return {"limit": round(float(x.abs().max()) * 1.05, 2), "points": points}


@torch.no_grad()
def _region(network: Ensemble, limit: float, side: int = 41) -> list[list[float]]:
    """Seed 0's probability of class 1 in per cent on a square grid, one list a row of equal y."""
    axis = torch.linspace(-limit, limit, side)
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    grid = torch.stack([x, y], -1).view(1, -1, 2).expand(network.members, -1, -1)
    percent = network(grid)[0].double().softmax(1)[:, 1].mul(100)
    # Whole per cents would turn a gentle slope into stairs, and its border into a staircase.
    return [[round(value, 2) for value in row] for row in percent.view(side, side).tolist()]
