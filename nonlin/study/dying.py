"""Dying units: who has a zero derivative on every training input, and who comes back after a shock.

A unit is dead when its derivative is exactly zero on all training inputs. The shock pushes the bias
of every hidden unit of a trained network down, until the unit's highest pre-activation on the
training inputs is -1 (shallow) or -10 (deep); a unit is back when it is positive on some training
input again.

Series, by claim, then optimiser; a band is {"mean", "low", "high"}, None where a run diverged:
  R6: {optimiser: {"rates": [...], "steps": [...], "dead": {function: band over rates},
       "diverged": {function: share, a rate}, "over_training": [band of ReLU, one a rate]}}.
  K2, E4: {optimiser: {"steps": [...], "back": {"shallow" or "deep": {function: band}}}}.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from nonlin.study.context import Context
from nonlin.study.data import Data, load
from nonlin.study.networks import Ensemble
from nonlin.study.results import Number, Outcome, Rules, Verdict, by_conditions, judge
from nonlin.study.shock import MARGINS, Recovery, recover
from nonlin.study.statistics import band, mean, share
from nonlin.study.training import Optimiser
from nonlin.study.tuning import Trained, train_at_rates
from nonlin.study.units import dead

Numbers = Mapping[str, Number]

HIDDEN = (64, 64, 64)
# Adam's steps stay bounded at any rate, so its large rates kill units where SGD's diverge.
RATES: dict[Optimiser, tuple[float, ...]] = {
    "sgd": (0.01, 0.03, 0.1, 0.15),
    "adam": (0.001, 0.003, 0.01, 0.03, 0.1, 0.3),
}
CHECKS = 10
SOME = 0.01  # the share of dead units from which on units are said to die


def _dying(n: Numbers) -> Verdict:
    """Units die at the tuned learning rate (holds), only at another one (depends), or nowhere."""
    if all(n[f"dead_tuned_{optimiser}"].least > SOME for optimiser in RATES):
        return "holds"
    anywhere = any(n[f"dead_worst_{optimiser}"].least > SOME for optimiser in RATES)
    return "depends" if anywhere else "fails"


def _cured(n: Numbers) -> Verdict:
    """None die in the same runs; more than half come back, and more than of ReLU's units."""
    none_die = [n[f"dead_worst_{optimiser}"].most < SOME for optimiser in RATES]
    shocks = [f"{optimiser}_{depth}" for optimiser in RATES for depth in MARGINS]
    back = [n[f"back_{s}"].least > max(0.5, n[f"back_relu_{s}"].most) for s in shocks]
    return by_conditions([*none_die, *back])


RULES: Rules = {"R6": _dying, "K2": _cured, "E4": _cured}
FUNCTIONS = {"R6": "relu", "K2": "leaky_relu", "E4": "elu"}


@dataclass(frozen=True)
class Run:
    """One function trained at every rate; `dead` is (checks + 1, rates, seeds), NaN if diverged."""

    trained: Trained
    dead: Tensor
    recoveries: Mapping[str, Recovery]

    @property
    def worst(self) -> int:
        """The rate with the most dead units in the end, of those that diverged under no seed."""
        final = self.dead[-1].mean(1)
        return int(torch.where(final.isfinite(), final, -1.0).argmax())

    @property
    def diverged(self) -> Tensor:
        """Which runs diverged, bool (rates, seeds)."""
        return self.dead[-1].isnan()


Runs = Mapping[tuple[str, Optimiser], Run]


def train_and_shock(data: Data, activation: str, optimiser: Optimiser, steps: int) -> Run:
    """Count the dead while a network trains at every rate, then shock the tuned networks."""
    shape = (len(RATES[optimiser]), data.seeds)
    shares: list[Tensor] = []

    def observe(ensemble: Ensemble, step: int) -> None:
        if step % (steps // CHECKS) == 0:
            shares.append(dead(ensemble, data.train).float().mean((1, 2)).view(shape))

    trained = train_at_rates(
        data, HIDDEN, activation, RATES[optimiser], steps, optimiser=optimiser, observe=observe
    )
    taken = torch.stack(shares)
    taken[:, ~trained.train_loss.isfinite()] = torch.nan
    recoveries = {
        depth: recover(trained, data, margin, steps, CHECKS, optimiser)
        for depth, margin in MARGINS.items()
    }
    return Run(trained, taken, recoveries)


def _steps(steps: int) -> list[int]:
    return [steps // CHECKS * check for check in range(CHECKS + 1)]


def _deaths(run: Run, optimiser: Optimiser) -> list[Number]:
    """The dead share at the tuned and at the worst rate, and which rates those are."""
    final = run.dead[-1]
    return [
        mean(f"dead_tuned_{optimiser}", final[run.trained.best], "share"),
        mean(f"dead_worst_{optimiser}", final[run.worst], "share"),
        Number(f"rate_tuned_{optimiser}", run.trained.rate),
        Number(f"rate_worst_{optimiser}", RATES[optimiser][run.worst]),
    ]


def _dying_relu(runs: Runs, steps: int) -> Outcome:
    numbers: list[Number] = []
    series: dict[str, Any] = {}
    for optimiser, rates in RATES.items():
        of = {name: runs[name, optimiser] for name in FUNCTIONS.values()}
        relu = of["relu"]
        diverged = relu.diverged
        numbers += _deaths(relu, optimiser)
        numbers.append(share(f"diverged_{optimiser}", int(diverged.sum()), diverged.numel()))
        series[optimiser] = {
            "rates": list(rates),
            "steps": _steps(steps),
            "dead": {name: band(run.dead[-1]) for name, run in of.items()},
            "diverged": {name: run.diverged.float().mean(1).tolist() for name, run in of.items()},
            "over_training": [band(relu.dead[:, rate]) for rate in range(len(rates))],
        }
    return judge("R6", RULES, numbers, series=series)


def _cure(claim: str, runs: Runs, steps: int) -> Outcome:
    """K2, E4: one function beside ReLU, in the same runs and after the same shocks."""
    name = FUNCTIONS[claim]
    numbers: list[Number] = []
    series: dict[str, Any] = {}
    for optimiser in RATES:
        ours, relu = runs[name, optimiser], runs["relu", optimiser]
        numbers += _deaths(ours, optimiser)
        for depth in MARGINS:
            shock = f"{optimiser}_{depth}"
            back, relu_back = ours.recoveries[depth], relu.recoveries[depth]
            numbers.append(mean(f"back_{shock}", back.back[-1], "share"))
            numbers.append(mean(f"back_relu_{shock}", relu_back.back[-1], "share"))
            numbers.append(mean(f"accuracy_back_{shock}", back.accuracy, "share"))
        pair = {"relu": relu, name: ours}
        bands = {d: {f: band(run.recoveries[d].back) for f, run in pair.items()} for d in MARGINS}
        series[optimiser] = {"steps": _steps(steps), "back": bands}
    return judge(claim, RULES, numbers, series=series)


def measure(context: Context) -> list[Outcome]:
    """Measure R6, K2 and E4 on the digits: the same runs for ReLU, Leaky ReLU and ELU."""
    steps = 60 if context.quick else 400
    data = load("digits", context.seeds)
    runs: dict[tuple[str, Optimiser], Run] = {}
    for name in FUNCTIONS.values():
        for optimiser in RATES:
            runs[name, optimiser] = train_and_shock(data, name, optimiser, steps)
            context.progress(len(runs) / (len(FUNCTIONS) * len(RATES)))
    return [_dying_relu(runs, steps), *(_cure(claim, runs, steps) for claim in ("K2", "E4"))]
