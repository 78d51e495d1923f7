"""Dying units: who has a zero derivative on every training input, and who brings the dead back.

A unit is dead when its derivative is exactly zero on all training inputs. The cures are tried on
units that died by themselves: ReLU networks are trained by Adam at a rate that is too large for
them, then their function is exchanged and training goes on at a usual rate, beside the same
networks with ReLU. A unit is back when it is positive on some training input again.

Series, by claim, then optimiser; a band is {"mean", "low", "high"}, None where a run diverged:
  R6: {optimiser: {"rates": [...], "steps": [...], "dead": {function: band over rates},
       "over_training": [band of ReLU, one a rate]}}.
  K2, K5, E4: {optimiser: {"steps": [...], "back": {function: band}}}.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from nonlin.study import claims
from nonlin.study.context import Context
from nonlin.study.data import Data, load
from nonlin.study.networks import Ensemble
from nonlin.study.results import Number, Outcome, Rules
from nonlin.study.statistics import band, difference, mean, share
from nonlin.study.training import Optimiser
from nonlin.study.tuning import Trained, train_at_rates
from nonlin.study.units import Recovery, dead, recover
from nonlin.study.verdict import Condition, above, below, fact, judge

Numbers = Mapping[str, Number]

HIDDEN = (64, 64, 64)
# Adam's steps stay bounded at any rate, so its large rates kill units where SGD's diverge.
RATES: dict[Optimiser, tuple[float, ...]] = {
    "sgd": (0.01, 0.03, 0.1),
    "adam": (0.001, 0.003, 0.01, 0.03),
}
LETHAL = ("adam", 0.03)
CONTINUED: dict[Optimiser, float] = {"sgd": 0.03, "adam": 0.003}
CHECKS = 10
CURES = {"K2": "leaky_relu", "K5": "leaky_relu", "E4": "elu"}


def _dying(n: Numbers) -> list[Condition]:
    """R6: that units can die is shown by networks in which some did; how many is a number."""
    return [fact("found", n["networks_with_deaths"].value > 0)]


def _cured(claim: str) -> claims.Rule:
    """K2, E4: most of the dead come back, however training goes on."""
    line = claims.get(claim).lines["most"]
    return lambda n: [above(name, n[f"back_{name}"], line) for name in CONTINUED]


def _elu_cures(n: Numbers) -> list[Condition]:
    """E4: and its own units do not die where ReLU's do. That Leaky ReLU's cannot is a theorem."""
    own = below("own", n["dead_own"], claims.get("E4").lines["some"], needed=True)
    return [*_cured("E4")(n), own]


def _mitigated(n: Numbers) -> list[Condition]:
    """K5: more of the dead come back than with ReLU."""
    line = claims.get("K5").lines["some"]
    return [above(name, n[f"more_back_{name}"], line) for name in CONTINUED]


RULES: Rules = {"R6": _dying, "K2": _cured("K2"), "K5": _mitigated, "E4": _elu_cures}


@dataclass(frozen=True)
class Run:
    """One function trained at every rate; `dead` is (checks + 1, rates, seeds), NaN if diverged."""

    trained: Trained
    dead: Tensor


def observed(data: Data, activation: str, optimiser: Optimiser, steps: int) -> Run:
    """Count the dead while a network trains at every rate."""
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
    return Run(trained, taken)


def _steps(steps: int) -> list[int]:
    return [steps // CHECKS * check for check in range(CHECKS + 1)]


def _lethal(run: Run) -> Tensor:
    """The dead share of each seed at the rate that is too large; a diverged run has none."""
    return run.dead[-1, RATES["adam"].index(LETHAL[1])].nan_to_num(0.0)


def _dying_relu(runs: Mapping[Optimiser, Run], elu: Run, steps: int) -> Outcome:
    numbers: list[Number] = []
    series: dict[str, Any] = {}
    for optimiser, run in runs.items():
        tuned = run.trained.at_best(run.dead[-1]).nan_to_num(0.0)
        numbers.append(mean(f"dead_tuned_{optimiser}", tuned, "share"))
        both = {"relu": run, "elu": elu} if optimiser == "adam" else {"relu": run}
        series[optimiser] = {
            "rates": list(RATES[optimiser]),
            "steps": _steps(steps),
            "dead": {name: band(each.dead[-1]) for name, each in both.items()},
            "over_training": [band(run.dead[:, rate]) for rate in range(len(RATES[optimiser]))],
        }
    tuned = torch.stack([run.trained.at_best(run.dead[-1]) for run in runs.values()])
    numbers += [
        share("networks_with_deaths", int((tuned > 0).sum()), tuned.numel()),
        mean("dead_lethal", _lethal(runs["adam"]), "share"),
        mean("dead_at_start", runs["adam"].dead[0].mean(0), "share"),
    ]
    return judge("R6", RULES, numbers, series=series)


def _cure(claim: str, recoveries: Mapping[tuple[str, Optimiser], Recovery], elu: Run) -> Outcome:
    """K2, K5, E4: one function beside ReLU, in the same networks with the same dead units."""
    name = CURES[claim]
    numbers: list[Number] = []
    series: dict[str, Any] = {}
    for optimiser in CONTINUED:
        ours, relu = recoveries[name, optimiser], recoveries["relu", optimiser]
        numbers += [
            mean(f"back_{optimiser}", ours.back[-1], "share"),
            mean(f"back_relu_{optimiser}", relu.back[-1], "share"),
            difference(f"more_back_{optimiser}", ours.back[-1], relu.back[-1]),
            mean(f"accuracy_back_{optimiser}", ours.accuracy, "share"),
            mean(f"accuracy_back_relu_{optimiser}", relu.accuracy, "share"),
        ]
        pair = {"relu": relu, name: ours}
        series[optimiser] = {
            "steps": ours.steps,
            "back": {function: band(each.back) for function, each in pair.items()},
        }
    # The same whichever optimiser goes on: nothing is trained yet.
    numbers.append(mean("lifted", recoveries[name, "adam"].back[0], "share"))
    numbers.append(mean("dead_before", recoveries["relu", "adam"].dead, "share"))
    if claim == "E4":
        numbers.append(mean("dead_own", _lethal(elu), "share"))
    return judge(claim, RULES, numbers, series=series)


def measure(context: Context) -> list[Outcome]:
    """Measure R6, K2, K5 and E4 on the digits."""
    steps = 60 if context.quick else 300
    data = load("digits", context.seeds, context.first)
    runs = {optimiser: observed(data, "relu", optimiser, steps) for optimiser in RATES}
    context.progress(0.3)
    elu = observed(data, "elu", "adam", steps)
    outcomes = [_dying_relu(runs, elu, steps)]
    context.progress(0.5)
    wanted = [claim for claim in CURES if context.wants(claim)]
    names = ["relu", *dict.fromkeys(CURES[claim] for claim in wanted)] if wanted else []
    recoveries: dict[tuple[str, Optimiser], Recovery] = {}
    for name in names:
        for optimiser, rate in CONTINUED.items():
            lethal = RATES["adam"].index(LETHAL[1])
            recoveries[name, optimiser] = recover(
                runs["adam"].trained, lethal, data, name, steps, CHECKS, optimiser, rate
            )
            context.progress(0.5 + 0.5 * len(recoveries) / (len(names) * len(CONTINUED)))
    return [*outcomes, *(_cure(claim, recoveries, elu) for claim in wanted)]
